/**
 * GetShardIterator: a place in a shard, as a token that a reader hands in with its next request. It is good for five
 * minutes (GetShardIterator API reference).
 */
import type { GetShardIteratorInput, GetShardIteratorOutput } from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { AwsError } from '../endpoints/action.ts';
import {
  epochNow,
  invalidArgument,
  type KinesisActionsOptions,
  sealed,
  shardOf,
  streamOf,
  unsealed,
} from './action-context.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { SHARD_DIGITS } from './sequence.ts';
import type { Shard } from './shard.ts';

const ITERATOR_MS = 300_000;

const content = z.object({
  stream: z.string(),
  /** A stream made again has other records. */
  createdEpochMs: z.number(),
  shardId: z.string(),
  position: z.number().int().nonnegative(),
  issuedEpochMs: z.number(),
});

/** Where a reader stands. */
export interface ShardPlace {
  readonly stream: KinesisStream;
  readonly shard: Shard;
  readonly position: number;
}

/** Names a place in the words of GetShardIterator and of SubscribeToShard's StartingPosition. */
export interface PlaceRequest {
  readonly type: string | undefined;
  readonly sequenceNumber: string | undefined;
  readonly timestamp: Date | undefined;
}

export function getShardIterator(
  options: KinesisActionsOptions,
  input: GetShardIteratorInput,
): GetShardIteratorOutput {
  const stream = streamOf(options, input);
  const shard = shardOf(options, stream, input.ShardId!);
  const position = requestedPosition(options, stream, shard, {
    type: input.ShardIteratorType,
    sequenceNumber: input.StartingSequenceNumber,
    timestamp: input.Timestamp,
  });
  return { ShardIterator: iteratorAt(options, { stream, shard, position }) };
}

export function iteratorAt(options: KinesisActionsOptions, { stream, shard, position }: ShardPlace): string {
  return sealed({
    stream: stream.arn,
    createdEpochMs: stream.createdEpochMs,
    shardId: shard.shardId,
    position,
    issuedEpochMs: epochNow(options.clock),
  });
}

/** The place an iterator holds. Throws for what is no iterator, and ExpiredIteratorException for an old one. */
export function placeIn(options: KinesisActionsOptions, iterator: string): ShardPlace {
  const parsed = content.safeParse(unsealed(iterator));
  if (!parsed.success) throw invalidArgument('Invalid ShardIterator.');
  const { stream: arn, createdEpochMs, shardId, position, issuedEpochMs } = parsed.data;
  const nowEpochMs = epochNow(options.clock);
  if (nowEpochMs > issuedEpochMs + ITERATOR_MS) {
    const [issued, now] = [issuedEpochMs, nowEpochMs].map((epochMs) => new Date(epochMs).toISOString());
    const text = `Iterator expired. The iterator was created at time ${issued} while right now it is ${now} which is further in the future than the tolerated delay of ${ITERATOR_MS} milliseconds.`;
    throw new AwsError('ExpiredIteratorException', text);
  }
  const stream = streamOf(options, { StreamARN: arn });
  if (stream.createdEpochMs !== createdEpochMs) throw invalidArgument('Invalid ShardIterator.');
  return { stream, shard: shardOf(options, stream, shardId), position };
}

/** The position a request names. A number or time before the oldest record means the oldest. */
export function requestedPosition(
  options: KinesisActionsOptions,
  stream: KinesisStream,
  shard: Shard,
  request: PlaceRequest,
): number {
  switch (request.type) {
    case 'LATEST':
      return shard.end;
    case 'TRIM_HORIZON':
      return shard.first;
    case 'AT_SEQUENCE_NUMBER':
      return shard.positionOf(numberIn(options, stream, shard, request));
    case 'AFTER_SEQUENCE_NUMBER':
      return positionAfter(shard, numberIn(options, stream, shard, request));
    case 'AT_TIMESTAMP':
      return shard.positionAt(timeIn(options, request));
    default:
      throw invalidArgument(`There is no starting position of type ${request.type}.`);
  }
}

function positionAfter(shard: Shard, sequenceNumber: string): number {
  const position = shard.positionOf(sequenceNumber);
  return shard.at(position)?.sequenceNumber === sequenceNumber ? position + 1 : position;
}

/** A number that the shard has given out, its own starting number included. Numbers have one length, so text compares. */
function numberIn(
  { accountId }: KinesisActionsOptions,
  stream: KinesisStream,
  shard: Shard,
  { type, sequenceNumber }: PlaceRequest,
): string {
  if (sequenceNumber === undefined)
    throw invalidArgument(`StartingSequenceNumber must be given with the type ${type}.`);
  const { startingSequenceNumber: first, newestSequenceNumber: newest } = shard;
  const isOurs =
    sequenceNumber.length === first.length &&
    sequenceNumber >= first &&
    sequenceNumber <= newest &&
    sequenceNumber.endsWith(first.slice(-SHARD_DIGITS));
  if (isOurs) return sequenceNumber;
  throw invalidArgument(
    `StartingSequenceNumber ${sequenceNumber} used in GetShardIterator on shard ${shard.shardId} in stream ${stream.name} under account ${accountId} is invalid because it did not come from this stream.`,
  );
}

function timeIn({ clock }: KinesisActionsOptions, { type, timestamp }: PlaceRequest): number {
  if (!timestamp) throw invalidArgument(`Timestamp must be given with the type ${type}.`);
  const nowEpochMs = epochNow(clock);
  if (timestamp.getTime() <= nowEpochMs) return timestamp.getTime();
  throw invalidArgument(
    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. currentTimestampInMillis: ${Math.floor(nowEpochMs)}, timestampInMillis: ${timestamp.getTime()}`,
  );
}
