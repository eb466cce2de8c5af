/**
 * Works on one shard for a mapping: deals records out to lanes by partition key and keeps the checkpoint over all of
 * them. It reads ahead only so far; beyond that the records stay in the stream, and the lag shows in its metrics. It
 * can be stopped and followed by another with other settings, without a record left out or processed twice; until
 * then it keeps the shard's records from being let go.
 */
import type { RecordSink, StartingPosition, Subscription } from '../stream/consumer.ts';
import type { ShardReader, ShardRecord } from '../stream/shard.ts';
import { Lane, type LaneOptions } from './mapping-lane.ts';

/** Records read ahead of the function at least: about a second of a shard's writes. AWS publishes no number. */
const READ_AHEAD_RECORDS = 1_000;

export interface ShardProgress {
  /** The lowest position that is not finished. */
  readonly position: number;
  /** Positions above it that are: another lane was faster. */
  readonly finished: readonly number[];
}

export interface ShardMappingOptions extends Omit<LaneOptions, 'finished'> {
  readonly progress: ShardProgress;
  /** The shard is closed and everything in it is processed or dropped. */
  readonly drained: () => void;
}

export class ShardMapping implements RecordSink, ShardReader {
  readonly #options: ShardMappingOptions;
  readonly #lanes: readonly Lane[];
  readonly #checkpoint = new Checkpoint();
  readonly #readAhead: number;
  /** Records that will be handed over again although they were finished before. */
  readonly #finishedBefore: Set<number>;
  #subscription: Subscription | null = null;
  #position: number;
  #ended = false;

  constructor(options: ShardMappingOptions) {
    const { parallelizationFactor, batchSize } = options.settings;
    this.#options = options;
    this.#finishedBefore = new Set(options.progress.finished);
    this.#position = options.progress.position;
    // Two batches per lane, so that the next is complete when one ends.
    this.#readAhead = Math.max(READ_AHEAD_RECORDS, 2 * batchSize * parallelizationFactor);
    this.#lanes = Array.from({ length: parallelizationFactor }, (_, index) => {
      const random = options.random.fork(`lane ${index}`);
      return new Lane({ ...options, random, finished: (records) => this.#finish(records) });
    });
  }

  attach(subscribe: (from: StartingPosition, sink: RecordSink) => Subscription): void {
    this.#subscription = subscribe({ kind: 'POSITION', position: this.#position }, this);
    if (this.#ended) this.#endIfDrained();
  }

  /** Stops receiving and lets invocations under way end. Then holds the shard's records until it is released. */
  async stop(): Promise<ShardProgress> {
    this.#position = this.#subscription?.position ?? this.#position;
    this.#options.shard.join(this);
    this.#subscription?.close();
    this.#subscription = null;
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
    return {
      position: this.neededFrom(),
      finished: [...this.#checkpoint.finishedBeyond, ...this.#finishedBefore],
    };
  }

  /** Stops holding records: another has taken over, or nobody will. */
  release(): void {
    this.#options.shard.leave(this);
  }

  neededFrom(): number {
    return this.#checkpoint.oldest ?? this.#position;
  }

  appended(): void {}

  room(): number {
    return this.#readAhead - this.#checkpoint.unfinished;
  }

  oldestHeld(): number | null {
    return this.#checkpoint.oldest;
  }

  polledNothing(): void {
    this.#options.meters.PolledEventCount.record(0);
  }

  deliver(records: readonly ShardRecord[]): void {
    this.#options.meters.PolledEventCount.record(records.length);
    for (const record of records) {
      this.#checkpoint.hold(record.position);
      if (this.#finishedBefore.delete(record.position)) this.#checkpoint.finish(record.position);
      else this.#lanes[laneOf(record.partitionKey, this.#lanes.length)]!.offer(record);
    }
    for (const lane of this.#lanes) lane.kick();
  }

  skipped(count: number): void {
    const { log, settings, shard } = this.#options;
    log(
      `${settings.logicalId} ${shard.shardId}: dropped ${count} records: they expired before they could be read`,
    );
  }

  ended(): void {
    this.#ended = true;
    this.#endIfDrained();
  }

  async close(): Promise<void> {
    this.#subscription?.close();
    this.release();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #finish(records: readonly ShardRecord[]): void {
    for (const record of records) this.#checkpoint.finish(record.position);
    this.#subscription?.resume();
    if (this.#ended) this.#endIfDrained();
  }

  /** Not before it is attached, and not while it is stopped. */
  #endIfDrained(): void {
    if (!this.#subscription || this.#checkpoint.unfinished > 0) return;
    this.#subscription.close();
    this.#subscription = null;
    this.#options.drained();
  }
}

/** Lane of a partition key. FNV-1a: nothing to do with the MD5 that chose the shard, or a shard's keys would share lanes. */
function laneOf(partitionKey: string, laneCount: number): number {
  if (laneCount === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % laneCount;
}

/** Passed entries tolerated at the front before the rest is moved down. */
const COMPACT_AT = 1_024;

/**
 * How far a mapping has come in a shard. Lanes finish records out of order; the checkpoint may only pass a record when
 * it and everything before it are finished, whichever lane they went to. It is the position a restart would read from,
 * and what the shard must keep.
 */
export class Checkpoint {
  readonly #finished = new Set<number>();
  #held: number[] = [];
  #head = 0;

  /** Records handed over and not yet passed by the checkpoint. */
  get span(): number {
    return this.#held.length - this.#head;
  }

  /** Records handed over and not finished with. */
  get unfinished(): number {
    return this.span - this.#finished.size;
  }

  /** The lowest position that is not finished; null when everything handed over is. */
  get oldest(): number | null {
    return this.#held[this.#head] ?? null;
  }

  /** Positions above {@link oldest} that are finished: a restart from there hands them over again. */
  get finishedBeyond(): number[] {
    return [...this.#finished];
  }

  /** A record is handed over. Positions increase; they may have gaps. */
  hold(position: number): void {
    this.#held.push(position);
  }

  /** A held record was processed or dropped. */
  finish(position: number): void {
    this.#finished.add(position);
    while (this.#head < this.#held.length && this.#finished.delete(this.#held[this.#head]!)) this.#head += 1;
    if (this.#head < COMPACT_AT && this.#head < this.#held.length) return;
    this.#held.splice(0, this.#head);
    this.#head = 0;
  }
}
