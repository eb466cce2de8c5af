/**
 * Processes the records of one shard whose keys hash to one lane, strictly one batch after the other. That is all the
 * order a mapping promises, and it is kept through failures. Records leave a lane processed or dropped, and drops are
 * counted and logged.
 *
 * A batch goes when it is full by count or bytes, or when its window is over. A window opens when the lane begins or
 * the previous batch has ended, as AWS documents it for streams, not with the first record; where one ends without a
 * record, which AWS does not document, the next follows. So a record that comes alone waits half a window on average.
 */
import type { Clock, Random, Timer } from '../../../bench/ports.ts';
import { requestId } from '../ids.ts';
import type { FUNCTION_SOURCES, MAPPING, Meters } from '../meters.ts';
import type { FunctionHost, InvocationResult } from '../ports.ts';
import type { Quirks } from '../quirks.ts';
import type { Shard, ShardRecord } from '../stream/shard.ts';
import { epochNow, Pause } from '../waiting.ts';
import {
  type Batch,
  type DiscardCondition,
  eventBytes,
  failureRecord,
  freshBatch,
  invocationEvent,
  type MappingFacts,
  settleBatch,
} from './batch.ts';
import type { MappingSettings } from './mapping-settings.ts';

/**
 * Wait before a retry: doubles from the first to the second bound with each failure in a row, less a random half. AWS
 * documents that it backs off but not how; these keep a poisoned lane from burning a core and still let it recover
 * within seconds.
 */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

/** Longest excerpt of a function's error message in a log line. */
const MESSAGE_CHARACTERS = 300;

export interface LaneOptions {
  readonly settings: MappingSettings;
  readonly facts: MappingFacts;
  readonly shard: Shard;
  readonly host: FunctionHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly meters: Meters<typeof FUNCTION_SOURCES & typeof MAPPING>;
  /** Most bytes of one invocation. */
  readonly invocationBytes: number;
  readonly quirks: Quirks;
  /** The record was processed or dropped. */
  readonly finished: (records: readonly ShardRecord[]) => void;
  readonly deliverFailure: (destinationArn: string, record: unknown) => void;
  /** How an invocation ended: what the mapping shows as its last result. */
  readonly invoked: (result: InvocationResult) => void;
  readonly log: (line: string) => void;
}

export class Lane {
  readonly #options: LaneOptions;
  #queue: ShardRecord[] = [];
  #queuedBytes = 0;
  /** What is left of a batch that failed; it comes before the queue. */
  #parts: Batch[] = [];
  #windowOpenedMs: number;
  #windowTimer: Timer | null = null;
  #running: Promise<void> | null = null;
  #failuresInRow = 0;
  #stopped = false;
  #closed = false;
  readonly #pause = new Pause();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#windowOpenedMs = options.clock.now();
  }

  /** Queues a record. {@link kick} sends it; a burst is queued whole first, so that it can be one batch. */
  offer(record: ShardRecord): void {
    if (this.#queue.length === 0) this.#passEmptyWindows();
    this.#queue.push(record);
    this.#queuedBytes += eventBytes(record);
  }

  /** Starts a batch if one is due and the lane is free. */
  kick(): void {
    if (this.#running || this.#stopped || this.#queue.length === 0) return;
    if (this.#due()) this.#running = this.#work();
    else this.#waitForWindow();
  }

  /**
   * Starts no more batches. Resolves when the one under way has ended and its outcome was acted on: its records are finished
   * or dropped, or as unfinished as those that were never sent.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#windowTimer?.cancel();
    this.#pause.end();
    await this.#running;
  }

  /** Like {@link stop}, but the outcome is no longer acted on. */
  close(): Promise<void> {
    this.#closed = true;
    return this.stop();
  }

  #due(): boolean {
    const { settings, clock, invocationBytes } = this.#options;
    if (this.#queue.length >= settings.batchSize || this.#queuedBytes >= invocationBytes) return true;
    return clock.now() >= this.#windowOpenedMs + settings.windowMs;
  }

  /** Moves to the current window. While a batch is under way there is none, and the next opens at its end. */
  #passEmptyWindows(): void {
    const { windowMs } = this.#options.settings;
    const openMs = this.#options.clock.now() - this.#windowOpenedMs;
    if (windowMs > 0) this.#windowOpenedMs += Math.floor(openMs / windowMs) * windowMs;
  }

  #waitForWindow(): void {
    if (this.#windowTimer) return;
    const dueMs = this.#windowOpenedMs + this.#options.settings.windowMs;
    this.#windowTimer = this.#options.clock.at(dueMs, () => {
      this.#windowTimer = null;
      this.kick();
    });
  }

  async #work(): Promise<void> {
    this.#windowTimer?.cancel();
    this.#windowTimer = null;
    for (let batch = this.#next(); batch !== undefined; batch = this.#next()) {
      await this.#process(batch);
      this.#windowOpenedMs = this.#options.clock.now();
    }
    this.#running = null;
    this.kick();
  }

  #next(): Batch | undefined {
    if (this.#stopped) return undefined;
    const part = this.#parts.shift();
    if (part) return part;
    return this.#queue.length > 0 && this.#due() ? this.#gather() : undefined;
  }

  #gather(): Batch {
    const { settings, invocationBytes } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const record of this.#queue) {
      const next = bytes + eventBytes(record);
      if (count === settings.batchSize || (count > 0 && next > invocationBytes)) break;
      bytes = next;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return freshBatch(this.#queue.splice(0, count));
  }

  async #process(gathered: Batch): Promise<void> {
    const batch = this.#withoutExpired(gathered);
    if (batch.records.length === 0) return;
    const result = await this.#invoke(batch);
    if (this.#closed) return;
    this.#options.invoked(result);
    const { done, retry, discarded } = settleBatch(batch, result, this.#options.settings);
    this.#countFailures(batch, done.length, result);
    if (done.length > 0) this.#options.finished(done);
    if (discarded) this.#discard(discarded, 'RetryAttemptsExhausted', result);
    this.#parts.unshift(...retry);
    if (retry.length === 0) this.#failuresInRow = 0;
    else if (!this.#stopped) await this.#backOff();
  }

  async #invoke(batch: Batch): Promise<InvocationResult> {
    const { clock, facts, host, meters } = this.#options;
    meters.InvokedEventCount.record(batch.records.length);
    meters.IteratorAge.record(clock.now() - batch.records.at(-1)!.arrivedMs);
    try {
      return await host.invoke(invocationEvent(batch.records, facts));
    } catch (error) {
      // A host that can't even answer is what AWS calls a service error: retried, and not held against the records.
      this.#options.log(`${this.#name}: the function could not be invoked: ${String(error)}`);
      return { kind: 'throttled' };
    }
  }

  #countFailures(batch: Batch, doneCount: number, result: InvocationResult): void {
    const failed = batch.records.length - doneCount;
    if (failed === 0) return;
    const { meters, quirks } = this.#options;
    if (!quirks.areErrorsUncounted || result.kind !== 'error') meters.FailedInvokeEventCount.record(failed);
    this.#failuresInRow += 1;
    this.#options.log(
      `${this.#name}: ${failed} of ${batch.records.length} records failed, ${reasonOf(result)}`,
    );
  }

  /** Takes out what is too old to be sent: past the mapping's age limit, or gone from the stream. */
  #withoutExpired(batch: Batch): Batch {
    const { shard, clock, settings } = this.#options;
    const trimmed = batch.records.filter((record) => record.position < shard.first);
    const kept = batch.records.slice(trimmed.length);
    if (trimmed.length > 0) this.#drop(trimmed, 'they expired in the stream');
    const bornMs = clock.now() - settings.recordAgeMs;
    const aged = kept.filter((record) => record.arrivedMs < bornMs);
    if (aged.length > 0) this.#discard({ ...batch, records: aged }, 'RecordAgeExceeded', null);
    return { ...batch, records: kept.slice(aged.length) };
  }

  /** DroppedEventCount leaves out what went to a destination ("Types of metrics for Lambda functions", Lambda guide). */
  #discard(batch: Batch, condition: DiscardCondition, result: InvocationResult | null): void {
    const { settings, meters, quirks, facts, clock, random, deliverFailure } = this.#options;
    const count = batch.records.length;
    if (settings.onFailureArn === null) meters.DroppedEventCount.record(count);
    else if (quirks.doDestinationsFail) meters.DestinationDeliveryFailures.record(1);
    else {
      const [epochMs, id] = [epochNow(clock), requestId(random)];
      const record = failureRecord({ batch, facts, condition, result, requestId: id, epochMs });
      deliverFailure(settings.onFailureArn, record);
      meters.OnFailureDestinationDeliveredEventCount.record(count);
    }
    this.#drop(batch.records, condition);
  }

  /** What expired in the stream is in no metric of the mapping, as on AWS: only the log has it. */
  #drop(records: readonly ShardRecord[], why: string): void {
    this.#options.log(
      `${this.#name}: dropped ${records.length} records from ${records[0]!.sequenceNumber}: ${why}`,
    );
    this.#options.finished(records);
  }

  /** Waits on the clock; closing the lane cuts it short. */
  #backOff(): Promise<void> {
    const { clock, random } = this.#options;
    const longestMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failuresInRow - 1));
    const waitMs = longestMs * (1 - random.next() / 2);
    return this.#pause.for(clock, waitMs);
  }

  get #name(): string {
    return `${this.#options.settings.logicalId} ${this.#options.shard.shardId}`;
  }
}

function reasonOf(result: InvocationResult): string {
  switch (result.kind) {
    case 'ok':
      return 'as the function reported';
    case 'throttled':
      return 'the function was throttled';
    case 'error':
      return `${result.errorType}: ${result.errorMessage.slice(0, MESSAGE_CHARACTERS)}`;
  }
}
