/** Actions that describe streams: DescribeStream, DescribeStreamSummary, ListStreams. A stream here is always ACTIVE. */
import type {
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  ListStreamsInput,
  ListStreamsOutput,
} from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import {
  invalidArgument,
  type KinesisActionsOptions,
  numberBetween,
  sealed,
  streamOf,
  unsealed,
} from './action-context.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { describedShard } from './shard-view.ts';

/** Default of Limit in both lists, and its range (API reference). */
const LIMIT = 100;
const LIMITS = [1, 10_000] as const;

/** What every description has. */
function headOf(stream: KinesisStream) {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: 'ACTIVE' as const,
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: new Date(stream.createdEpochMs),
  };
}

/** What descriptions have and summaries in a list do not. */
function bodyOf(stream: KinesisStream) {
  return {
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardMetrics] }],
    EncryptionType: 'NONE' as const,
  };
}

export function describeStream(
  options: KinesisActionsOptions,
  input: DescribeStreamInput,
): DescribeStreamOutput {
  const stream = streamOf(options, input);
  const limit = numberBetween('limit', input.Limit, LIMITS, LIMIT);
  const after = input.ExclusiveStartShardId ?? '';
  const left = stream.shards.filter((shard) => shard.shardId > after);
  return {
    StreamDescription: {
      ...headOf(stream),
      ...bodyOf(stream),
      Shards: left.slice(0, limit).map(describedShard),
      HasMoreShards: left.length > limit,
    },
  };
}

export function describeStreamSummary(
  options: KinesisActionsOptions,
  input: DescribeStreamSummaryInput,
): DescribeStreamSummaryOutput {
  const stream = streamOf(options, input);
  return {
    StreamDescriptionSummary: {
      ...headOf(stream),
      ...bodyOf(stream),
      OpenShardCount: stream.openShards.length,
      ConsumerCount: options.kinesis.consumersOf(stream).length,
      MaxRecordSizeInKiB: stream.recordBytes / 1_024,
    },
  };
}

const place = z.object({ afterStream: z.string() });

/** In the order of their names. */
export function listStreams({ kinesis }: KinesisActionsOptions, input: ListStreamsInput): ListStreamsOutput {
  const limit = numberBetween('limit', input.Limit, LIMITS, LIMIT);
  const after =
    input.NextToken === undefined ? (input.ExclusiveStartStreamName ?? '') : placeIn(input.NextToken);
  const left = kinesis
    .streamNames()
    .sort()
    .filter((name) => name > after);
  const names = left.slice(0, limit);
  const hasMore = left.length > limit;
  return {
    StreamNames: names,
    HasMoreStreams: hasMore,
    ...(hasMore ? { NextToken: sealed({ afterStream: names.at(-1) }) } : {}),
    StreamSummaries: names.map((name) => headOf(kinesis.existingStream(name))),
  };
}

function placeIn(token: string): string {
  const parsed = place.safeParse(unsealed(token));
  if (!parsed.success) throw invalidArgument('NextToken is invalid.');
  return parsed.data.afterStream;
}
