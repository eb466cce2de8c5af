import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  GetRecordsOutput,
  GetShardIteratorOutput,
  ListShardsOutput,
  PutRecordsOutput,
  SubscribeToShardOutput,
} from '@aws-sdk/client-kinesis';
import { seededRandom } from '../../../bench/measure/random.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from '../profile.ts';
import { CONSUMER_ARN, TestBed, type TestBedOptions } from '../testing/mapping-bed.ts';
import { kinesisActions } from './kinesis-actions.ts';

const SHARD = 'shardId-000000000000';
const NO_LATENCY = { ...AWS_PROFILE, latency: IDEAL_PROFILE.latency };

/** A bed, and the actions on its streams. */
function actionBed(options: TestBedOptions = {}) {
  const bed = new TestBed(options);
  const actions = kinesisActions({
    kinesis: bed.kinesis,
    clock: bed.clock,
    random: seededRandom(1),
    profile: options.profile ?? IDEAL_PROFILE,
    metrics: bed.metrics,
    region: 'us-east-1',
    accountId: '123456789012',
  });
  const client = new AbortController();
  const context = { requestId: 'r', signal: client.signal };
  const call = async <O>(name: string, input: object = {}): Promise<O> =>
    (await actions[name]!({ StreamName: 'bench-Stream', ...input }, context)) as O;
  const iterator = async (input: object = {}) => {
    const given = { ShardId: SHARD, ShardIteratorType: 'TRIM_HORIZON', ...input };
    return (await call<GetShardIteratorOutput>('GetShardIterator', given)).ShardIterator!;
  };
  const read = async (ShardIterator: string, Limit?: number) =>
    call<GetRecordsOutput>('GetRecords', { ShardIterator, Limit });
  const subscribe = async (StartingPosition: object = { Type: 'TRIM_HORIZON' }) => {
    const input = { ConsumerARN: CONSUMER_ARN, ShardId: SHARD, StartingPosition };
    const { EventStream } = await call<SubscribeToShardOutput>('SubscribeToShard', input);
    return EventStream![Symbol.asyncIterator]();
  };
  return { bed, call, iterator, read, subscribe, client };
}

const textsIn = ({ Records }: { Records?: { Data?: Uint8Array | undefined }[] | undefined }) =>
  Records!.map(({ Data }) => Buffer.from(Data!).toString());

describe('GetRecords', () => {
  test('takes five calls a second of a shard, and none while a large read is repaid', async () => {
    const { bed, iterator, read } = actionBed({ profile: NO_LATENCY });
    const place = await iterator();
    for (let call = 0; call < 5; call++) await read(place);
    await assert.rejects(read(place), {
      code: 'ProvisionedThroughputExceededException',
      message: /^Rate exceeded for shard shardId-000000000000 in stream bench-Stream under account/,
    });
    await bed.clock.advance(200);
    await read(place);
    assert.equal(bed.total('ReadProvisionedThroughputExceeded'), 1);
    assert.equal(bed.total('GetRecords.Success'), 6);
  });

  test('takes the profile’s time and answers what was there when it began', async () => {
    const { bed, iterator, read } = actionBed({ profile: AWS_PROFILE });
    const place = await iterator();
    const put = bed.put(['a']);
    await bed.clock.advance(1_000);
    await put;
    const reading = read(place);
    void bed.put(['b']);
    await bed.clock.advance(1_000);
    assert.deepEqual(textsIn(await reading), ['a']);
    assert.ok(bed.largest('GetRecords.Latency') > 10, 'it took its time');
  });

  test('says how far behind it is, and where a closed shard goes on', async () => {
    const { bed, iterator, read } = actionBed();
    await bed.put(['a', 'b']);
    bed.updateStream({ ShardCount: 2 });
    await bed.clock.advance(1_234);
    const first = await read(await iterator(), 1);
    assert.equal(first.MillisBehindLatest, 1_234);
    assert.equal(first.ChildShards, undefined);
    const second = await read(first.NextShardIterator!);
    assert.deepEqual([textsIn(second), second.MillisBehindLatest], [['b'], 0]);
    assert.equal(second.NextShardIterator, undefined);
    assert.deepEqual(
      second.ChildShards?.map(({ ShardId, ParentShards }) => [ShardId?.slice(-1), ParentShards]),
      [
        ['1', [SHARD]],
        ['2', [SHARD]],
      ],
    );
  });

  test('refuses an iterator after five minutes, and one of a stream that is gone', async () => {
    const { bed, iterator, read } = actionBed();
    const place = await iterator();
    await bed.clock.advance(300_000);
    await read(place);
    await bed.clock.advance(1);
    await assert.rejects(read(place), { code: 'ExpiredIteratorException' });
    const later = await iterator();
    bed.kinesis.removeStream('bench-Stream');
    await assert.rejects(read(later), { code: 'ResourceNotFoundException' });
  });

  test('never hands out what has expired', async () => {
    const { bed, iterator, read } = actionBed();
    await bed.put(['a']);
    await bed.clock.advance(24 * 3_600_000 + 1);
    assert.deepEqual(textsIn(await read(await iterator())), []);
  });
});

describe('PutRecords', () => {
  test('stores what fits and tells the others’ errors, and counts both', async () => {
    const { bed, call } = actionBed({ profile: NO_LATENCY });
    const Records = Array.from({ length: 500 }, () => ({ Data: Buffer.from('x'), PartitionKey: 'k' }));
    await call('PutRecords', { Records });
    await call('PutRecords', { Records });
    const answer = await call<PutRecordsOutput>('PutRecords', { Records: Records.slice(0, 2) });
    assert.equal(answer.FailedRecordCount, 2);
    assert.equal(answer.Records?.[1]?.ErrorCode, 'ProvisionedThroughputExceededException');
    const counts = ['TotalRecords', 'SuccessfulRecords', 'ThrottledRecords', 'Success', 'Bytes'];
    assert.deepEqual(
      counts.map((name) => bed.total(`PutRecords.${name}`)),
      [1_002, 1_000, 2, 2, 1_000],
    );
    assert.equal(bed.total('IncomingRecords'), 1_000);
  });

  test('is refused as a whole for one record that is invalid, and beyond 500 records or 10 MiB', async () => {
    const { bed, call } = actionBed();
    const records = (count: number, bytes: number, PartitionKey = 'k') =>
      Array.from({ length: count }, () => ({ Data: Buffer.alloc(bytes), PartitionKey }));
    const put = (Records: object[]) => call('PutRecords', { Records });
    const valid = records(1, 1);
    await assert.rejects(put([...valid, ...records(1, 1, '')]), {
      message: /'records\.2\.member\.partitionKey'/,
    });
    await assert.rejects(put(records(501, 1)), { code: 'ValidationException' });
    await assert.rejects(put([]), { code: 'ValidationException' });
    await assert.rejects(put(records(11, 1_000_000)), { code: 'InvalidArgumentException' });
    assert.equal(bed.total('IncomingRecords'), 0);
  });

  test('stores its records in any order while it takes time', async () => {
    const { bed, call } = actionBed({ profile: AWS_PROFILE });
    const Records = Array.from({ length: 20 }, (_, index) => ({
      Data: Buffer.from(String(index)),
      PartitionKey: 'k',
    }));
    const putting = call<PutRecordsOutput>('PutRecords', { Records });
    await bed.clock.advance(1_000);
    const numbers = (await putting).Records!.map((record) => record.SequenceNumber!);
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    assert.notDeepEqual(numbers, [...numbers].sort());
    for (const [index, number] of numbers.entries())
      assert.equal(shard.at(shard.positionOf(number))?.data.toString(), String(index));
  });
});

describe('ListShards', () => {
  test('pages, filters by time, and lets a page’s token expire', async () => {
    const { bed, call } = actionBed({ shards: 2 });
    await bed.clock.advance(10_000);
    bed.updateStream({ ShardCount: 4 });
    await bed.clock.advance(10_000);
    const list = async (input: object) => {
      const { Shards, NextToken } = await call<ListShardsOutput>('ListShards', input);
      return { ids: Shards!.map((shard) => Number(shard.ShardId?.slice(-1))), NextToken };
    };
    const filtered = async (ShardFilter: object) => (await list({ ShardFilter })).ids;
    const before = new Date(1_700_000_005_000);
    assert.deepEqual(await filtered({ Type: 'FROM_TRIM_HORIZON' }), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(await filtered({ Type: 'AT_LATEST' }), [2, 3, 4, 5]);
    assert.deepEqual(await filtered({ Type: 'AT_TRIM_HORIZON' }), [0, 1]);
    assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: before }), [0, 1]);
    assert.deepEqual(
      await filtered({ Type: 'FROM_TIMESTAMP', Timestamp: new Date(1_700_000_015_000) }),
      [2, 3, 4, 5],
    );
    assert.deepEqual(await filtered({ Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000003' }), [4, 5]);
    await assert.rejects(filtered({ Type: 'AT_TIMESTAMP' }), { code: 'InvalidArgumentException' });
    const first = await list({ MaxResults: 3, ShardFilter: { Type: 'AT_LATEST' } });
    const next = { StreamName: undefined, NextToken: first.NextToken };
    assert.deepEqual([first.ids, (await list(next)).ids], [[2, 3, 4], [5]]);
    await assert.rejects(list({ NextToken: first.NextToken }), { code: 'InvalidArgumentException' });
    await bed.clock.advance(300_001);
    await assert.rejects(list(next), { code: 'ExpiredNextTokenException' });
  });
});

describe('SubscribeToShard', () => {
  test('pushes records, says every five seconds that it is alive, and ends after five minutes', async () => {
    const { bed, subscribe } = actionBed();
    const events = await subscribe();
    await bed.put(['a', 'b']);
    const { value } = await events.next();
    assert.deepEqual(textsIn(value.SubscribeToShardEvent), ['a', 'b']);
    const newest = bed.kinesis.stream('bench-Stream')!.shards[0]!.newestSequenceNumber;
    assert.equal(value.SubscribeToShardEvent.ContinuationSequenceNumber, newest);
    let beats = 0;
    const beating = (async () => {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        beats += 1;
        assert.deepEqual(next.value.SubscribeToShardEvent?.Records, []);
        assert.equal(next.value.SubscribeToShardEvent?.ContinuationSequenceNumber, newest);
      }
    })();
    await bed.clock.advance(300_000);
    await beating;
    assert.equal(beats, 60);
    assert.equal(bed.total('SubscribeToShardEvent.Success'), 1);
    assert.equal(bed.clock.pending, 0);
  });

  test('can be called again after five seconds, and then takes over', async () => {
    const { bed, subscribe } = actionBed({ profile: NO_LATENCY });
    const first = await subscribe();
    const waiting = first.next();
    await bed.clock.advance(4_999);
    await assert.rejects(subscribe(), { code: 'ResourceInUseException' });
    await bed.clock.advance(500);
    await assert.rejects(subscribe(), { code: 'LimitExceededException' });
    assert.equal(bed.total('SubscribeToShard.RateExceeded'), 2);
    await bed.clock.advance(1_000);
    const second = await subscribe({ Type: 'LATEST' });
    assert.deepEqual([(await waiting).done, (await first.next()).done], [false, true]);
    await bed.put(['a']);
    assert.deepEqual(textsIn((await second.next()).value.SubscribeToShardEvent), ['a']);
  });

  test('is refused for a shard that a mapping reads by the consumer', async () => {
    const { bed, subscribe } = actionBed();
    await bed.mapping.start();
    await assert.rejects(subscribe(), { code: 'ResourceInUseException' });
    await bed.close();
  });

  test('ends with the closed shard and names the next ones', async () => {
    const { bed, subscribe } = actionBed();
    const events = await subscribe();
    await bed.put(['a']);
    bed.updateStream({ ShardCount: 2 });
    await bed.clock.advance(0);
    const { value } = await events.next();
    assert.deepEqual(textsIn(value.SubscribeToShardEvent), ['a']);
    const last = value.SubscribeToShardEvent.ChildShards ? value : (await events.next()).value;
    assert.equal(last.SubscribeToShardEvent.ContinuationSequenceNumber, undefined);
    assert.equal(last.SubscribeToShardEvent.ChildShards.length, 2);
    assert.equal((await events.next()).done, true);
    assert.equal(bed.clock.pending, 0);
  });

  test('ends when the client is gone, and fails when the consumer is', async () => {
    const gone = actionBed();
    const events = await gone.subscribe();
    const waiting = events.next();
    gone.client.abort();
    assert.equal((await waiting).done, true);
    assert.equal(gone.bed.clock.pending, 0);
    const removed = actionBed();
    const others = await removed.subscribe();
    const failing = others.next();
    await removed.call('DeregisterStreamConsumer', { ConsumerARN: CONSUMER_ARN });
    const refused = assert.rejects(failing, { code: 'ResourceNotFoundException' });
    await removed.bed.clock.advance(5_000);
    await refused;
  });
});
