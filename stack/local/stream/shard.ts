/**
 * Is one shard: an append-only log with sequence numbers, limits and a retention. A position counts its records from
 * 0 and never changes, so a reader is just a position. AWS keeps records for the retention period whatever they
 * weigh; memory here has an end. Records that every reader has finished with go first and early. Only when the budget
 * is full of records that someone still needs are such records let go: that loss is counted, and the reader sees its
 * position below {@link Shard.first}.
 */
import { type Meters, metersOf, SHARD } from '../meters.ts';
import type { StreamRecord } from '../ports.ts';
import type { TokenBucket } from '../token-bucket.ts';
import { ReadTurns } from './read-turns.ts';
import type { ShardRange } from './shard-range.ts';

export type ShardMeters = Meters<typeof SHARD>;

const NOBODY = { meter: () => ({ record: () => {} }) };

/** The meters of a shard that counts nothing by itself. */
const UNMEASURED: ShardMeters = metersOf(NOBODY, 'AWS/Kinesis', SHARD, {});

export interface ShardRecord extends StreamRecord {
  /** How many records of the shard came before it. */
  readonly position: number;
  /** Clock reading at its arrival, milliseconds; {@link StreamRecord.approximateArrivalMs} is the same in UTC. */
  readonly arrivedMs: number;
  /** What Kinesis counts against throughput: data and partition key. */
  readonly bytes: number;
}

/** A reader of the shard. */
export interface ShardReader {
  /** The lowest position it may still need. */
  neededFrom(): number;
  /** A record was appended, or the shard was closed. Called within the append, so it must be quick. */
  appended(): void;
}

interface ShardOptions {
  readonly shardId: string;
  readonly range: ShardRange;
  readonly sequence: SequenceNumbers;
  readonly retentionMs: number;
  /** UTC milliseconds. */
  readonly createdEpochMs?: number;
  /** Shards whose ranges this one took over, at most two; none for those a stream is made with. */
  readonly parents?: readonly Shard[];
  /** Most memory the log may take, by {@link RECORD_OVERHEAD_BYTES} and the records' own bytes. */
  readonly memoryBytes: number;
  readonly limits: {
    readonly writeRecords: TokenBucket;
    readonly writeBytes: TokenBucket;
    readonly readCalls: TokenBucket;
    readonly readBytes: TokenBucket;
  };
}

/** What a record costs besides its data: its object, its sequence number, its buffer's header. Measured on Node 20. */
export const RECORD_OVERHEAD_BYTES = 512;

/** Share of the budget left to records nobody needs any more: enough to look back, little enough to keep a run lean. */
const FINISHED_SHARE = 1 / 16;

/** Dead entries the log tolerates at its front before it moves the rest down. */
const COMPACT_AT = 1_024;

export class Shard {
  readonly shardId: string;
  readonly range: ShardRange;
  readonly limits: ShardOptions['limits'];
  readonly readTurns: ReadTurns;
  readonly startingSequenceNumber: string;
  readonly createdEpochMs: number;
  readonly parents: readonly Shard[];
  /** How long records are kept; takes effect at the next append or {@link expire}. */
  retentionMs: number;
  /** Its own metrics, where the stream asks for any. */
  meters: ShardMeters = UNMEASURED;
  readonly #options: ShardOptions;
  readonly #readers = new Set<ShardReader>();
  #log: (ShardRecord | undefined)[] = [];
  /** Position of the log's entry 0. */
  #base = 0;
  #first = 0;
  #bytes = 0;
  #trimmed = 0;
  #trimmedUnread = 0;
  #closed: { readonly endingSequenceNumber: string; readonly epochMs: number } | null = null;
  #children: readonly Shard[] = [];

  constructor(options: ShardOptions) {
    this.shardId = options.shardId;
    this.range = options.range;
    this.limits = options.limits;
    this.readTurns = new ReadTurns(options.limits.readCalls, options.limits.readBytes);
    this.startingSequenceNumber = options.sequence.starting;
    this.createdEpochMs = options.createdEpochMs ?? 0;
    this.parents = options.parents ?? [];
    this.retentionMs = options.retentionMs;
    this.#options = options;
  }

  /** Position of the oldest record kept: the trim horizon. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#base + this.#log.length;
  }

  /** Records let go so far, for their age or for the budget. */
  get trimmed(): number {
    return this.#trimmed;
  }

  /** Of those, the ones that a reader still needed. */
  get trimmedUnread(): number {
    return this.#trimmedUnread;
  }

  /** Set when the shard takes no more records: a number above all of them, and the UTC millisecond of the closing. */
  get closed(): { readonly endingSequenceNumber: string; readonly epochMs: number } | null {
    return this.#closed;
  }

  /** The newest number given out, be its record trimmed; the starting one of an empty shard. */
  get newestSequenceNumber(): string {
    return this.#options.sequence.newest;
  }

  /** The shards that took over its range when it closed. */
  get children(): readonly Shard[] {
    return this.#children;
  }

  /** Takes no more records. Readers may still read what is there. */
  close(children: readonly Shard[], epochMs: number): void {
    this.#children = children;
    this.#closed = { endingSequenceNumber: this.#options.sequence.next(), epochMs };
    for (const reader of this.#readers) reader.appended();
  }

  /** Lets go what is past its retention; appending does so by itself. */
  expire(nowMs: number): void {
    this.#trim(nowMs);
  }

  /** The record at a position; undefined when it is trimmed or yet to come. */
  at(position: number): ShardRecord | undefined {
    return position < this.#first ? undefined : this.#log[position - this.#base];
  }

  /** Position of the first record kept that arrived at or after the UTC millisecond; the end when there is none. */
  positionAt(epochMs: number): number {
    return this.#firstWhere((record) => record.approximateArrivalMs >= epochMs);
  }

  /** Position of the first record kept that has this sequence number or a later one; the end when there is none. */
  positionOf(sequenceNumber: string): number {
    return this.#firstWhere((record) => record.sequenceNumber >= sequenceNumber);
  }

  /** By halving, so `reached` must hold for every record after the first for which it holds. */
  #firstWhere(reached: (record: ShardRecord) => boolean): number {
    let low = this.#first;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(this.at(middle)!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  append(partitionKey: string, data: Buffer, arrivedMs: number, epochMs: number): ShardRecord {
    const record: ShardRecord = {
      shardId: this.shardId,
      sequenceNumber: this.#options.sequence.next(),
      partitionKey,
      data,
      approximateArrivalMs: Math.floor(epochMs),
      position: this.end,
      arrivedMs,
      bytes: data.length + Buffer.byteLength(partitionKey),
    };
    this.#log.push(record);
    this.#bytes += record.bytes + RECORD_OVERHEAD_BYTES;
    this.#trim(arrivedMs);
    for (const reader of this.#readers) reader.appended();
    return record;
  }

  join(reader: ShardReader): void {
    this.#readers.add(reader);
  }

  leave(reader: ShardReader): void {
    this.#readers.delete(reader);
  }

  #trim(nowMs: number): void {
    const finishedBytes = this.#options.memoryBytes * FINISHED_SHARE;
    while (this.#first < this.end) {
      const expired = this.at(this.#first)!.arrivedMs < nowMs - this.retentionMs;
      if (!expired && this.#bytes <= finishedBytes) return;
      const needed = this.#readers.size === 0 || this.#first >= this.#neededFrom();
      if (needed && !expired && this.#bytes <= this.#options.memoryBytes) return;
      this.#release(needed);
    }
  }

  #neededFrom(): number {
    let lowest = this.end;
    for (const reader of this.#readers) lowest = Math.min(lowest, reader.neededFrom());
    return lowest;
  }

  #release(needed: boolean): void {
    const index = this.#first - this.#base;
    this.#bytes -= this.#log[index]!.bytes + RECORD_OVERHEAD_BYTES;
    this.#log[index] = undefined;
    this.#first += 1;
    this.#trimmed += 1;
    if (needed) this.#trimmedUnread += 1;
    if (index < COMPACT_AT || index < this.#log.length / 2) return;
    this.#log = this.#log.slice(index + 1);
    this.#base = this.#first;
  }
}

/**
 * Sequence numbers as Kinesis writes them: a decimal number of 56 digits that starts with 49, increases within its
 * shard and is unique within its stream. Kinesis does not publish how it composes them, so the digits here are ours:
 * `49`, 13 digits of the shard's creation time (a stream made again starts above its predecessor, and a shard above its
 * parents), 29 digits of a
 * counter, 12 digits of the shard. All have the same length, so comparing text compares numbers.
 */

const CREATED_DIGITS = 13;
const COUNTER_DIGITS = 29;
/** The last digits say which shard gave the number out. */
export const SHARD_DIGITS = 12;

export class SequenceNumbers {
  readonly #prefix: string;
  readonly #suffix: string;
  #count = 0;

  /** `createdEpochMs` is the UTC millisecond in which the shard was made. */
  constructor(createdEpochMs: number, shardIndex: number) {
    this.#prefix = `49${String(Math.floor(createdEpochMs)).padStart(CREATED_DIGITS, '0')}`;
    this.#suffix = String(shardIndex).padStart(SHARD_DIGITS, '0');
  }

  /** The number the shard starts at; no record has it. */
  get starting(): string {
    return this.#compose(0);
  }

  /** The newest number given out; the starting one before the first. */
  get newest(): string {
    return this.#compose(this.#count);
  }

  /** The next number, above every earlier one of this shard. */
  next(): string {
    this.#count += 1;
    return this.#compose(this.#count);
  }

  #compose(count: number): string {
    return this.#prefix + String(count).padStart(COUNTER_DIGITS, '0') + this.#suffix;
  }
}
