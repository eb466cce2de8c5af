/** ListShards: a stream's shards in pages. A page's token holds the filter and is good for 300 seconds (API reference). */
import type { ListShardsInput, ListShardsOutput, ShardFilter } from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { AwsError } from '../endpoints/action.ts';
import {
  epochNow,
  invalidArgument,
  type KinesisActionsOptions,
  numberBetween,
  sealed,
  streamOf,
  unsealed,
} from './action-context.ts';
import { describedShard, filteredShards } from './shard-view.ts';

const MAX_RESULTS = 1_000;
const TOKEN_MS = 300_000;

const tokenContent = z.object({
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

interface Page {
  readonly stream: string | undefined;
  readonly afterShard: string;
  readonly filter: ShardFilter | undefined;
}

export function listShards(options: KinesisActionsOptions, input: ListShardsInput): ListShardsOutput {
  const nowEpochMs = epochNow(options.clock);
  const limit = numberBetween('maxResults', input.MaxResults, [1, 10_000], MAX_RESULTS);
  const page = input.NextToken === undefined ? firstPage(input) : pageIn(input.NextToken, input, nowEpochMs);
  const stream = streamOf(options, { StreamARN: page.stream });
  const left = filteredShards(stream, page.filter, nowEpochMs).filter((one) => one.shardId > page.afterShard);
  const shards = left.slice(0, limit);
  const next = {
    stream: stream.arn,
    afterShard: shards.at(-1)?.shardId,
    filter: page.filter,
    issuedEpochMs: nowEpochMs,
  };
  return {
    Shards: shards.map(describedShard),
    ...(left.length > limit ? { NextToken: sealed(next) } : {}),
  };
}

function firstPage(input: ListShardsInput): Page {
  return {
    stream: input.StreamARN ?? input.StreamName,
    afterShard: input.ExclusiveStartShardId ?? '',
    filter: input.ShardFilter,
  };
}

function pageIn(token: string, input: ListShardsInput, nowEpochMs: number): Page {
  if (input.StreamName !== undefined || input.ExclusiveStartShardId !== undefined)
    throw invalidArgument('NextToken and StreamName cannot be provided together.');
  const parsed = tokenContent.safeParse(unsealed(token));
  if (!parsed.success) throw invalidArgument('NextToken is invalid.');
  const { issuedEpochMs, filter, ...page } = parsed.data;
  if (nowEpochMs > issuedEpochMs + TOKEN_MS)
    throw new AwsError('ExpiredNextTokenException', 'NextToken is older than 300 seconds.');
  return { ...page, filter: filter as ShardFilter | undefined };
}
