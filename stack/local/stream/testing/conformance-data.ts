/**
 * What a client may rely on when it writes to Kinesis and reads, as behaviours that any implementation can be held to: ours,
 * another, or AWS itself. The oracles are the Kinesis API reference and the records that were put.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  GetRecordsCommand,
  ListShardsCommand,
  PutRecordsCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { type Behaviour, iterator, MAX_HASH_KEY, put, read, textOf, withConsumer } from './conformance.ts';

export const WRITING: Readonly<Record<string, Behaviour>> = {
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

export const READING: Readonly<Record<string, Behaviour>> = {
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
        const { Records, ContinuationSequenceNumber } = SubscribeToShardEvent!;
        if (!Records?.[0]) continue;
        assert.equal(textOf(Records[0]), 'pushed');
        assert.ok(ContinuationSequenceNumber! >= SequenceNumber, 'it can be continued');
        return;
      }
      assert.fail('the subscription ended without the record');
    });
  },
};
