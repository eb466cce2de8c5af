/**
 * The Kinesis API of the local stage: writing, reading either way, looking at streams. Streams are made, changed and removed
 * by stacks, so the actions for that are absent, as are encryption and tags. Inputs and outputs are those of the SDK's commands.
 */
import type * as sdk from '@aws-sdk/client-kinesis';
import type { Actions } from '../endpoints/action.ts';
import type { ActionResult, PutRecordInput } from '../ports.ts';
import { invalidArgument, invalidMember, type KinesisActionsOptions, streamOf } from './action-context.ts';
import {
  deregisterStreamConsumer,
  describeStream,
  describeStreamConsumer,
  describeStreamSummary,
  listShards,
  listStreamConsumers,
  listStreams,
  registerStreamConsumer,
} from './describe-actions.ts';
import { getRecordsAction, getShardIterator } from './get-records.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { parsePut } from './kinesis-writer.ts';
import { subscribeAction } from './subscribe.ts';

export type { KinesisActionsOptions } from './action-context.ts';

export function kinesisActions(options: KinesisActionsOptions): Actions {
  const action =
    <I extends object, O extends object>(
      perform: (options: KinesisActionsOptions, input: I) => O | Promise<O>,
    ) =>
    (input: I) =>
      perform(options, input);
  return {
    PutRecord: action(putRecord),
    PutRecords: action(putRecords),
    DescribeStream: action(describeStream),
    DescribeStreamSummary: action(describeStreamSummary),
    ListStreams: action(listStreams),
    ListShards: action(listShards),
    GetShardIterator: action(getShardIterator),
    GetRecords: getRecordsAction(options),
    ListStreamConsumers: action(listStreamConsumers),
    DescribeStreamConsumer: action(describeStreamConsumer),
    RegisterStreamConsumer: action(registerStreamConsumer),
    DeregisterStreamConsumer: action(deregisterStreamConsumer),
    SubscribeToShard: subscribeAction(options),
  };
}

/** Limits of one PutRecords request (API reference). */
const REQUEST_RECORDS = 500;
const REQUEST_BYTES = 10 * 1_024 * 1_024;

/**
 * SequenceNumberForOrdering is accepted and changes nothing: a record is always stored after every number that was returned
 * before its put began, which is what it asks for.
 */
async function putRecord(
  options: KinesisActionsOptions,
  input: sdk.PutRecordInput,
): Promise<sdk.PutRecordOutput> {
  const stream = streamOf(options, input);
  return orThrow(await options.kinesis.putRecord(recordIn(stream, input)));
}

async function putRecords(
  options: KinesisActionsOptions,
  input: sdk.PutRecordsInput,
): Promise<sdk.PutRecordsOutput> {
  const stream = streamOf(options, input);
  const entries = input.Records ?? [];
  const mustHave = (length: string) => `Member must have length ${length}`;
  if (entries.length === 0) throw invalidMember('records', '[]', mustHave('greater than or equal to 1'));
  if (entries.length > REQUEST_RECORDS)
    throw invalidMember('records', '[...]', mustHave(`less than or equal to ${REQUEST_RECORDS}`));
  const records = entries.map((entry) => recordIn(stream, entry));
  checkAll(stream, records);
  const results = await options.kinesis.putRecords(stream, records);
  return {
    FailedRecordCount: results.filter(({ ok }) => !ok).length,
    Records: results.map((one) => (one.ok ? one.value : { ErrorCode: one.code, ErrorMessage: one.message })),
  };
}

function recordIn(
  { arn }: KinesisStream,
  { Data, PartitionKey, ExplicitHashKey }: sdk.PutRecordsRequestEntry,
): PutRecordInput {
  return { StreamARN: arn, Data: Data!, PartitionKey: PartitionKey!, ExplicitHashKey };
}

/** One invalid record makes the whole request invalid; only what happens while records are stored is theirs alone. */
function checkAll(stream: KinesisStream, records: readonly PutRecordInput[]): void {
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const request = orThrow(parsePut(record, stream.recordBytes, `records.${index + 1}.member.`));
    bytes += request.data.length + Buffer.byteLength(request.partitionKey);
  }
  if (bytes > REQUEST_BYTES) throw invalidArgument('Records size exceeds 10 MiB limit');
}

function orThrow<T>(result: ActionResult<T>): T {
  if (result.ok) return result.value;
  throw result;
}
