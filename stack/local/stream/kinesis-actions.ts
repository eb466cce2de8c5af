/**
 * The Kinesis API of the local stage: what a client needs to write to streams, to read them by either way, and to look at
 * them. Streams are made, changed and removed by stacks, so the actions for that are absent, as are encryption and tags.
 * Inputs and outputs are those of the SDK's commands.
 */
import type * as sdk from '@aws-sdk/client-kinesis';
import type { Actions } from '../endpoints/action.ts';
import { AwsError } from '../errors.ts';
import type { ActionResult } from '../ports.ts';
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
import { type PutAnswer, type PutInput, parsePut } from './kinesis-writer.ts';
import { subscribeAction } from './subscribe.ts';

export type { KinesisActionsOptions } from './action-context.ts';

/** An action of an input type of its own, given what all have in common. */
type Shared<I extends object, O extends object> = (
  options: KinesisActionsOptions,
  input: I,
) => O | Promise<O>;

export function kinesisActions(options: KinesisActionsOptions): Actions {
  const action =
    <I extends object, O extends object>(perform: Shared<I, O>) =>
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
 * PutRecord and PutRecords of the API: the same way into the shard as the gateway's integration has (kinesis-writer.ts).
 * SequenceNumberForOrdering is accepted and changes nothing: a record is always stored after every number that was
 * answered before its put began, which is what it asks for.
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
  if (entries.length === 0)
    throw invalidMember('records', '[]', 'Member must have length greater than or equal to 1');
  if (entries.length > REQUEST_RECORDS)
    throw invalidMember(
      'records',
      '[...]',
      `Member must have length less than or equal to ${REQUEST_RECORDS}`,
    );
  const records = entries.map((entry) => recordIn(stream, entry));
  checkAll(stream, records);
  const answers = await options.kinesis.putRecords(stream, records);
  return {
    FailedRecordCount: answers.filter((answer) => !answer.ok).length,
    Records: answers.map(entryOf),
  };
}

function recordIn(
  stream: KinesisStream,
  { Data, PartitionKey, ExplicitHashKey }: Omit<sdk.PutRecordInput, 'StreamName'>,
): PutInput {
  return {
    StreamARN: stream.arn,
    Data: Data!,
    PartitionKey: PartitionKey!,
    ...(ExplicitHashKey === undefined ? {} : { ExplicitHashKey }),
  };
}

/** One invalid record makes the whole request invalid; only what happens while records are stored is theirs alone. */
function checkAll(stream: KinesisStream, records: readonly PutInput[]): void {
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const request = orThrow(parsePut(record, stream.recordBytes, `records.${index + 1}.member.`));
    bytes += request.data.length + Buffer.byteLength(request.partitionKey);
  }
  if (bytes > REQUEST_BYTES) throw invalidArgument('Records size exceeds 10 MiB limit');
}

function entryOf(answer: PutAnswer) {
  return answer.ok ? answer.value : { ErrorCode: answer.code, ErrorMessage: answer.message };
}

function orThrow<T>(answer: ActionResult<T>): T {
  if (answer.ok) return answer.value;
  throw new AwsError(answer.code, answer.message, answer.status);
}
