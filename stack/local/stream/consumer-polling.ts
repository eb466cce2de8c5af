/**
 * Shared-throughput polling: GetRecords once per interval and shard, and again at once while the last poll left records
 * behind ("base rate of once per second … when more records are available, Lambda keeps processing batches", Lambda
 * developer guide). The first poll has a random phase, so a record waits a uniform part of the interval and then for the
 * answer. A poll sees what is in the shard when it starts; its answer takes the profile's time.
 *
 * All pollers of a shard share five calls and 2 MB a second, in turn (read-turns.ts). A refused poll is counted and made
 * again later.
 */
import type { Timer } from '../../../bench/ports.ts';
import { type Meters, metersOf, STREAM_READS } from '../meters.ts';
import type { MetricRegistry, Part } from '../ports.ts';
import { sampler } from '../profile.ts';
import {
  firstPosition,
  type RecordSink,
  ShardCursor,
  type StartingPosition,
  type Subscription,
} from './consumer.ts';
import type { Shard, ShardMeters, ShardReader, ShardRecord } from './shard.ts';

/** Most records and bytes of one answer (GetRecords API reference). */
export const ANSWER_RECORDS = 10_000;
export const ANSWER_BYTES = 10_000_000;

/** Wait after a refused poll: the spacing at which five calls a second fit. */
const REFUSED_RETRY_MS = 200;

export interface PollingOptions extends Omit<Part, 'log'> {
  readonly streamName: string;
  readonly shard: Shard;
  readonly from: StartingPosition;
  readonly sink: RecordSink;
}

export class PollingSubscription implements Subscription, ShardReader {
  readonly #options: PollingOptions;
  readonly #cursor: ShardCursor;
  readonly #drawAnswer: () => number;
  readonly #meters: ReadMeters;
  #timer: Timer | null = null;
  /** A poll was due while the sink was full; it is made when the sink has room. */
  #parked = false;
  #closed = false;
  /** Oldest position of an answer under way: not with the sink yet, but no longer at the cursor. */
  #answering: number | null = null;

  constructor(options: PollingOptions) {
    const { clock, random, profile, shard, sink } = options;
    this.#options = options;
    this.#cursor = new ShardCursor(shard, sink, firstPosition(shard, options.from));
    this.#drawAnswer = sampler(profile.latency.pollAnswer, random.fork('answer'));
    this.#meters = readMeters(options.streamName, options.metrics);
    shard.join(this);
    this.#pollAt(clock.now() + random.next() * profile.quotas.pollIntervalMs);
  }

  get position(): number {
    return this.#answering ?? this.#cursor.position;
  }

  neededFrom(): number {
    return Math.min(this.#cursor.neededFrom(), this.#answering ?? Number.POSITIVE_INFINITY);
  }

  /** A poller learns of a record by polling, not by being told. */
  appended(): void {}

  resume(): void {
    if (!this.#parked || this.#closed) return;
    this.#parked = false;
    this.#pollAt(this.#options.clock.now());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#options.shard.readTurns.leave(this);
    this.#options.shard.leave(this);
  }

  #pollAt(dueMs: number): void {
    this.#timer = this.#options.clock.at(dueMs, () => this.#poll());
  }

  #poll(): void {
    const { clock, shard, sink } = this.#options;
    if (sink.room() <= 0) {
      this.#parked = true;
      shard.readTurns.leave(this);
      return;
    }
    const startedMs = clock.now();
    if (!this.#admitted(startedMs)) {
      this.#pollAt(startedMs + REFUSED_RETRY_MS);
      return;
    }
    const records = this.#collect();
    const leftBehind = this.#cursor.position < shard.end;
    const answer = () => this.#answer(records, leftBehind, startedMs);
    const latencyMs = this.#drawAnswer();
    if (latencyMs === 0) answer();
    else this.#timer = clock.at(startedMs + latencyMs, answer);
  }

  #admitted(nowMs: number): boolean {
    const { shard } = this.#options;
    if (shard.readTurns.poll(this, nowMs)) return true;
    countRefusedRead(this.#meters, shard.meters);
    return false;
  }

  #collect(): ShardRecord[] {
    const records: ShardRecord[] = [];
    let bytes = 0;
    let head = this.#cursor.peek();
    // The first always fits: a stream may allow records of 10 MiB, which is more than the 10 MB of an answer.
    while (head && records.length < ANSWER_RECORDS && (bytes === 0 || bytes + head.bytes <= ANSWER_BYTES)) {
      bytes += head.bytes;
      records.push(head);
      this.#cursor.advance();
      head = this.#cursor.peek();
    }
    this.#options.shard.limits.readBytes.take(bytes);
    this.#answering = records[0]?.position ?? null;
    return records;
  }

  #answer(records: readonly ShardRecord[], leftBehind: boolean, startedMs: number): void {
    const { clock, profile, shard, sink } = this.#options;
    countRead(this.#meters, shard.meters, { records, startedMs, nowMs: clock.now() });
    if (records.length > 0) sink.deliver(records);
    else sink.polledNothing?.();
    this.#answering = null;
    if (this.#closed) return;
    if (this.#cursor.atEnd) {
      this.close();
      sink.ended?.();
      return;
    }
    const nowMs = clock.now();
    this.#pollAt(leftBehind ? nowMs : Math.max(nowMs, startedMs + profile.quotas.pollIntervalMs));
  }
}

export type ReadMeters = Meters<typeof STREAM_READS>;

export function readMeters(StreamName: string, metrics: MetricRegistry): ReadMeters {
  return metersOf(metrics, 'AWS/Kinesis', STREAM_READS, { StreamName });
}

/** One answered poll. */
interface ReadAnswer {
  readonly records: readonly ShardRecord[];
  readonly startedMs: number;
  readonly nowMs: number;
}

export function countRead(meters: ReadMeters, shard: ShardMeters, answer: ReadAnswer): void {
  const { records, startedMs, nowMs } = answer;
  const last = records.at(-1);
  const ageMs = last ? nowMs - last.arrivedMs : 0;
  let bytes = 0;
  for (const record of records) bytes += record.bytes;
  meters['GetRecords.Success'].record(1);
  meters['GetRecords.Latency'].record(nowMs - startedMs);
  meters['GetRecords.Records'].record(records.length);
  meters['GetRecords.Bytes'].record(bytes);
  meters['GetRecords.IteratorAgeMilliseconds'].record(ageMs);
  shard.OutgoingRecords.record(records.length);
  shard.OutgoingBytes.record(bytes);
  shard.IteratorAgeMilliseconds.record(ageMs);
}

/** Counts a poll that was refused because the shard's part of the second is used up. */
export function countRefusedRead(meters: ReadMeters, shard: ShardMeters): void {
  meters['GetRecords.Success'].record(0);
  meters.ReadProvisionedThroughputExceeded.record(1);
  shard.ReadProvisionedThroughputExceeded.record(1);
}
