/**
 * The Kinesis API of the local stage: what a client needs to write to streams, to read them by either way, and to look at
 * them. Streams are made, changed and removed by stacks, so the actions for that are absent, as are encryption and tags.
 * Inputs and outputs are those of the SDK's commands.
 */
import type { Actions } from '../endpoints/action.ts';
import type { KinesisActionsOptions } from './action-context.ts';
import {
  deregisterStreamConsumer,
  describeStreamConsumer,
  listStreamConsumers,
  registerStreamConsumer,
} from './consumer-actions.ts';
import { describeStream, describeStreamSummary, listStreams } from './describe-actions.ts';
import { getRecordsAction } from './get-records.ts';
import { listShards } from './list-shards.ts';
import { putRecord, putRecords } from './put-actions.ts';
import { getShardIterator } from './shard-iterator.ts';
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
