import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListMetricsInput } from '@aws-sdk/client-cloudwatch';
import { ACCOUNT_ID, CloudWatchBed, DURATION, RECORDS, refusal } from './testing/cloudwatch.ts';

async function twoMetrics(): Promise<CloudWatchBed> {
  const bed = new CloudWatchBed();
  bed.store.alias(RECORDS, { ...RECORDS, dimensions: { StreamName: 's', ShardId: 'shard-0' } });
  bed.store.meter({ ...RECORDS, name: 'Unused' });
  await bed.record(RECORDS, [[0, 1]]);
  await bed.record(DURATION, [[1, 1]]);
  return bed;
}

function names(bed: CloudWatchBed, input: ListMetricsInput = {}): string[] {
  return bed
    .list(input)
    .Metrics!.map(({ Namespace, MetricName, Dimensions }) =>
      [Namespace, MetricName, ...Dimensions!.map(({ Name, Value }) => `${Name}=${Value}`)].join(' '),
    );
}

describe('ListMetrics', () => {
  test('lists what has data under both namespaces and all dimensions', async () => {
    assert.deepEqual(names(await twoMetrics()), [
      'AWS/Kinesis IncomingRecords StreamName=s ShardId=shard-0',
      'AWS/Kinesis IncomingRecords StreamName=s',
      'AWS/Lambda Duration FunctionName=f',
      'Local/Kinesis IncomingRecords StreamName=s ShardId=shard-0',
      'Local/Kinesis IncomingRecords StreamName=s',
      'Local/Lambda Duration FunctionName=f',
    ]);
  });

  test('filters by namespace, name, and dimensions with or without a value', async () => {
    const bed = await twoMetrics();
    assert.deepEqual(names(bed, { Namespace: 'Local/Lambda' }), ['Local/Lambda Duration FunctionName=f']);
    assert.equal(names(bed, { MetricName: 'IncomingRecords' }).length, 4);
    assert.equal(names(bed, { Dimensions: [{ Name: 'StreamName' }] }).length, 4);
    assert.equal(names(bed, { Dimensions: [{ Name: 'StreamName', Value: 't' }] }).length, 0);
    const both = [{ Name: 'StreamName', Value: 's' }, { Name: 'ShardId' }];
    assert.equal(names(bed, { Dimensions: both, Namespace: 'AWS/Kinesis' }).length, 1);
  });

  test('knows what was active within three hours', async () => {
    const bed = await twoMetrics();
    const recent = { RecentlyActive: 'PT3H', Namespace: 'AWS/Kinesis' } as const;
    assert.equal(names(bed, recent).length, 2);
    await bed.clock.advance(3 * 3_600_000 + 1_000);
    assert.equal(names(bed, recent).length, 0);
    assert.equal(names(bed, { Namespace: 'AWS/Kinesis' }).length, 2);
  });

  test('answers in pages of 500, and metrics that come between them move nothing', async () => {
    const bed = new CloudWatchBed();
    for (let index = 0; index < 30; index++) {
      const own = { ...RECORDS, dimensions: { StreamName: `s${index}` } };
      for (let shard = 0; shard < 10; shard++)
        bed.store.alias(own, { ...own, dimensions: { ...own.dimensions, ShardId: String(shard) } });
      bed.store.meter(own).record(1);
    }
    const first = bed.list();
    assert.equal(first.Metrics!.length, 500);
    bed.store.meter({ ...RECORDS, name: 'Aaa' }).record(1);
    const second = bed.list({ NextToken: first.NextToken });
    assert.equal(second.NextToken, undefined);
    // The new metric's name under AWS/Kinesis is on the first page, that under Local/Kinesis on the second.
    const all = [...first.Metrics!, ...second.Metrics!].map((metric) => JSON.stringify(metric));
    assert.equal(new Set(all).size, all.length);
    assert.ok(all.length >= 660, `${all.length} metrics`);
    const elsewhere = { NextToken: first.NextToken, Namespace: 'AWS/Kinesis' };
    assert.throws(() => bed.list(elsewhere), refusal('InvalidParameterValue', 'NextToken is invalid'));
  });

  test('names the owner when asked for linked accounts', async () => {
    const bed = await twoMetrics();
    assert.deepEqual(bed.list({ IncludeLinkedAccounts: true, MetricName: 'Duration' }).OwningAccounts, [
      ACCOUNT_ID,
      ACCOUNT_ID,
    ]);
    assert.deepEqual(bed.list({ IncludeLinkedAccounts: true, OwningAccount: '1' }).Metrics, []);
  });

  test('refuses filters that AWS would', async () => {
    const bed = await twoMetrics();
    const dimensions = Array.from({ length: 31 }, (_, index) => ({ Name: `d${index}` }));
    const invalid = (text: string) => refusal('InvalidParameterValue', text);
    assert.throws(() => bed.list({ Dimensions: dimensions }), invalid('greater than 30'));
    assert.throws(() => bed.list({ Dimensions: [{ Name: '' }] }), invalid('Dimensions.member.1.Name'));
    assert.throws(() => bed.list({ RecentlyActive: 'PT1H' as 'PT3H' }), invalid('must be PT3H'));
  });
});
