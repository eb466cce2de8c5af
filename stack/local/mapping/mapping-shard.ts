/**
 * A mapping's work on one shard: receives the records, deals them out to lanes by partition key, and keeps the
 * checkpoint over all lanes. It reads ahead only so far; beyond that the consumer waits, the records stay in the stream,
 * and the lag shows in the stream's metrics.
 */

import type { RecordSink, Subscription } from '../stream/consumer.ts';
import type { ShardRecord } from '../stream/shard.ts';
import { Checkpoint } from './checkpoint.ts';
import { Lane, type LaneOptions } from './mapping-lane.ts';

/** Records read ahead of the function at least: about a second of a shard's writes. AWS publishes no number. */
const READ_AHEAD_RECORDS = 1_000;

export type ShardMappingOptions = Omit<LaneOptions, 'finished'>;

export class ShardMapping implements RecordSink {
  readonly #options: ShardMappingOptions;
  readonly #lanes: readonly Lane[];
  readonly #checkpoint = new Checkpoint();
  readonly #readAhead: number;
  #subscription: Subscription | null = null;

  constructor(options: ShardMappingOptions) {
    const { parallelizationFactor, batchSize } = options.settings;
    this.#options = options;
    // Two batches per lane, so that the next is complete when one ends.
    this.#readAhead = Math.max(READ_AHEAD_RECORDS, 2 * batchSize * parallelizationFactor);
    this.#lanes = Array.from({ length: parallelizationFactor }, (_, index) => {
      const random = options.random.fork(`lane ${index}`);
      return new Lane({ ...options, random, finished: (records) => this.#finish(records) });
    });
  }

  /** Starts receiving. */
  attach(subscribe: (sink: RecordSink) => Subscription): void {
    this.#subscription = subscribe(this);
  }

  room(): number {
    return this.#readAhead - this.#checkpoint.unfinished;
  }

  oldestHeld(): number | null {
    return this.#checkpoint.oldest;
  }

  deliver(records: readonly ShardRecord[]): void {
    this.#options.meters.polled.record(records.length);
    for (const record of records) {
      this.#checkpoint.hold(record.position);
      this.#lanes[laneOf(record.partitionKey, this.#lanes.length)]!.offer(record);
    }
    for (const lane of this.#lanes) lane.kick();
  }

  skipped(count: number): void {
    const { meters, log, settings, shard } = this.#options;
    meters.dropped.record(count);
    log(
      `${settings.logicalId} ${shard.shardId}: dropped ${count} records: they expired before they could be read`,
    );
  }

  async close(): Promise<void> {
    this.#subscription?.close();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #finish(records: readonly ShardRecord[]): void {
    for (const record of records) this.#checkpoint.finish(record.position);
    this.#subscription?.resume();
  }
}

/** Lane of a partition key. FNV-1a: nothing to do with the MD5 that chose the shard, or a shard's keys would share lanes. */
export function laneOf(partitionKey: string, laneCount: number): number {
  if (laneCount === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % laneCount;
}
