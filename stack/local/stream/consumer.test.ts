import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AWS_PROFILE, IDEAL_PROFILE } from '../profile.ts';
import { CONSUMER_ARN, OK, STREAM_ARN, started, type TestEvent, textsOf } from '../testing/mapping-bed.ts';
import type { TestClock } from '../testing/test-clock.ts';

const COUNTED = { MetricsConfig: { Metrics: ['EventCount'] } };

describe('a consumer', () => {
  const QUIET = { ...IDEAL_PROFILE.latency };

  test('that polls sees a record at its next poll, once a second', async () => {
    const profile = { ...IDEAL_PROFILE, quotas: { ...IDEAL_PROFILE.quotas, pollIntervalMs: 1_000 } };
    const arrivals: number[] = [];
    const handler = (_event: TestEvent, clock: TestClock) => {
      arrivals.push(clock.now());
      return OK;
    };
    const bed = await started({ profile, mapping: { EventSourceArn: STREAM_ARN, ...COUNTED }, handler });
    for (let second = 0; second < 5; second++) {
      await bed.put([String(second)]);
      await bed.clock.advance(1_000);
    }
    const phase = arrivals[0]!;
    assert.ok(phase > 0 && phase < 1_000, `phase ${phase}`);
    assert.deepEqual(
      arrivals,
      [0, 1_000, 2_000, 3_000, 4_000].map((at) => at + phase),
    );
    assert.equal(bed.events[0]?.Records[0]?.eventSourceARN, STREAM_ARN);
    assert.equal(bed.total('GetRecords.Records'), 5);
    assert.equal(bed.largest('GetRecords.IteratorAgeMilliseconds'), phase);
    await bed.close();
  });

  test('that polls reads on at once while a poll left records behind', async () => {
    const profile = { ...IDEAL_PROFILE, quotas: { ...IDEAL_PROFILE.quotas, pollIntervalMs: 1_000 } };
    const mapping = { EventSourceArn: STREAM_ARN, BatchSize: 10_000 };
    const bed = await started({ profile, mapping });
    await bed.put(Array.from({ length: 25_000 }, () => 'x'));
    await bed.clock.advance(1_000);
    assert.equal(bed.batches.flat().length, 25_000);
    assert.equal(bed.total('GetRecords.Success'), 3);
    await bed.close();
  });

  test('that polls is refused while the shard repays a large read', async () => {
    const latency = { ...QUIET };
    const profile = {
      ...AWS_PROFILE,
      latency,
      quotas: {
        ...AWS_PROFILE.quotas,
        pollIntervalMs: 100,
        shardBytesPerSecond: 1e9,
        shardRecordsPerSecond: null,
      },
    };
    const bed = await started({ profile, mapping: { EventSourceArn: STREAM_ARN, BatchSize: 10_000 } });
    await bed.put(Array.from({ length: 20 }, () => 'x'.repeat(1_000_000)));
    await bed.clock.advance(3_900);
    assert.equal(bed.batches.flat().length, 9);
    const refused = bed.total('ReadProvisionedThroughputExceeded');
    assert.ok(refused > 3, `${refused} refused`);
    await bed.clock.advance(10_000);
    assert.equal(bed.batches.flat().length, 20);
    await bed.close();
  });

  test('with fan-out gets at most 2 MB a second of a shard once the burst is used', async () => {
    const quotas = { ...AWS_PROFILE.quotas, shardBytesPerSecond: 1e9, shardRecordsPerSecond: null };
    const bed = await started({ profile: { ...AWS_PROFILE, latency: QUIET, quotas } });
    await bed.put(Array.from({ length: 20 }, () => 'x'.repeat(1_000_000)));
    await bed.clock.advance(5_000);
    const delivered = bed.batches.flat().length;
    assert.ok(delivered >= 12 && delivered <= 13, `${delivered} MB in five seconds`);
    await bed.clock.advance(5_000);
    assert.equal(bed.batches.flat().length, 20);
    await bed.close();
  });

  test('with fan-out keeps order and the delay distribution that it is given, at high rates', async () => {
    const latency = { ...QUIET, fanOutPush: { kind: 'lognormal', p50Ms: 35, p99Ms: 85 } as const };
    const delays: number[] = [];
    const handler = (event: TestEvent, clock: TestClock) => {
      for (const text of textsOf(event)) delays.push(clock.now() - Number(text));
      return OK;
    };
    const bed = await started({
      profile: { ...IDEAL_PROFILE, latency },
      mapping: { BatchSize: 10_000 },
      handler,
    });
    for (let ms = 0; ms < 40_000; ms += 2) {
      await bed.put([String(ms)]);
      await bed.clock.advance(2);
    }
    await bed.clock.advance(1_000);
    const sent = bed.batches.flat().map(Number);
    assert.deepEqual(
      sent,
      [...sent].sort((one, other) => one - other),
    );
    delays.sort((one, other) => one - other);
    const quantile = (q: number) => delays[Math.floor(q * delays.length)]!;
    assert.equal(delays.length, 20_000);
    assert.ok(Math.abs(quantile(0.5) - 35) < 6, `median ${quantile(0.5)}`);
    assert.ok(Math.abs(quantile(0.99) - 85) < 20, `p99 ${quantile(0.99)}`);
    await bed.close();
  });

  test('of either kind hands everything over when each reading of the clock is later than the last', async () => {
    for (const profile of [IDEAL_PROFILE, AWS_PROFILE]) {
      for (const EventSourceArn of [STREAM_ARN, CONSUMER_ARN]) {
        const bed = await started({ profile, mapping: { EventSourceArn }, creepMs: 0.001 });
        for (let index = 0; index < 50; index++) {
          void bed.put([String(index)]);
          await bed.clock.advance(1);
        }
        await bed.clock.advance(5_000);
        assert.equal(bed.batches.flat().length, 50, EventSourceArn);
        await bed.close();
      }
    }
  });

  test('with fan-out renews its subscription every five minutes', async () => {
    const bed = await started({});
    await bed.clock.advance(11 * 60_000);
    assert.equal(bed.total('SubscribeToShard.Success'), 3);
    await bed.close();
  });
});
