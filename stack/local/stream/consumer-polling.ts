/**
 * Polls with shared throughput: GetRecords once per interval and shard, and again at once while the last poll left records
 * behind ("base rate of once per second … when more records are available, Lambda keeps processing batches", Lambda
 * developer guide). The first poll has a random phase, so a record waits a uniform part of the interval. A poll sees what is
 * in the shard when it starts, and its answer takes the profile's time. A refused poll is counted and made again later.
 */
import { type Meters, metersOf, STREAM_READS } from '../meters.ts';
import type { MetricRegistry } from '../ports.ts';
import { sampler } from '../profile.ts';
import { type ReadOptions, ShardSubscription } from './consumer.ts';
import type { Shard, ShardMeters, ShardRecord } from './shard.ts';

/** Most records and bytes of one answer (GetRecords API reference). */
export const ANSWER_RECORDS = 10_000;
const ANSWER_BYTES = 10_000_000;

/** Wait after a refused poll: the spacing at which five calls a second fit. */
const REFUSED_RETRY_MS = 200;

export class PollingSubscription extends ShardSubscription<ReadOptions> {
  readonly #drawAnswer: () => number;
  readonly #meters: ReadMeters;
  /** A poll was due while the sink was full; it is made when the sink has room. */
  #isParked = false;
  /** Oldest position of an answer under way: not with the sink yet, but no longer at the cursor. */
  #answering: number | null = null;

  constructor(options: ReadOptions) {
    super(options);
    const { clock, random, profile } = options;
    this.#drawAnswer = sampler(profile.latency.pollAnswer, random.fork('answer'));
    this.#meters = readMeters(options.streamName, options.metrics);
    this.#pollAt(clock.now() + random.next() * profile.quotas.pollIntervalMs);
  }

  override get position(): number {
    return this.#answering ?? super.position;
  }

  override neededFrom(): number {
    return Math.min(super.neededFrom(), this.#answering ?? Number.POSITIVE_INFINITY);
  }

  /** Does nothing: a poller finds records by polling. */
  appended(): void {}

  resume(): void {
    if (!this.#isParked || this.isClosed) return;
    this.#isParked = false;
    this.#pollAt(this.options.clock.now());
  }

  override close(): void {
    this.options.shard.readTurns.leave(this);
    super.close();
  }

  #pollAt(dueMs: number): void {
    this.timer = this.options.clock.at(dueMs, () => this.#poll());
  }

  #poll(): void {
    const { clock, shard, sink } = this.options;
    if (sink.room() <= 0) {
      this.#isParked = true;
      shard.readTurns.leave(this);
      return;
    }
    const startedMs = clock.now();
    if (!this.#admitted(startedMs)) {
      this.#pollAt(startedMs + REFUSED_RETRY_MS);
      return;
    }
    const records = this.#collect();
    const { isBehind } = this;
    const answer = () => this.#answer(records, isBehind, startedMs);
    const latencyMs = this.#drawAnswer();
    if (latencyMs === 0) answer();
    else this.timer = clock.at(startedMs + latencyMs, answer);
  }

  #admitted(nowMs: number): boolean {
    const { shard } = this.options;
    if (shard.readTurns.poll(this, nowMs)) return true;
    countRefusedRead(this.#meters, shard.meters);
    return false;
  }

  #collect(): ShardRecord[] {
    const first = this.peek();
    const records = first ? answerFrom(this.options.shard, first.position, ANSWER_RECORDS) : [];
    this.advance(records.length);
    this.#answering = first?.position ?? null;
    return records;
  }

  #answer(records: readonly ShardRecord[], isBehind: boolean, startedMs: number): void {
    const { clock, profile, shard, sink } = this.options;
    countRead(this.#meters, shard.meters, { records, startedMs, nowMs: clock.now() });
    if (records.length > 0) sink.deliver(records);
    else sink.polledNothing?.();
    this.#answering = null;
    if (this.isClosed) return;
    if (this.endIfOver()) return;
    const nowMs = clock.now();
    this.#pollAt(isBehind ? nowMs : Math.max(nowMs, startedMs + profile.quotas.pollIntervalMs));
  }
}

/** Reads the records of one answer. The first always fits: a stream may allow records larger than an answer. */
export function answerFrom(shard: Shard, position: number, most: number): ShardRecord[] {
  const records: ShardRecord[] = [];
  let bytes = 0;
  for (let at = Math.max(position, shard.first); records.length < most; at++) {
    const record = shard.at(at);
    if (!record || (records.length > 0 && bytes + record.bytes > ANSWER_BYTES)) break;
    bytes += record.bytes;
    records.push(record);
  }
  shard.limits.readBytes.take(bytes);
  return records;
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
