/** Actions that describe streams and their shards, and those on registered consumers. A stream here is always ACTIVE. */
import type * as sdk from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { STREAM_CONSUMER } from '../../template/resources/stream-consumer.ts';
import { AwsError } from '../errors.ts';
import { epochNow } from '../waiting.ts';
import {
  checkName,
  invalidArgument,
  type KinesisActionsOptions,
  notFound,
  numberBetween,
  pageOf,
  streamOf,
  unsealed,
} from './action-context.ts';
import type { EventSource } from './kinesis.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { Shard } from './shard.ts';
import type { ShardRange } from './shard-range.ts';

/** Default of Limit in both lists, and its range (API reference). */
const LIMIT = 100;
const LIMITS = [1, 10_000] as const;

/** What summaries in a list have. */
function headOf(stream: KinesisStream) {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: 'ACTIVE' as const,
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: new Date(stream.createdEpochMs),
  };
}

/** What both descriptions have. */
function descriptionOf(stream: KinesisStream) {
  return {
    ...headOf(stream),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardMetrics] }],
    EncryptionType: 'NONE' as const,
  };
}

export function describeStream(
  options: KinesisActionsOptions,
  input: sdk.DescribeStreamInput,
): sdk.DescribeStreamOutput {
  const stream = streamOf(options, input);
  const limit = numberBetween('limit', input.Limit, LIMITS, LIMIT);
  const after = input.ExclusiveStartShardId ?? '';
  const left = stream.shards.filter((shard) => shard.shardId > after);
  return {
    StreamDescription: {
      ...descriptionOf(stream),
      Shards: left.slice(0, limit).map(describedShard),
      HasMoreShards: left.length > limit,
    },
  };
}

export function describeStreamSummary(
  options: KinesisActionsOptions,
  input: sdk.DescribeStreamSummaryInput,
): sdk.DescribeStreamSummaryOutput {
  const stream = streamOf(options, input);
  return {
    StreamDescriptionSummary: {
      ...descriptionOf(stream),
      OpenShardCount: stream.openShards.length,
      ConsumerCount: options.kinesis.consumersOf(stream).length,
      MaxRecordSizeInKiB: stream.recordBytes / 1_024,
    },
  };
}

/** In the order of their names. */
export function listStreams(
  { kinesis }: KinesisActionsOptions,
  { Limit, NextToken, ExclusiveStartStreamName }: sdk.ListStreamsInput,
): sdk.ListStreamsOutput {
  const limit = numberBetween('limit', Limit, LIMITS, LIMIT);
  const after =
    NextToken === undefined
      ? (ExclusiveStartStreamName ?? '')
      : unsealed(NextToken, z.object({ afterStream: z.string() })).afterStream;
  const names = kinesis.streamNames().sort();
  const left = names.filter((name) => name > after);
  const { shown, token } = pageOf(left, limit, (afterStream) => ({ afterStream }));
  return {
    StreamNames: shown,
    HasMoreStreams: left.length > limit,
    ...token,
    StreamSummaries: shown.map((name) => headOf(kinesis.existingStream(name))),
  };
}

const SHARDS_SHOWN = 1_000;
const TOKEN_MS = 300_000;

const shardsToken = z.object({
  stream: z.string(),
  afterShard: z.string(),
  issuedEpochMs: z.number(),
  filter: z
    .object({
      Type: z.string(),
      ShardId: z.string().optional(),
      Timestamp: z.coerce.date().optional(),
    })
    .optional(),
});

/** ListShards: a stream's shards in pages. A page's token holds the filter and is good for 300 seconds (API reference). */
export function listShards(options: KinesisActionsOptions, input: sdk.ListShardsInput): sdk.ListShardsOutput {
  const nowEpochMs = epochNow(options.clock);
  const limit = numberBetween('maxResults', input.MaxResults, LIMITS, SHARDS_SHOWN);
  const { named, afterShard, filter } =
    input.NextToken === undefined
      ? {
          named: input.StreamARN ?? input.StreamName,
          afterShard: input.ExclusiveStartShardId ?? '',
          filter: input.ShardFilter,
        }
      : pageIn(input.NextToken, input, nowEpochMs);
  const stream = streamOf(options, { StreamARN: named });
  const left = filteredShards(stream, filter, nowEpochMs).filter(({ shardId }) => shardId > afterShard);
  const { shown, token } = pageOf(left, limit, ({ shardId }) => ({
    stream: stream.arn,
    afterShard: shardId,
    filter,
    issuedEpochMs: nowEpochMs,
  }));
  return { Shards: shown.map(describedShard), ...token };
}

function pageIn(token: string, input: sdk.ListShardsInput, nowEpochMs: number) {
  if (input.StreamName !== undefined || input.ExclusiveStartShardId !== undefined)
    throw invalidArgument('NextToken and StreamName cannot be provided together.');
  const { stream, afterShard, issuedEpochMs, filter } = unsealed(token, shardsToken);
  if (nowEpochMs > issuedEpochMs + TOKEN_MS)
    throw new AwsError('ExpiredNextTokenException', 'NextToken is older than 300 seconds.');
  return { named: stream, afterShard, filter: filter as sdk.ShardFilter | undefined };
}

const HOUR_MS = 3_600_000;

/** A shard as the API shows it. */
function describedShard(shard: Shard): sdk.Shard {
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

/** The shards that follow a closed one, for a reader at its end. */
export function childShards(shard: Shard): sdk.ChildShard[] {
  return shard.children.map((child) => ({
    ShardId: child.shardId,
    ParentShards: child.parents.slice(0, 2).map((parent) => parent.shardId),
    HashKeyRange: hashKeyRange(child.range),
  }));
}

/** The shards that a ShardFilter lets through (Kinesis API reference); without one, all whose records may still be there. */
function filteredShards(
  stream: KinesisStream,
  filter: sdk.ShardFilter | undefined,
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
      return stream.shards.filter((shard) => wasOpenAt(shard, needed(filter, 'Timestamp').getTime()));
    case 'FROM_TIMESTAMP':
      return stream.shards.filter((shard) => closedEpochMs(shard) >= needed(filter, 'Timestamp').getTime());
    case 'AFTER_SHARD_ID':
      return stream.shards.filter((shard) => shard.shardId > needed(filter, 'ShardId'));
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

/** What the filter's type goes by. */
function needed<K extends 'Timestamp' | 'ShardId'>(filter: sdk.ShardFilter, name: K) {
  const value = filter[name];
  if (value) return value;
  throw invalidArgument(`ShardFilter of type ${filter.Type} needs a ${name}.`);
}

function hashKeyRange({ start, end }: ShardRange) {
  return { StartingHashKey: start.toString(), EndingHashKey: end.toString() };
}

/** A consumer here is ACTIVE as soon as it exists. */
export function listStreamConsumers(
  options: KinesisActionsOptions,
  input: sdk.ListStreamConsumersInput,
): sdk.ListStreamConsumersOutput {
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const limit = numberBetween('maxResults', input.MaxResults, LIMITS, LIMIT);
  const { after } =
    input.NextToken === undefined
      ? { after: 0 }
      : unsealed(input.NextToken, z.object({ after: z.number().int().nonnegative() }));
  const left = options.kinesis.consumersOf(stream).slice(after);
  const { shown, token } = pageOf(left, limit, () => ({ after: after + limit }));
  return { Consumers: shown.map(consumerView), ...token };
}

export function describeStreamConsumer(
  options: KinesisActionsOptions,
  input: sdk.DescribeStreamConsumerInput,
): sdk.DescribeStreamConsumerOutput {
  const consumer = consumerOf(options, input);
  return { ConsumerDescription: { ...consumerView(consumer), StreamARN: consumer.stream.arn } };
}

export function registerStreamConsumer(
  options: KinesisActionsOptions,
  input: sdk.RegisterStreamConsumerInput,
): sdk.RegisterStreamConsumerOutput {
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const name = checkName('consumerName', input.ConsumerName ?? '');
  const arn = `${stream.arn}/consumer/${name}:${Math.floor(epochNow(options.clock) / 1_000)}`;
  options.kinesis.addConsumer({
    logicalId: name,
    type: STREAM_CONSUMER.type,
    physicalId: arn,
    attributes: { ConsumerARN: arn },
    properties: { ConsumerName: name, StreamARN: stream.arn },
  });
  return { Consumer: consumerView(options.kinesis.eventSource(arn)!) };
}

export function deregisterStreamConsumer(
  options: KinesisActionsOptions,
  input: sdk.DeregisterStreamConsumerInput,
): object {
  options.kinesis.removeConsumer(consumerOf(options, input).arn);
  return {};
}

/** A consumer by its ARN, or by its name and its stream's ARN. Throws ResourceNotFoundException. */
export function consumerOf(
  options: KinesisActionsOptions,
  input: sdk.DescribeStreamConsumerInput,
): EventSource {
  const { kinesis, accountId } = options;
  if (input.ConsumerARN !== undefined) {
    const consumer = kinesis.eventSource(input.ConsumerARN);
    if (consumer?.kind === 'fanOut') return consumer;
    throw kinesis.consumerNotFound(input.ConsumerARN);
  }
  if (input.StreamARN === undefined || input.ConsumerName === undefined)
    throw invalidArgument('Either ConsumerARN, or StreamARN and ConsumerName must be given.');
  const stream = streamOf(options, { StreamARN: input.StreamARN });
  const named = kinesis.consumersOf(stream).find((one) => one.consumerName === input.ConsumerName);
  if (named) return named;
  throw notFound(
    `Consumer ${input.ConsumerName} under stream ${stream.name} not found for account ${accountId}.`,
  );
}

function consumerView(consumer: EventSource): sdk.Consumer {
  return {
    ConsumerName: consumer.consumerName ?? '',
    ConsumerARN: consumer.arn,
    ConsumerStatus: 'ACTIVE',
    ConsumerCreationTimestamp: new Date(consumer.createdEpochMs),
  };
}
