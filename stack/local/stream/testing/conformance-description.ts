/**
 * What a client may rely on when it asks Kinesis about streams, shards and consumers, and when it asks for what can't be:
 * behaviours that any implementation can be held to. Of an error its name counts, and a word of its text where clients are
 * known to look for one.
 */
import assert from 'node:assert/strict';
import {
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { arnOf, type Behaviour, iterator, MAX_HASH_KEY, put, refused, withConsumer } from './conformance.ts';

export const DESCRIBING: Readonly<Record<string, Behaviour>> = {
  'ListShards describes open shards whose ranges cover every hash key': async ({ client, streamName }) => {
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: streamName }));
    const ranges = Shards.map((shard) => shard.HashKeyRange!);
    assert.deepEqual(
      Shards.map((shard) => shard.ShardId),
      ['shardId-000000000000', 'shardId-000000000001'],
    );
    assert.equal(ranges[0]!.StartingHashKey, '0');
    assert.equal(BigInt(ranges[1]!.StartingHashKey!), BigInt(ranges[0]!.EndingHashKey!) + 1n);
    assert.equal(ranges[1]!.EndingHashKey, String(MAX_HASH_KEY));
    for (const { SequenceNumberRange } of Shards) {
      assert.match(SequenceNumberRange?.StartingSequenceNumber ?? '', /^\d{56}$/);
      assert.equal(SequenceNumberRange?.EndingSequenceNumber, undefined);
    }
  },

  'ListShards goes on from its token': async ({ client, streamName }) => {
    const first = await client.send(new ListShardsCommand({ StreamName: streamName, MaxResults: 1 }));
    const second = await client.send(new ListShardsCommand({ NextToken: first.NextToken, MaxResults: 1 }));
    assert.deepEqual(
      [...first.Shards!, ...second.Shards!].map((shard) => shard.ShardId),
      ['shardId-000000000000', 'shardId-000000000001'],
    );
    assert.equal(second.NextToken, undefined);
  },

  'DescribeStream pages its shards': async ({ client, streamName }) => {
    const page = async (ExclusiveStartShardId?: string) => {
      const input = { StreamName: streamName, Limit: 1, ExclusiveStartShardId };
      const { StreamDescription } = await client.send(new DescribeStreamCommand(input));
      const { Shards, HasMoreShards } = StreamDescription!;
      return [Shards!.map((shard) => shard.ShardId), HasMoreShards];
    };
    assert.deepEqual(await page(), [['shardId-000000000000'], true]);
    assert.deepEqual(await page('shardId-000000000000'), [['shardId-000000000001'], false]);
  },

  'DescribeStreamSummary tells what the stream is': async (target) => {
    const { client, streamName } = target;
    const StreamARN = await arnOf(target);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamARN }));
    const { StreamCreationTimestamp, StreamARN: arn, ...rest } = StreamDescriptionSummary!;
    assert.match(arn!, new RegExp(`^arn:aws:kinesis:[a-z0-9-]+:\\d{12}:stream/${streamName}$`));
    assert.ok(StreamCreationTimestamp! <= new Date(), 'it was made before now');
    const told = {
      StreamName: streamName,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: 24,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      OpenShardCount: 2,
      ConsumerCount: 0,
    };
    assert.deepEqual({ ...rest, ...told }, rest);
  },

  'ListStreams names the stream': async ({ client, streamName }) => {
    const ExclusiveStartStreamName = streamName.slice(0, -1);
    const { StreamNames } = await client.send(new ListStreamsCommand({ ExclusiveStartStreamName }));
    assert.ok(StreamNames?.includes(streamName), `it is among ${StreamNames}`);
  },

  'ListStreams sums the stream up': async ({ client, streamName }) => {
    const ExclusiveStartStreamName = streamName.slice(0, -1);
    const { StreamSummaries } = await client.send(new ListStreamsCommand({ ExclusiveStartStreamName }));
    const summary = StreamSummaries?.find((one) => one.StreamName === streamName);
    assert.equal(summary?.StreamStatus, 'ACTIVE');
    assert.match(summary.StreamARN!, /:stream\//);
  },

  'consumers can be registered, listed, described by ARN or name, and removed': async (target) => {
    const { client } = target;
    const list = async (StreamARN: string) => {
      const { Consumers } = await client.send(new ListStreamConsumersCommand({ StreamARN }));
      return Consumers?.map((one) => one.ConsumerName);
    };
    await withConsumer(target, 'conformance', async (ConsumerARN, StreamARN) => {
      assert.match(ConsumerARN, /:stream\/[^/]+\/consumer\/conformance:\d{10}$/);
      assert.deepEqual(await list(StreamARN), ['conformance']);
      const byArn = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
      const byName = await client.send(
        new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'conformance' }),
      );
      assert.deepEqual(byArn.ConsumerDescription, byName.ConsumerDescription);
      assert.equal(byArn.ConsumerDescription?.StreamARN, StreamARN);
      const again = new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'conformance' });
      await refused(client.send(again), 'ResourceInUseException');
    });
  },
};

export const REFUSING: Readonly<Record<string, Behaviour>> = {
  'a stream that does not exist is a ResourceNotFoundException that names it': async ({ client }) => {
    const StreamName = 'conformance-none';
    const text = /^Stream conformance-none under account \d{12} not found\.$/;
    const Data = Buffer.from('x');
    const putting = client.send(new PutRecordCommand({ StreamName, Data, PartitionKey: 'k' }));
    await refused(putting, 'ResourceNotFoundException', text);
    const describing = client.send(new DescribeStreamSummaryCommand({ StreamName }));
    await refused(describing, 'ResourceNotFoundException', text);
  },

  'a shard that does not exist is a ResourceNotFoundException': async (target) => {
    const input = { ShardId: 'shardId-000000000099', ShardIteratorType: 'LATEST' as const };
    await refused(iterator(target, input), 'ResourceNotFoundException');
  },

  'what is no iterator is an InvalidArgumentException': async ({ client }) => {
    const ShardIterator = 'bm8gaXRlcmF0b3I=';
    await refused(client.send(new GetRecordsCommand({ ShardIterator })), 'InvalidArgumentException');
  },

  'a sequence number of nowhere is an InvalidArgumentException': async (target) => {
    const input = {
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const,
      StartingSequenceNumber: `4${'9'.repeat(55)}`,
    };
    await refused(iterator(target, input), 'InvalidArgumentException');
  },

  'a time in the future is an InvalidArgumentException': async (target) => {
    const input = {
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'AT_TIMESTAMP' as const,
      Timestamp: new Date(Date.now() + 3_600_000),
    };
    await refused(iterator(target, input), 'InvalidArgumentException');
  },

  'a partition key beyond 256 characters is a ValidationException': async (target) => {
    await refused(put(target, 'x', 'k'.repeat(257)), 'ValidationException', /partitionKey/);
  },

  'a record beyond 1 MiB is a ValidationException': async (target) => {
    await refused(put(target, 'x'.repeat(1_048_577), 'k'), 'ValidationException', /data/);
  },

  'a hash key beyond 128 bits is an InvalidArgumentException': async (target) => {
    await refused(put(target, 'x', 'k', MAX_HASH_KEY + 1n), 'InvalidArgumentException', /ExplicitHashKey/);
  },

  'a Limit beyond 10,000 is a ValidationException': async (target) => {
    const ShardIterator = await iterator(target, {
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'LATEST',
    });
    const Limit = 10_001;
    const reading = target.client.send(new GetRecordsCommand({ ShardIterator, Limit }));
    await refused(reading, 'ValidationException', /limit/);
  },

  'PutRecords of no record or of 501 is a ValidationException': async ({ client, streamName }) => {
    const record = { Data: Buffer.from('x'), PartitionKey: 'k' };
    for (const length of [0, 501]) {
      const Records = Array.from({ length }, () => record);
      const putting = client.send(new PutRecordsCommand({ StreamName: streamName, Records }));
      await refused(putting, 'ValidationException', /records/);
    }
  },
};
