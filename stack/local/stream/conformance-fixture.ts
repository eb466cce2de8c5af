/**
 * What a client may rely on when it talks to Kinesis, as behaviours that any implementation can be held to: ours, another,
 * or AWS itself. Each is written against the SDK's client and one stream of two shards that is only written to, so they can
 * run one after the other on the same stream. The oracles are the Kinesis API reference and the records that were put.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type _Record,
  DeregisterStreamConsumerCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';

export interface ConformanceTarget {
  readonly client: KinesisClient;
  /** Name of a stream with two open shards that nobody else writes to. */
  readonly streamName: string;
}

type Behaviour = (target: ConformanceTarget) => Promise<void>;

/** Polls until the records are there: on AWS a read may answer nothing although there is something. */
const POLLS = 50;
const POLL_WAIT_MS = 250;

const MAX_HASH_KEY = (1n << 128n) - 1n;

async function put({ client, streamName }: ConformanceTarget, text: string, key: string, hashKey?: bigint) {
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

async function iterator(
  { client, streamName }: ConformanceTarget,
  input: Omit<GetShardIteratorInput, 'StreamName'>,
): Promise<string> {
  const answer = await client.send(new GetShardIteratorCommand({ StreamName: streamName, ...input }));
  return answer.ShardIterator!;
}

/** Reads on from an iterator until there are so many records. */
async function read({ client }: ConformanceTarget, from: string, count: number, Limit?: number) {
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

const textOf = (record: _Record | undefined) => Buffer.from(record?.Data ?? []).toString();

async function arnOf({ client, streamName }: ConformanceTarget): Promise<string> {
  const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }));
  return answer.StreamDescriptionSummary!.StreamARN!;
}

async function refused(sending: Promise<unknown>, name: string, message = /./): Promise<void> {
  await assert.rejects(sending, (error: Error) => {
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });
}

/** Registers a consumer, waits until it is active, and removes it whatever happens. */
async function withConsumer(
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
  }
}

const WRITING: Readonly<Record<string, Behaviour>> = {
  'a record comes back as it was put, with the numbers that were answered, in order': async (target) => {
    const texts = ['first', '', 'third é'];
    const answers = [];
    for (const text of texts) answers.push(await put(target, text, 'round trip'));
    const [{ ShardId, SequenceNumber } = assert.fail()] = answers;
    const from = await iterator(target, {
      ShardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: SequenceNumber,
    });
    const records = await read(target, from, 3);
    assert.deepEqual(records.map(textOf), texts);
    assert.deepEqual(
      records.map((record) => record.SequenceNumber),
      answers.map((answer) => answer.SequenceNumber),
    );
    for (const record of records) {
      assert.equal(record.PartitionKey, 'round trip');
      assert.ok(record.ApproximateArrivalTimestamp instanceof Date, 'it has a time of arrival');
    }
  },

  'sequence numbers of a key increase, as decimal numbers of 56 digits': async (target) => {
    let last = '';
    for (let index = 0; index < 10; index++) {
      const { SequenceNumber } = await put(target, String(index), 'increase');
      assert.match(SequenceNumber, /^[1-9]\d{55}$/);
      assert.ok(SequenceNumber > last, `${SequenceNumber} is above ${last}`);
      last = SequenceNumber;
    }
  },

  'the MD5 of the partition key chooses the shard': async (target) => {
    const { Shards } = await target.client.send(new ListShardsCommand({ StreamName: target.streamName }));
    for (let index = 0; index < 8; index++) {
      const key = `key ${index} é`;
      const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
      const { ShardId } = await put(target, 'x', key);
      const { HashKeyRange } = Shards!.find((shard) => shard.ShardId === ShardId)!;
      const { StartingHashKey, EndingHashKey } = HashKeyRange!;
      assert.ok(
        BigInt(StartingHashKey!) <= hash && hash <= BigInt(EndingHashKey!),
        `${key} is in ${ShardId}`,
      );
    }
  },

  'an explicit hash key overrides the partition key': async (target) => {
    const ids = [
      (await put(target, 'x', 'k', 0n)).ShardId,
      (await put(target, 'x', 'k', MAX_HASH_KEY)).ShardId,
    ];
    assert.deepEqual(ids, ['shardId-000000000000', 'shardId-000000000001']);
  },

  'PutRecords answers for each record in the order of the request': async (target) => {
    const { client, streamName } = target;
    const keys = [0n, MAX_HASH_KEY, 0n];
    const answer = await client.send(
      new PutRecordsCommand({
        StreamName: streamName,
        Records: keys.map((key, index) => ({
          Data: Buffer.from(`batch ${index}`),
          PartitionKey: 'k',
          ExplicitHashKey: String(key),
        })),
      }),
    );
    assert.equal(answer.FailedRecordCount, 0);
    assert.deepEqual(
      answer.Records?.map((record) => [record.ShardId, record.ErrorCode]),
      [0, 1, 0].map((shard) => [`shardId-00000000000${shard}`, undefined]),
    );
    const { ShardId, SequenceNumber } = answer.Records![1]!;
    const from = await iterator(target, {
      ShardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: SequenceNumber,
    });
    assert.equal(textOf((await read(target, from, 1))[0]), 'batch 1');
  },
};

const READING: Readonly<Record<string, Behaviour>> = {
  'AFTER_SEQUENCE_NUMBER leaves out the record of the number': async (target) => {
    const { ShardId, SequenceNumber } = await put(target, 'before', 'after');
    await put(target, 'behind', 'after');
    const from = await iterator(target, {
      ShardId,
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: SequenceNumber,
    });
    assert.equal(textOf((await read(target, from, 1))[0]), 'behind');
  },

  'LATEST gives what is put from then on': async (target) => {
    const { ShardId } = await put(target, 'too early', 'latest');
    const from = await iterator(target, { ShardId, ShardIteratorType: 'LATEST' });
    await put(target, 'in time', 'latest');
    assert.equal(textOf((await read(target, from, 1))[0]), 'in time');
  },

  'TRIM_HORIZON gives everything that is kept': async (target) => {
    const { ShardId, SequenceNumber } = await put(target, 'kept', 'horizon');
    const from = await iterator(target, { ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    for (let shown = 10; ; shown *= 10) {
      const records = await read(target, from, shown);
      const found = records.find((record) => record.SequenceNumber === SequenceNumber);
      if (found) return assert.equal(textOf(found), 'kept');
      assert.ok(records.length >= shown, `not among the ${records.length} records there are`);
    }
  },

  'AT_TIMESTAMP gives what arrived at or after it': async (target) => {
    const first = await put(target, 'earlier', 'time');
    await wait(20);
    const second = await put(target, 'later', 'time');
    const { ShardId } = first;
    const at = await iterator(target, {
      ShardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: second.SequenceNumber,
    });
    const Timestamp = (await read(target, at, 1))[0]!.ApproximateArrivalTimestamp!;
    const from = await iterator(target, { ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp });
    assert.equal(textOf((await read(target, from, 1))[0]), 'later');
  },

  'Limit bounds an answer, and its next iterator goes on where it ended': async (target) => {
    const { ShardId, SequenceNumber } = await put(target, 'one', 'limit');
    await put(target, 'two', 'limit');
    const from = await iterator(target, {
      ShardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: SequenceNumber,
    });
    const ShardIterator = from;
    const answer = await target.client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    assert.ok((answer.Records?.length ?? 0) <= 1, 'one record at most');
    assert.equal(typeof answer.MillisBehindLatest, 'number');
    assert.deepEqual((await read(target, from, 2, 1)).map(textOf), ['one', 'two']);
  },

  'SubscribeToShard pushes what there is from the starting position on': async (target) => {
    const { ShardId, SequenceNumber } = await put(target, 'pushed', 'subscribe');
    await withConsumer(target, 'conformance-push', async (ConsumerARN) => {
      const StartingPosition = { Type: 'AT_SEQUENCE_NUMBER' as const, SequenceNumber };
      const { EventStream } = await target.client.send(
        new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }),
      );
      for await (const { SubscribeToShardEvent } of EventStream!) {
        const [record] = SubscribeToShardEvent?.Records ?? [];
        if (!record) continue;
        assert.equal(textOf(record), 'pushed');
        assert.ok(
          SubscribeToShardEvent?.ContinuationSequenceNumber! >= SequenceNumber,
          'it can be continued',
        );
        return;
      }
      assert.fail('the subscription ended without the record');
    });
  },
};

const DESCRIBING: Readonly<Record<string, Behaviour>> = {
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

  'ListStreams has the stream, also as a summary': async ({ client, streamName }) => {
    const { StreamNames, StreamSummaries, HasMoreStreams } = await client.send(new ListStreamsCommand({}));
    assert.ok(StreamNames?.includes(streamName) || HasMoreStreams, 'its name');
    const summary = StreamSummaries?.find((one) => one.StreamName === streamName);
    assert.ok(summary?.StreamStatus === 'ACTIVE' || HasMoreStreams, 'its summary');
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

const REFUSING: Readonly<Record<string, Behaviour>> = {
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

/** By name, in the order they run in. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  ...WRITING,
  ...READING,
  ...DESCRIBING,
  ...REFUSING,
};
