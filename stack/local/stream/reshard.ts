/**
 * Which shards come out of a change of a stream's shard count. Kinesis closes every open shard and makes new ones of equal
 * ranges ("uniform scaling", UpdateShardCount API reference). The real service gets there by splits and merges, so a
 * shard there has one parent or two. Here a new range can overlap three old ones, as five shards become three: it shows the
 * first two as its parents, and readers wait for all three ({@link Heir.overlaps}), or a key could lose its order.
 */
import { type ShardRange, shardRanges } from './shard-range.ts';

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
