import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActionResult } from '../ports.ts';
import { AWS_PROFILE } from '../profile.ts';
import { STREAM_ARN, TestBed } from '../testing/mapping-bed.ts';
import { hashKeyOf, shardRanges } from './shard-range.ts';

const NO_LATENCY_BUT_LIMITS = {
  ...AWS_PROFILE,
  latency: { ...AWS_PROFILE.latency, putRecord: { kind: 'none' } as const },
};

function codeOf(result: ActionResult<unknown>): string {
  return result.ok ? 'ok' : `${result.status} ${result.code}`;
}

const base64 = (bytes: number) => Buffer.alloc(bytes).toString('base64');

describe('PutRecord', () => {
  test('puts a record into the shard of its key and answers with shard and sequence number', async () => {
    const { kinesis } = new TestBed({ shards: 4 });
    const answer = await kinesis.putRecord({ StreamARN: STREAM_ARN, Data: base64(3), PartitionKey: 'abc' });
    const stream = kinesis.stream('bench-Stream')!;
    const holder = stream.shards.find(
      ({ range }) => range.start <= hashKeyOf('abc') && hashKeyOf('abc') <= range.end,
    )!;
    const record = holder.at(0)!;
    assert.deepEqual(answer, {
      ok: true,
      value: { ShardId: holder.shardId, SequenceNumber: record.sequenceNumber },
    });
    assert.equal(record.approximateArrivalMs, 1_700_000_000_000);
  });

  test('obeys an explicit hash key', async () => {
    const { kinesis } = new TestBed({ shards: 2 });
    const ExplicitHashKey = shardRanges(2)[0]!.end.toString();
    const answer = await kinesis.putRecord({
      StreamName: 'bench-Stream',
      Data: '',
      PartitionKey: 'abc',
      ExplicitHashKey,
    });
    assert.equal(answer.ok && answer.value.ShardId, 'shardId-000000000000');
  });

  test('refuses what Kinesis refuses, with its codes', async () => {
    const { kinesis } = new TestBed();
    const valid = { StreamName: 'bench-Stream', Data: 'QQ==', PartitionKey: 'k' };
    const put = async (change: object) => codeOf(await kinesis.putRecord({ ...valid, ...change }));
    assert.equal(await put({}), 'ok');
    assert.equal(await put({ StreamName: 'other' }), '400 ResourceNotFoundException');
    assert.equal(await put({ PartitionKey: '' }), '400 ValidationException');
    assert.equal(await put({ PartitionKey: 'x'.repeat(257) }), '400 ValidationException');
    assert.equal(await put({ PartitionKey: '😀'.repeat(256) }), 'ok');
    assert.equal(await put({ PartitionKey: undefined }), '400 ValidationException');
    assert.equal(await put({ Data: 'not base64' }), '400 SerializationException');
    assert.equal(await put({ Data: base64(1_048_576) }), '400 ValidationException');
    assert.equal(await put({ Data: base64(1_048_575) }), 'ok');
    assert.equal(await put({ ExplicitHashKey: '340282366920938463463374607431768211455' }), 'ok');
    assert.equal(
      await put({ ExplicitHashKey: '340282366920938463463374607431768211456' }),
      '400 InvalidArgumentException',
    );
    assert.equal(await put({ ExplicitHashKey: '-1' }), '400 InvalidArgumentException');
  });

  test('throttles a shard beyond 1,000 records a second, and only that shard', async () => {
    const bed = new TestBed({ profile: NO_LATENCY_BUT_LIMITS, shards: 2 });
    const put = (key: string, count: number) =>
      bed.put(
        Array.from({ length: count }, () => 'x'),
        key,
      );
    const codes = (await put('abc', 1_005)).map(codeOf);
    assert.equal(codes.filter((code) => code === 'ok').length, 1_000);
    assert.equal(codes.at(-1), '400 ProvisionedThroughputExceededException');
    assert.ok(
      (await put('a', 5)).every((answer) => answer.ok),
      'a key of the other shard',
    );
    await bed.clock.advance(100);
    const later = (await put('abc', 101)).filter((answer) => answer.ok).length;
    assert.equal(later, 100);
    assert.equal(bed.total('WriteProvisionedThroughputExceeded'), 6);
    assert.equal(bed.total('IncomingRecords'), 1_105);
    assert.equal(bed.total('PutRecord.Success'), 1_105);
  });

  test('throttles a shard beyond 1 MB a second, partition keys included', async () => {
    const bed = new TestBed({ profile: NO_LATENCY_BUT_LIMITS });
    const put = (bytes: number, PartitionKey: string) =>
      bed.kinesis.putRecord({ StreamName: 'bench-Stream', Data: base64(bytes), PartitionKey });
    assert.equal(codeOf(await put(499_990, 'ten bytes.')), 'ok');
    assert.equal(codeOf(await put(499_991, 'ten bytes.')), '400 ProvisionedThroughputExceededException');
    assert.equal(codeOf(await put(499_990, 'ten bytes.')), 'ok');
  });

  test('takes its time, and may order puts that are under way together either way, never those after an answer', async () => {
    const bed = new TestBed({ profile: AWS_PROFILE });
    const orders = new Set<boolean>();
    for (let round = 0; round < 40; round++) {
      const both = bed.put(['first', 'second']);
      await bed.clock.advance(500);
      const [first, second] = await both;
      assert.ok(first?.ok && second?.ok, 'both are stored');
      orders.add(first.value.SequenceNumber < second.value.SequenceNumber);
      const after = bed.put(['third']);
      await bed.clock.advance(500);
      const [third] = await after;
      assert.ok(third?.ok, 'the third is stored');
      const numbers = [first, second].map((answer) => answer.value.SequenceNumber);
      assert.ok(
        numbers.every((number) => number < third.value.SequenceNumber),
        `${numbers} come first`,
      );
    }
    assert.equal(orders.size, 2);
    assert.ok(bed.largest('PutRecord.Latency') > 10, `${bed.largest('PutRecord.Latency')} ms at most`);
  });

  test('keeps the order of puts without latency', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => String(index));
    const bed = new TestBed();
    await bed.put(texts);
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    assert.deepEqual(
      texts.map((_, index) => shard.at(index)?.data.toString()),
      texts,
    );
  });

  test('says so when memory runs out under a reader, and counts it', async () => {
    const bed = new TestBed({ streamMemoryBytes: 20_000, handler: () => new Promise(() => {}) });
    await bed.mapping.start();
    for (let round = 0; round < 100; round++) await bed.put(['x'.repeat(100)]);
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    assert.ok(shard.trimmedUnread > 50, `${shard.trimmedUnread} lost`);
    assert.match(bed.lines[0] ?? '', /shardId-000000000000 is full: 1 records were dropped/);
    assert.ok(bed.lines.length <= 3, bed.lines.join('\n'));
    await bed.close();
  });
});

describe('a stream', () => {
  test('on demand starts with four shards', () => {
    const bed = new TestBed({ streamProperties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } } });
    assert.equal(bed.kinesis.stream(STREAM_ARN)?.shards.length, 4);
  });

  test('takes records up to the size and for the hours its properties say', async () => {
    const bed = new TestBed({
      streamProperties: { ShardCount: 1, MaxRecordSizeInKiB: 2_048, RetentionPeriodHours: 1 },
    });
    const text = 'x'.repeat(1_500_000);
    assert.equal((await bed.put([text]))[0]?.ok, true);
    assert.equal((await new TestBed().put([text]))[0]?.ok, false);
    await bed.clock.advance(3_600_001);
    await bed.put(['y']);
    assert.equal(bed.kinesis.stream('bench-Stream')?.shards[0]?.trimmed, 1);
  });

  test('takes numbers that parameters made strings, and refuses what is out of range', () => {
    assert.equal(
      new TestBed({ streamProperties: { ShardCount: '3' } }).kinesis.stream('bench-Stream')?.shards.length,
      3,
    );
    assert.throws(
      () => new TestBed({ streamProperties: { ShardCount: 0, RetentionPeriodHours: 9_000 } }),
      (error: Error) =>
        ['Stream', 'ShardCount', 'RetentionPeriodHours'].every((word) => error.message.includes(word)),
    );
  });
});
