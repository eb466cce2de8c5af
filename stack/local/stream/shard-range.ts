/**
 * Finds the shard that a record belongs to. Kinesis takes the MD5 of the partition key as a 128-bit number and gives
 * the record to the shard whose hash range holds it ("Partition Key", Kinesis Data Streams concepts). A new stream's
 * ranges are equally wide; the last one takes the remainder of the division.
 */
import { createHash } from 'node:crypto';

const SPACE = 1n << 128n;

/** The largest hash key. */
export const MAX_HASH_KEY = SPACE - 1n;

/** Bounds of a shard's hash range, both inclusive. */
export interface ShardRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The ranges of a stream made with this many shards, in the order of their shards. */
export function shardRanges(shardCount: number): ShardRange[] {
  const width = SPACE / BigInt(shardCount);
  return Array.from({ length: shardCount }, (_, index) => {
    const start = width * BigInt(index);
    return { start, end: index === shardCount - 1 ? MAX_HASH_KEY : start + width - 1n };
  });
}

/** Index of the range that holds a hash key in a stream made with this many shards. */
export function shardIndexOf(hashKey: bigint, shardCount: number): number {
  const index = Number(hashKey / (SPACE / BigInt(shardCount)));
  return Math.min(index, shardCount - 1);
}

/** MD5 of the key's UTF-8 bytes, as a number. MD5 is what Kinesis uses; it spreads keys here and secures nothing. */
export function hashKeyOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}

// Which shards come out of a change of a stream's shard count. Kinesis closes every open shard and makes new ones of
// equal ranges ("uniform scaling", UpdateShardCount API reference). The real service gets there by splits and merges, so
// a shard there has one parent or two. Here a new range can overlap three old ones, as five shards become three: it
// shows the first two as its parents, and readers wait for all three ({@link Heir.overlaps}), or a key could lose its
// order.

/** A range that takes over from others. */
export interface Heir<T> {
  readonly range: ShardRange;
  /** The old shards whose ranges it shares a part with, in order of their ranges. */
  readonly overlaps: readonly T[];
}

/** The new ranges with what they take over. Between them they cover every key once, as the old ones did. */
export function heirsOf<T extends { readonly range: ShardRange }>(
  old: readonly T[],
  count: number,
): Heir<T>[] {
  return shardRanges(count).map((range) => ({
    range,
    overlaps: old.filter((one) => one.range.start <= range.end && one.range.end >= range.start),
  }));
}
