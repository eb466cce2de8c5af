/**
 * Wraps the stream with faults, as the gateway's integrations write to it. What the stage's AWS endpoints put
 * themselves is left alone. The gateway gets "accepted" for a message that is dropped or held for a reorder, so
 * serial dispatch goes on to the next.
 */
import { AwsError } from '../errors.ts';
import type { MessageWriter, PutMessage } from '../gateway/integration.ts';
import type { KinesisWriter, MetricRegistry, PutRecordInput, PutResult } from '../ports.ts';
import type { Kinesis } from '../stream/kinesis.ts';
import { parsePut, writeMeters } from '../stream/kinesis-writer.ts';
import type { FaultInjector } from './fault-injector.ts';
import {
  type ArmedFault,
  type FaultPeriod,
  firstThatPicks,
  type MessageIdentity,
  messageIdentity,
} from './fault-period.ts';

interface FaultyWriterOptions {
  readonly kinesis: KinesisWriter;
  readonly faults: FaultInjector;
  /** Index of the shard that a put goes to, in the order of its stream's shards; null when there is no such stream. */
  readonly shardOf: (input: PutRecordInput) => number | null;
  readonly metrics: MetricRegistry;
}

/** What the gateway hears of a message that is not in the stream, or not yet. It looks at no more than `ok`. */
const ACCEPTED: PutResult = { ok: true, value: { ShardId: '', SequenceNumber: '' } };

export class FaultyWriter implements MessageWriter {
  readonly #options: FaultyWriterOptions;
  /** Of connections that a fault is just touching. */
  readonly #lines = new Map<string, IngestLine>();

  constructor(options: FaultyWriterOptions) {
    this.#options = options;
  }

  putRecord(input: PutRecordInput, { context, body }: PutMessage): Promise<PutResult> {
    const { stall } = this.#options.faults;
    const { connectionId } = context.connection;
    return stall.passing(() => {
      const line = this.#lines.get(connectionId) ?? new IngestLine(() => this.#lines.delete(connectionId));
      return line.enter(() => this.#enter(line, input, connectionId, body.text));
    });
  }

  async #enter(line: IngestLine, input: PutRecordInput, connectionId: string, text: string) {
    const { faults, kinesis } = this.#options;
    const { period } = faults;
    if (period === null) return kinesis.putRecord(input);
    const armed = firstThatPicks(this.#candidates(period, input), faults.clock.now());
    if (armed === null && line.held === null) return kinesis.putRecord(input);
    const message = messageIdentity(connectionId, text);
    if (line.held === null && period.isStruck(message)) return kinesis.putRecord(input);
    this.#lines.set(connectionId, line);
    return line.touch(() => {
      if (line.held !== null) return this.#passHeld(line, line.held, input, message, period);
      period.strike(armed!, message);
      return this.#strike(line, input, message, armed!);
    });
  }

  #candidates({ onPut }: FaultPeriod, input: PutRecordInput): readonly ArmedFault[] {
    if (!onPut.some(({ fault }) => fault.shard !== null)) return onPut;
    const shard = this.#options.shardOf(input);
    return onPut.filter(({ fault }) => fault.shard === null || fault.shard === shard);
  }

  #strike(
    line: IngestLine,
    input: PutRecordInput,
    message: MessageIdentity,
    armed: ArmedFault,
  ): Promise<PutResult> {
    switch (armed.fault.do) {
      case 'throttle':
        return Promise.resolve(this.#throttle(input));
      case 'duplicate':
        return this.#duplicate(line, input, message, armed);
      case 'delay':
        return line.block(() => this.#late(input, armed.fault.delayMs));
      case 'reorder':
        return Promise.resolve(this.#hold(line, input, message, armed));
      default:
        armed.count('lost', message);
        return Promise.resolve(ACCEPTED);
    }
  }

  /** As the stream itself refuses; its metrics show it, those of the shard do not. */
  #throttle(input: PutRecordInput): PutResult {
    const name = input.StreamName ?? input.StreamARN?.split('/').at(-1) ?? '';
    const meters = writeMeters(name, this.#options.metrics);
    meters.WriteProvisionedThroughputExceeded.record(1);
    meters['PutRecord.Success'].record(0);
    const text = `Rate exceeded for shard in stream ${name}.`;
    return new AwsError('ProvisionedThroughputExceededException', text);
  }

  /** The second put starts when the first was accepted; later messages wait for it, and the gateway does not. */
  async #duplicate(line: IngestLine, input: PutRecordInput, message: MessageIdentity, armed: ArmedFault) {
    const first = await this.#options.kinesis.putRecord(input);
    if (!first.ok) return first;
    void line.block(async () => {
      const second = await this.#options.kinesis.putRecord(input);
      if (second.ok) armed.count('duplicated', message);
    });
    return first;
  }

  async #late(input: PutRecordInput, delayMs: number): Promise<PutResult> {
    await new Promise<void>((resolve) => this.#options.faults.after(delayMs, resolve));
    return this.#options.kinesis.putRecord(input);
  }

  #hold(line: IngestLine, input: PutRecordInput, message: MessageIdentity, armed: ArmedFault): PutResult {
    const put = async () => (await this.#options.kinesis.putRecord(input)).ok;
    const held = { armed, message, put, isDue: false };
    line.held = held;
    this.#options.faults.after(armed.fault.delayMs, () => {
      held.isDue = true;
      if (line.held === held && line.passing === 0) line.release(held, false);
    });
    return ACCEPTED;
  }

  /** A message that comes while another is held is the one that overtakes it, if the stream takes it. */
  async #passHeld(
    line: IngestLine,
    held: HeldPut,
    input: PutRecordInput,
    message: MessageIdentity,
    period: FaultPeriod,
  ): Promise<PutResult> {
    period.spare(message);
    line.passing += 1;
    const answer = await this.#options.kinesis.putRecord(input);
    line.passing -= 1;
    const isReleased = answer.ok || (held.isDue && line.passing === 0);
    if (line.held === held && isReleased) line.release(held, answer.ok);
    return answer;
  }
}

/** A message that waits until a later one has passed. */
interface HeldPut {
  readonly armed: ArmedFault;
  readonly message: MessageIdentity;
  /** Puts it; resolves to whether the stream took it. */
  readonly put: () => Promise<boolean>;
  /** It has waited as long as it may. */
  isDue: boolean;
}

/**
 * The puts of one connection, as far as a fault touches them. Without one they go side by side, as the gateway sends
 * them. While a message is held up, or a second put of one is under way, later ones wait behind it, so a delay stays a
 * delay and never turns into a reorder that nobody counted.
 */
class IngestLine {
  held: HeldPut | null = null;
  /** Later puts under way that the held message waits for. */
  passing = 0;
  readonly #idle: () => void;
  readonly #waiting: (() => void)[] = [];
  #touching = 0;
  #isBlocked = false;

  /** Calls `idle` when nothing is left to remember. */
  constructor(idle: () => void) {
    this.#idle = idle;
  }

  /** Starts the put now, or when the way is free. */
  enter<T>(put: () => Promise<T>): Promise<T> {
    if (!this.#isBlocked) return put();
    return new Promise((resolve, reject) => this.#waiting.push(() => put().then(resolve, reject)));
  }

  /** Is remembered while the work is done. */
  async touch<T>(work: () => Promise<T>): Promise<T> {
    this.#touching += 1;
    try {
      return await work();
    } finally {
      this.#touching -= 1;
      this.#endIfIdle();
    }
  }

  /** Keeps later puts waiting until the work is done. */
  async block<T>(work: () => Promise<T>): Promise<T> {
    this.#isBlocked = true;
    try {
      return await work();
    } finally {
      this.#isBlocked = false;
      while (!this.#isBlocked) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        next();
      }
      this.#endIfIdle();
    }
  }

  /**
   * Puts the held message. After another has passed it, it is reordered; otherwise it was only late. If the stream does
   * not take it, nobody hears of that, and it is lost.
   */
  release({ armed, message, put }: HeldPut, hasBeenPassed: boolean): void {
    this.held = null;
    void this.block(async () => {
      const isTaken = await put();
      if (!isTaken) armed.count('lost', message);
      else if (hasBeenPassed) armed.count('reordered', message);
    });
  }

  #endIfIdle(): void {
    if (this.held || this.#touching > 0 || this.#isBlocked || this.#waiting.length > 0) return;
    this.#idle();
  }
}

/** Index of a put's shard in the order in which its stream's shards were made; null for a put that its stream would not take. */
export function shardOfPut(kinesis: Kinesis, input: PutRecordInput): number | null {
  const stream = kinesis.stream(input.StreamARN ?? input.StreamName ?? '');
  if (stream === undefined) return null;
  const request = parsePut(input, stream.recordBytes);
  if (!request.ok) return null;
  const { partitionKey, explicitHashKey } = request.value;
  return stream.shards.indexOf(stream.shardFor(partitionKey, explicitHashKey));
}
