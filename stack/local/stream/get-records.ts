/**
 * Performs GetRecords and GetShardIterator. A call takes from the same five calls and 2 MB a second as the polling of
 * event source mappings, and counts in the same metrics. It returns what is in the shard when it starts, after the
 * profile's time.
 */
import type * as sdk from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { AwsError } from '../errors.ts';
import { sampler } from '../profile.ts';
import { epochNow, waited } from '../waiting.ts';
import {
  invalidArgument,
  type KinesisActionsOptions,
  numberBetween,
  sealed,
  shardOf,
  streamOf,
  unsealed,
} from './action-context.ts';
import {
  ANSWER_RECORDS,
  answerFrom,
  countRead,
  countRefusedRead,
  type ReadMeters,
  readMeters,
} from './consumer-polling.ts';
import { childShards } from './describe-actions.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { SHARD_DIGITS, type Shard, type ShardRecord } from './shard.ts';

/** The action, which draws its times from the options' chance. */
export function getRecordsAction(options: KinesisActionsOptions) {
  const { clock, profile, random } = options;
  const drawAnswer = sampler(profile.latency.pollAnswer, random.fork('get records'));
  const known = new WeakMap<KinesisStream, ReadMeters>();
  const metersOf = (stream: KinesisStream) => {
    const meters = known.get(stream) ?? readMeters(stream.name, options.metrics);
    known.set(stream, meters);
    return meters;
  };
  return async (input: sdk.GetRecordsInput): Promise<sdk.GetRecordsOutput> => {
    const limit = numberBetween('limit', input.Limit, [1, ANSWER_RECORDS], ANSWER_RECORDS);
    const at = positionIn(options, input.ShardIterator!);
    const startedMs = clock.now();
    const meters = metersOf(at.stream);
    if (!at.shard.readTurns.call(startedMs)) {
      countRefusedRead(meters, at.shard.meters);
      const what = `shard ${at.shard.shardId} in stream ${at.stream.name} under account ${options.accountId}`;
      throw new AwsError('ProvisionedThroughputExceededException', `Rate exceeded for ${what}.`);
    }
    const records = answerFrom(at.shard, at.position, limit);
    await waited(clock, drawAnswer());
    countRead(meters, at.shard.meters, { records, startedMs, nowMs: clock.now() });
    return answer(options, at, records);
  };
}

export function recordView(record: ShardRecord): sdk._Record {
  return {
    SequenceNumber: record.sequenceNumber,
    ApproximateArrivalTimestamp: new Date(record.approximateArrivalMs),
    Data: record.data,
    PartitionKey: record.partitionKey,
  };
}

function answer(
  options: KinesisActionsOptions,
  { stream, shard, position }: ShardPosition,
  records: readonly ShardRecord[],
): sdk.GetRecordsOutput {
  const nextPosition = (records.at(-1)?.position ?? Math.max(position, shard.first) - 1) + 1;
  const isOver = shard.closed !== null && nextPosition >= shard.end;
  const next = shard.at(nextPosition);
  const behindFrom = records.at(-1) ?? next;
  return {
    Records: records.map(recordView),
    ...(isOver
      ? { ChildShards: childShards(shard) }
      : { NextShardIterator: iteratorAt(options, { stream, shard, position: nextPosition }) }),
    MillisBehindLatest: next ? Math.round(options.clock.now() - behindFrom!.arrivedMs) : 0,
  };
}

const ITERATOR_MS = 300_000;
const INVALID_ITERATOR = 'Invalid ShardIterator.';

const content = z.object({
  stream: z.string(),
  /** A stream made again has other records. */
  createdEpochMs: z.number(),
  shardId: z.string(),
  position: z.number().int().nonnegative(),
  issuedEpochMs: z.number(),
});

interface ShardPosition {
  readonly stream: KinesisStream;
  readonly shard: Shard;
  readonly position: number;
}

export function getShardIterator(
  options: KinesisActionsOptions,
  input: sdk.GetShardIteratorInput,
): sdk.GetShardIteratorOutput {
  const stream = streamOf(options, input);
  const shard = shardOf(options, stream, input.ShardId!);
  const position = requestedPosition(options, stream, shard, {
    Type: input.ShardIteratorType,
    SequenceNumber: input.StartingSequenceNumber,
    Timestamp: input.Timestamp,
  });
  return { ShardIterator: iteratorAt(options, { stream, shard, position }) };
}

function iteratorAt(options: KinesisActionsOptions, { stream, shard, position }: ShardPosition): string {
  return sealed({
    stream: stream.arn,
    createdEpochMs: stream.createdEpochMs,
    shardId: shard.shardId,
    position,
    issuedEpochMs: epochNow(options.clock),
  });
}

/** The position an iterator holds. Throws for what is no iterator, and ExpiredIteratorException for an old one. */
function positionIn(options: KinesisActionsOptions, iterator: string): ShardPosition {
  const held = unsealed(iterator, content, INVALID_ITERATOR);
  const { stream: arn, createdEpochMs, shardId, position, issuedEpochMs } = held;
  const nowEpochMs = epochNow(options.clock);
  if (nowEpochMs > issuedEpochMs + ITERATOR_MS) {
    const [issued, now] = [issuedEpochMs, nowEpochMs].map((epochMs) => new Date(epochMs).toISOString());
    const text = `Iterator expired. The iterator was created at time ${issued} while right now it is ${now} which is further in the future than the tolerated delay of ${ITERATOR_MS} milliseconds.`;
    throw new AwsError('ExpiredIteratorException', text);
  }
  const stream = streamOf(options, { StreamARN: arn });
  if (stream.createdEpochMs !== createdEpochMs) throw invalidArgument(INVALID_ITERATOR);
  return { stream, shard: shardOf(options, stream, shardId), position };
}

/** The position a request names, in the words of SubscribeToShard. A number or time before the oldest record means the oldest. */
export function requestedPosition(
  options: KinesisActionsOptions,
  stream: KinesisStream,
  shard: Shard,
  request: Partial<sdk.StartingPosition>,
): number {
  switch (request.Type) {
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
      throw invalidArgument(`There is no starting position of type ${request.Type}.`);
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
  { Type, SequenceNumber: sequenceNumber }: Partial<sdk.StartingPosition>,
): string {
  if (sequenceNumber === undefined)
    throw invalidArgument(`StartingSequenceNumber must be given with the type ${Type}.`);
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

function timeIn(
  { clock }: KinesisActionsOptions,
  { Type, Timestamp: timestamp }: Partial<sdk.StartingPosition>,
): number {
  if (!timestamp) throw invalidArgument(`Timestamp must be given with the type ${Type}.`);
  const nowEpochMs = epochNow(clock);
  if (timestamp.getTime() <= nowEpochMs) return timestamp.getTime();
  throw invalidArgument(
    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. currentTimestampInMillis: ${Math.floor(nowEpochMs)}, timestampInMillis: ${timestamp.getTime()}`,
  );
}
