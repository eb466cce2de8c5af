import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AWS_PROFILE } from '../profile.ts';
import { CONSUMER_ARN, STREAM_ARN, started, TestBed, testResource } from '../testing/mapping-bed.ts';
import { MAX_HASH_KEY } from './shard-range.ts';

const stream = (name: string) => testResource('AWS::Kinesis::Stream', name, { ShardCount: 1 });
const consumer = (ConsumerName: string) =>
  testResource('AWS::Kinesis::StreamConsumer', `${STREAM_ARN}/consumer/${ConsumerName}:1`, {
    ConsumerName,
    StreamARN: STREAM_ARN,
  });

describe('streams come and go', () => {
  test('a second one of the same name is refused', () => {
    const { kinesis } = new TestBed();
    assert.throws(() => kinesis.addStream(stream('bench-Stream')), {
      code: 'ResourceInUseException',
      message: 'Stream bench-Stream under account 123456789012 already exists.',
    });
  });

  test('removing one ends what reads it, and puts under way are told', async () => {
    const bed = await started({ profile: AWS_PROFILE });
    const put = bed.put(['a']);
    bed.kinesis.removeStream(STREAM_ARN);
    await bed.clock.advance(1_000);
    const [answer] = await put;
    assert.equal(answer?.ok === false && answer.code, 'ResourceNotFoundException');
    assert.deepEqual(bed.kinesis.streamNames(), []);
    assert.equal(bed.kinesis.eventSource(CONSUMER_ARN), undefined);
    assert.equal(bed.clock.pending, 0);
    assert.throws(() => bed.kinesis.removeStream(STREAM_ARN), { code: 'ResourceNotFoundException' });
    await bed.close();
  });

  test('one made again under a name is a new one, and its sequence numbers are above the old', async () => {
    const bed = new TestBed();
    const [old] = await bed.put(['a']);
    bed.kinesis.removeStream('bench-Stream');
    await bed.clock.advance(1);
    bed.kinesis.addStream(stream('bench-Stream'));
    const [made] = await bed.put(['b']);
    assert.ok(old?.ok && made?.ok, 'both are stored');
    assert.ok(made.value.SequenceNumber > old.value.SequenceNumber, 'the second is above the first');
    assert.equal(bed.kinesis.stream('bench-Stream')?.shards[0]?.end, 1);
  });
});

describe('registered consumers come and go', () => {
  test('of one name once, and twenty at most', () => {
    const { kinesis } = new TestBed();
    assert.throws(() => kinesis.addConsumer(consumer('lambda')), { code: 'ResourceInUseException' });
    for (let index = 1; index < 20; index++) kinesis.addConsumer(consumer(`c${index}`));
    assert.throws(() => kinesis.addConsumer(consumer('one too many')), { code: 'LimitExceededException' });
    kinesis.removeConsumer(CONSUMER_ARN);
    kinesis.addConsumer(consumer('one too many'));
    assert.throws(() => kinesis.removeConsumer(CONSUMER_ARN), { code: 'ResourceNotFoundException' });
  });

  test('and with one its subscriptions', async () => {
    const bed = await started({});
    bed.kinesis.removeConsumer(CONSUMER_ARN);
    await bed.put(['a']);
    await bed.clock.advance(1_000);
    assert.deepEqual([bed.batches, bed.clock.pending], [[], 0]);
    await bed.close();
  });
});

describe('changing a stream', () => {
  test('resizes its shards into equal ranges with new ids, and names the parents', async () => {
    const bed = new TestBed({ shards: 2 });
    await bed.clock.advance(1_000);
    bed.updateStream({ ShardCount: 3 });
    const { shards, openShards } = bed.kinesis.stream('bench-Stream')!;
    assert.deepEqual(
      shards.map((shard) => [
        shard.shardId.slice(-2),
        shard.closed !== null,
        shard.parents.map((one) => one.shardId.slice(-2)),
      ]),
      [
        ['00', true, []],
        ['01', true, []],
        ['02', false, ['00']],
        ['03', false, ['00', '01']],
        ['04', false, ['01']],
      ],
    );
    assert.equal(openShards[0]!.range.start, 0n);
    assert.equal(openShards.at(-1)!.range.end, MAX_HASH_KEY);
    assert.deepEqual(shards[0]!.children, [openShards[0], openShards[1]]);
    assert.ok(
      openShards.every((shard) => shard.startingSequenceNumber > shards[0]!.closed!.endingSequenceNumber),
      'children start above their parents',
    );
    const answers = await bed.put(['x']);
    assert.ok(answers[0]?.ok && answers[0].value.ShardId > 'shardId-000000000001', 'puts go to open shards');
  });

  test('at most doubles, at least halves, ten times a day', async () => {
    const bed = new TestBed({ shards: 4 });
    const refused = (ShardCount: number) => () => bed.updateStream({ ShardCount });
    assert.throws(refused(9), { code: 'LimitExceededException' });
    assert.throws(refused(1), { code: 'LimitExceededException' });
    for (let time = 0; time < 10; time++) bed.updateStream({ ShardCount: time % 2 === 0 ? 8 : 4 });
    assert.throws(refused(8), { code: 'LimitExceededException' });
    await bed.clock.advance(24 * 3_600_000);
    bed.updateStream({ ShardCount: 8 });
    assert.equal(bed.kinesis.stream('bench-Stream')?.openShards.length, 8);
  });

  test('is refused for the shards of an on-demand stream, and changes nothing then', () => {
    const mode = (StreamMode: string) => ({ StreamModeDetails: { StreamMode } });
    const bed = new TestBed({ streamProperties: mode('ON_DEMAND') });
    const both = { ...mode('ON_DEMAND'), ShardCount: 8, RetentionPeriodHours: 48 };
    assert.throws(() => bed.updateStream(both), { code: 'InvalidArgumentException' });
    assert.equal(bed.kinesis.stream('bench-Stream')?.retentionHours, 24);
    bed.updateStream({ ...mode('PROVISIONED'), ShardCount: 8 });
    bed.updateStream(mode('ON_DEMAND'));
    assert.equal(bed.kinesis.stream('bench-Stream')?.openShards.length, 8);
    assert.throws(() => bed.updateStream(mode('PROVISIONED')), { code: 'LimitExceededException' });
  });

  test('changes how long and how large records may be', async () => {
    const bed = new TestBed();
    bed.updateStream({ MaxRecordSizeInKiB: 2_048, RetentionPeriodHours: 48 });
    assert.equal((await bed.put(['x'.repeat(1_500_000)]))[0]?.ok, true);
    await bed.clock.advance(25 * 3_600_000);
    await bed.put(['y']);
    assert.equal(bed.kinesis.stream('bench-Stream')?.shards[0]?.trimmed, 0);
    bed.updateStream({ RetentionPeriodHours: 24 });
    await bed.put(['z']);
    assert.equal(bed.kinesis.stream('bench-Stream')?.shards[0]?.trimmed, 1);
  });

  test('forgets closed shards when their records have expired', async () => {
    const bed = new TestBed();
    bed.updateStream({ ShardCount: 2 });
    const changed = bed.kinesis.stream('bench-Stream')!;
    changed.expire(bed.clock.now(), bed.clock.epochAt(bed.clock.now()));
    assert.equal(changed.shards.length, 3);
    await bed.clock.advance(24 * 3_600_000 + 1);
    changed.expire(bed.clock.now(), bed.clock.epochAt(bed.clock.now()));
    assert.equal(changed.shards.length, 2);
  });
});
