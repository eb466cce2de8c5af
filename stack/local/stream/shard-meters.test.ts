import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import type { Statistic } from '../cloudwatch/metrics.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from '../profile.ts';
import { STREAM_ARN, started, type TestBed } from '../testing/mapping-bed.ts';
import { describeStream } from './describe-actions.ts';

/** A statistic over the whole run, by shard: `0 IncomingRecords`. Without a shard it is the stream's. */
function byShard({ metrics, clock }: TestBed, stat: Statistic = 'Sum'): Record<string, number> {
  const endMs = clock.epochAt(clock.now()) + 1;
  const sums: Record<string, number> = {};
  for (const identity of metrics.list()) {
    const { ShardId, StreamName } = identity.dimensions;
    if (StreamName === undefined) continue;
    const key = `${ShardId === undefined ? '' : `${Number(ShardId.slice(-12))} `}${identity.name}`;
    const { values } = metrics.series(identity, stat, 0, endMs);
    sums[key] = stat === 'Maximum' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  }
  return sums;
}

const shardsOnly = (sums: Record<string, number>) =>
  Object.fromEntries(Object.entries(sums).filter(([key]) => /^\d/.test(key)));

describe('shard-level metrics', () => {
  test('are counted by each shard beside the stream, when all are asked for', async () => {
    const bed = await started({
      streamProperties: { ShardCount: 2, DesiredShardLevelMetrics: ['ALL'] },
      mapping: { EventSourceArn: STREAM_ARN },
    });
    // MD5 puts "a" into the first shard and "abc" into the second.
    await bed.put(['xx', 'y'], 'a');
    await bed.put(['zzz'], 'abc');
    await bed.clock.advance(30);
    const { IncomingRecords, IncomingBytes, '0 IteratorAgeMilliseconds': age, ...sums } = byShard(bed);
    const { '1 IteratorAgeMilliseconds': other, ...shards } = shardsOnly(sums);
    assert.deepEqual([IncomingRecords, IncomingBytes], [3, 6]);
    assert.deepEqual(shards, {
      '0 IncomingBytes': 3,
      '0 IncomingRecords': 2,
      '0 OutgoingBytes': 5,
      '0 OutgoingRecords': 2,
      '1 IncomingBytes': 3,
      '1 IncomingRecords': 1,
      '1 OutgoingBytes': 6,
      '1 OutgoingRecords': 1,
    });
    assert.ok(age! > 0 && other! > 0, `ages ${age} and ${other}`);
    await bed.close();
  });

  test('are those that are asked for, and the question changes in place', async () => {
    const bed = await started({ shards: 1 });
    await bed.put(['a']);
    assert.deepEqual(shardsOnly(byShard(bed)), {});
    bed.updateStream({ ShardCount: 2, DesiredShardLevelMetrics: ['IncomingRecords'] });
    await bed.put(['b'], 'a');
    assert.deepEqual(shardsOnly(byShard(bed)), { '1 IncomingRecords': 1 });
    bed.updateStream({ ShardCount: 2 });
    await bed.put(['c'], 'a');
    assert.deepEqual(shardsOnly(byShard(bed)), { '1 IncomingRecords': 1 });
    await bed.close();
  });

  test('have what a shard refuses', async () => {
    const bed = await started({
      profile: { ...AWS_PROFILE, latency: IDEAL_PROFILE.latency },
      streamProperties: { ShardCount: 1, DesiredShardLevelMetrics: ['WriteProvisionedThroughputExceeded'] },
    });
    await bed.put(Array.from({ length: 1_003 }, () => 'x'));
    assert.deepEqual(shardsOnly(byShard(bed)), { '0 WriteProvisionedThroughputExceeded': 3 });
    await bed.close();
  });

  test('are named when the stream is described, all seven for ALL', async () => {
    const bed = await started({
      streamProperties: { ShardCount: 1, DesiredShardLevelMetrics: ['ALL'] },
    });
    const { kinesis, clock, metrics } = bed;
    const place = { region: 'us-east-1', accountId: '123456789012' };
    const { StreamDescription } = describeStream(
      { ...place, kinesis, clock, metrics, random: seededRandom(1), profile: IDEAL_PROFILE },
      { StreamName: 'bench-Stream' },
    );
    assert.equal(StreamDescription?.EnhancedMonitoring?.[0]?.ShardLevelMetrics?.length, 7);
    await bed.close();
  });
});
