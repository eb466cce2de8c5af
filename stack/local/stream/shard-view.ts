/** A shard as the API shows it, and the choice among shards that ListShards offers (ShardFilter, Kinesis API reference). */
import type { ChildShard, Shard as ShardDescription, ShardFilter } from '@aws-sdk/client-kinesis';
import { invalidArgument } from './action-context.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { Shard } from './shard.ts';
import type { ShardRange } from './shard-range.ts';

const HOUR_MS = 3_600_000;

export function describedShard(shard: Shard): ShardDescription {
  const [parent, adjacent] = shard.parents;
  return {
    ShardId: shard.shardId,
    ...(parent ? { ParentShardId: parent.shardId } : {}),
    ...(adjacent ? { AdjacentParentShardId: adjacent.shardId } : {}),
    HashKeyRange: hashKeyRange(shard.range),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(shard.closed ? { EndingSequenceNumber: shard.closed.endingSequenceNumber } : {}),
    },
  };
}

/** What a reader who has reached the end of a closed shard is told. */
export function childShards(shard: Shard): ChildShard[] {
  return shard.children.map((child) => ({
    ShardId: child.shardId,
    ParentShards: child.parents.slice(0, 2).map((parent) => parent.shardId),
    HashKeyRange: hashKeyRange(child.range),
  }));
}

/** The shards that a filter lets through; without one, all whose records may still be there. */
export function filteredShards(
  stream: KinesisStream,
  filter: ShardFilter | undefined,
  nowEpochMs: number,
): readonly Shard[] {
  const horizonEpochMs = Math.max(stream.createdEpochMs, nowEpochMs - stream.retentionHours * HOUR_MS);
  switch (filter?.Type) {
    case undefined:
    case 'FROM_TRIM_HORIZON':
      return stream.shards;
    case 'AT_LATEST':
      return stream.openShards;
    case 'AT_TRIM_HORIZON':
      return stream.shards.filter((shard) => wasOpenAt(shard, horizonEpochMs));
    case 'AT_TIMESTAMP':
      return stream.shards.filter((shard) => wasOpenAt(shard, timestampOf(filter)));
    case 'FROM_TIMESTAMP':
      return stream.shards.filter((shard) => closedEpochMs(shard) >= timestampOf(filter));
    case 'AFTER_SHARD_ID':
      return stream.shards.filter((shard) => shard.shardId > shardIdOf(filter));
    default:
      throw invalidArgument(`ShardFilter has the unknown type ${filter?.Type}.`);
  }
}

function wasOpenAt(shard: Shard, epochMs: number): boolean {
  return shard.createdEpochMs <= epochMs && closedEpochMs(shard) >= epochMs;
}

function closedEpochMs(shard: Shard): number {
  return shard.closed?.epochMs ?? Number.POSITIVE_INFINITY;
}

function timestampOf({ Type, Timestamp }: ShardFilter): number {
  if (!Timestamp) throw invalidArgument(`ShardFilter of type ${Type} needs a Timestamp.`);
  return Timestamp.getTime();
}

function shardIdOf({ Type, ShardId }: ShardFilter): string {
  if (!ShardId) throw invalidArgument(`ShardFilter of type ${Type} needs a ShardId.`);
  return ShardId;
}

function hashKeyRange({ start, end }: ShardRange) {
  return { StartingHashKey: start.toString(), EndingHashKey: end.toString() };
}
