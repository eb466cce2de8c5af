/**
 * What the conformance behaviours have in common: a client of some implementation of Kinesis, one stream of two shards that
 * is only written to, and the few calls that most of them make. Reads are repeated, for on AWS a read may answer nothing
 * although there is something.
 */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type _Record,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ListStreamConsumersCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';

export interface ConformanceTarget {
  readonly client: KinesisClient;
  /** Name of a stream with two open shards that nobody else writes to. */
  readonly streamName: string;
}

export type Behaviour = (target: ConformanceTarget) => Promise<void>;

/** Polls until the records are there: on AWS a read may answer nothing although there is something. */
const POLLS = 50;
const POLL_WAIT_MS = 250;

export const MAX_HASH_KEY = (1n << 128n) - 1n;

export async function put(
  { client, streamName }: ConformanceTarget,
  text: string,
  key: string,
  hashKey?: bigint,
) {
  const answer = await client.send(
    new PutRecordCommand({
      StreamName: streamName,
      Data: Buffer.from(text),
      PartitionKey: key,
      ...(hashKey === undefined ? {} : { ExplicitHashKey: String(hashKey) }),
    }),
  );
  return { ShardId: answer.ShardId!, SequenceNumber: answer.SequenceNumber! };
}

export async function iterator(
  { client, streamName }: ConformanceTarget,
  input: Omit<GetShardIteratorInput, 'StreamName'>,
): Promise<string> {
  const answer = await client.send(new GetShardIteratorCommand({ StreamName: streamName, ...input }));
  return answer.ShardIterator!;
}

/** Reads on from an iterator until there are so many records. */
export async function read({ client }: ConformanceTarget, from: string, count: number, Limit?: number) {
  const records: _Record[] = [];
  let ShardIterator: string | undefined = from;
  for (let poll = 0; poll < POLLS && records.length < count && ShardIterator; poll++) {
    if (poll > 0 && records.length === 0) await wait(POLL_WAIT_MS);
    const answer: { Records?: _Record[] | undefined; NextShardIterator?: string | undefined } =
      await client.send(new GetRecordsCommand({ ShardIterator, ...(Limit ? { Limit } : {}) }));
    records.push(...(answer.Records ?? []));
    ShardIterator = answer.NextShardIterator;
  }
  return records;
}

export const textOf = (record: _Record | undefined) => Buffer.from(record?.Data ?? []).toString();

export async function arnOf({ client, streamName }: ConformanceTarget): Promise<string> {
  const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }));
  return answer.StreamDescriptionSummary!.StreamARN!;
}

export async function refused(sending: Promise<unknown>, name: string, message = /./): Promise<void> {
  await assert.rejects(sending, (error: Error) => {
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });
}

/** Registers a consumer, waits until it is active, and removes it whatever happens; answers when it is gone. */
export async function withConsumer(
  target: ConformanceTarget,
  name: string,
  use: (consumerArn: string, streamArn: string) => Promise<void>,
): Promise<void> {
  const { client } = target;
  const StreamARN = await arnOf(target);
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: name }),
  );
  const ConsumerARN = Consumer!.ConsumerARN!;
  try {
    for (let poll = 0; poll < POLLS; poll++) {
      const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
      if (ConsumerDescription?.ConsumerStatus === 'ACTIVE') break;
      await wait(POLL_WAIT_MS);
    }
    await use(ConsumerARN, StreamARN);
  } finally {
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    for (let poll = 0; poll < POLLS; poll++) {
      const { Consumers } = await client.send(new ListStreamConsumersCommand({ StreamARN }));
      if (!Consumers?.some((one) => one.ConsumerARN === ConsumerARN)) break;
      await wait(POLL_WAIT_MS);
    }
  }
}
