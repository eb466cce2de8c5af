import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TestClock } from '../testing/test-clock.ts';
import { MetricStore, RETENTION_PERIODS, RETIRED_METERS, type Statistic } from './metrics.ts';

const LATENCY = {
  namespace: 'AWS/Kinesis',
  name: 'PutRecord.Latency',
  dimensions: { StreamName: 's', ConsumerName: 'c' },
  unit: 'Milliseconds',
} as const;

const ORIGIN_MS = 1_700_000_000_000;

function store(periodMs = 1_000) {
  const clock = new TestClock(ORIGIN_MS);
  return { clock, metrics: new MetricStore({ clock, periodMs }) };
}

describe('the metric store', () => {
  test('answers the five statistics per period, and leaves periods without data out', async () => {
    const { clock, metrics } = store();
    const meter = metrics.meter(LATENCY);
    for (const value of [5, 1, 9]) meter.record(value);
    await clock.advance(2_000);
    meter.record(-4);
    const of = (stat: Statistic) => metrics.series(LATENCY, stat, ORIGIN_MS, ORIGIN_MS + 3_000).values;
    assert.deepEqual(of('Sum'), [15, -4]);
    assert.deepEqual(of('Average'), [5, -4]);
    assert.deepEqual(of('Minimum'), [1, -4]);
    assert.deepEqual(of('Maximum'), [9, -4]);
    assert.deepEqual(of('SampleCount'), [3, 1]);
    const { timestamps } = metrics.series(LATENCY, 'Sum', ORIGIN_MS, ORIGIN_MS + 3_000);
    assert.deepEqual(timestamps, [ORIGIN_MS, ORIGIN_MS + 2_000]);
  });

  test('includes every period that overlaps the window and none that only touches its end', async () => {
    const { clock, metrics } = store();
    const meter = metrics.meter(LATENCY);
    for (let second = 0; second < 4; second++) {
      meter.record(1);
      await clock.advance(1_000);
    }
    assert.equal(metrics.sum(LATENCY, ORIGIN_MS + 999, ORIGIN_MS + 2_000), 2);
    assert.equal(metrics.sum(LATENCY, ORIGIN_MS + 1_000, ORIGIN_MS + 2_001), 2);
    assert.equal(metrics.sum(LATENCY, ORIGIN_MS, ORIGIN_MS + 4_000), 4);
  });

  test('gives one identity one meter, whatever the order of its dimensions, and lists what was recorded', () => {
    const { metrics } = store();
    const meter = metrics.meter(LATENCY);
    const again = metrics.meter({ ...LATENCY, dimensions: { ConsumerName: 'c', StreamName: 's' } });
    assert.equal(again, meter);
    assert.deepEqual(metrics.list(), []);
    meter.record(0);
    assert.deepEqual(metrics.list(), [LATENCY]);
    assert.deepEqual(metrics.series({ ...LATENCY, name: 'Other' }, 'Sum', 0, ORIGIN_MS * 2), {
      timestamps: [],
      values: [],
    });
  });

  test('forgets what is older than its retention, and nothing younger', async () => {
    const { clock, metrics } = store();
    const meter = metrics.meter(LATENCY);
    meter.record(1);
    await clock.advance(1_000);
    meter.record(10);
    await clock.advance((RETENTION_PERIODS - 1) * 1_000);
    meter.record(100);
    const everything = [0, ORIGIN_MS * 2] as const;
    assert.equal(metrics.sum(LATENCY, ...everything), 110);
    await clock.advance(5 * RETENTION_PERIODS * 1_000);
    meter.record(1_000);
    assert.equal(metrics.sum(LATENCY, ...everything), 1_000);
  });

  test('forgets what is gone: at once if it never counted, else when its time is over', async () => {
    const { clock, metrics } = store();
    const all = { ...LATENCY, dimensions: { StreamName: 'all' } };
    const silent = { ...LATENCY, name: 'Silent' };
    for (const identity of [LATENCY, silent]) metrics.alias(identity, { ...all, name: identity.name });
    const before = metrics.meter(LATENCY);
    before.record(5);
    metrics.meter(silent);
    metrics.retire({ StreamName: 'other' });
    metrics.retire({ StreamName: 's', ConsumerName: 'other' });
    assert.ok(metrics.find(silent) && metrics.find({ ...all, name: 'Silent' }));
    metrics.retire({ StreamName: 's' });
    assert.deepEqual(
      [metrics.find(silent), metrics.find({ ...all, name: 'Silent' })],
      [undefined, undefined],
    );
    const median = () => metrics.series(all, { percentile: 50 }, ORIGIN_MS, ORIGIN_MS + 1_000).values;
    assert.deepEqual(median(), [5]);
    // What was under way still counts, in the period that went to rest with its metric.
    before.record(5);
    assert.deepEqual(median(), [5]);
    assert.equal(metrics.sum(all, ORIGIN_MS, ORIGIN_MS + 1_000), 10);
    await clock.advance((RETENTION_PERIODS + 2) * 1_000);
    metrics.retire({});
    assert.deepEqual(metrics.list(), []);
    assert.equal(metrics.find(all), undefined);
  });

  test('counts on for what has the name of something that is gone', async () => {
    const { clock, metrics } = store();
    metrics.meter(LATENCY).record(1);
    metrics.retire({ StreamName: 's' });
    await clock.advance(1_000);
    metrics.meter(LATENCY).record(2);
    await clock.advance(RETENTION_PERIODS * 1_000);
    metrics.retire({ StreamName: 'another' });
    assert.deepEqual(metrics.list(), [LATENCY]);
  });

  test('keeps no more of what is gone than a stated number of metrics, the newest', () => {
    const { metrics } = store();
    for (let index = 0; index < RETIRED_METERS + 10; index++) {
      metrics.meter({ ...LATENCY, dimensions: { StreamName: `s${index}` }, unit: 'Count' }).record(1);
    }
    metrics.retire({});
    const kept = metrics.list().map(({ dimensions }) => dimensions.StreamName);
    assert.deepEqual([kept.length, kept[0]], [RETIRED_METERS, 's10']);
  });

  test('counts a metric for its other dimensions too, adding up all that share them', async () => {
    const { clock, metrics } = store();
    const all = { ...LATENCY, dimensions: { StreamName: 's' } };
    const [one, other] = ['c', 'd'].map((ConsumerName) => {
      const own = { ...LATENCY, dimensions: { StreamName: 's', ConsumerName } };
      metrics.alias(own, all);
      metrics.alias(own, all);
      return metrics.meter(own);
    });
    assert.deepEqual(metrics.list(), []);
    one!.record(1);
    other!.record(4);
    await clock.advance(1_000);
    one!.record(2);
    metrics.meter(all).record(8);
    const of = (stat: Statistic) => metrics.series(all, stat, ORIGIN_MS, ORIGIN_MS + 2_000).values;
    assert.deepEqual(of('Sum'), [5, 10]);
    assert.deepEqual(of('SampleCount'), [2, 2]);
    assert.deepEqual(of('Maximum'), [4, 8]);
    assert.equal(metrics.sum(LATENCY, ORIGIN_MS, ORIGIN_MS + 2_000), 3);
    assert.equal(metrics.list().length, 3);
    assert.throws(() => metrics.alias(LATENCY, { ...all, unit: 'Count' }), /one unit/);
  });

  test('puts periods together: sums add, extremes stay, averages are weighted', async () => {
    const { clock, metrics } = store();
    const meter = metrics.meter(LATENCY);
    for (const values of [[1, 2, 3], [10], [], [7]]) {
      for (const value of values) meter.record(value);
      await clock.advance(1_000);
    }
    const window = { startEpochMs: ORIGIN_MS, endEpochMs: ORIGIN_MS + 4_000, periodMs: 2_000 };
    assert.deepEqual(metrics.answer(LATENCY, 'Sum', window).values, [16, 7]);
    assert.deepEqual(metrics.answer(LATENCY, 'Average', window).values, [4, 7]);
    assert.deepEqual(metrics.answer(LATENCY, 'Minimum', window).values, [1, 7]);
    assert.deepEqual(metrics.answer(LATENCY, 'Maximum', window).values, [10, 7]);
    assert.deepEqual(metrics.answer(LATENCY, { percentile: 100 }, window).values, [10, 7]);
  });

  test('tells of periods whose percentile it does not know: other units, negative values', () => {
    const { metrics } = store();
    const counted = { ...LATENCY, name: 'Count', unit: 'Count' } as const;
    const window = { startEpochMs: ORIGIN_MS, endEpochMs: ORIGIN_MS + 1_000, periodMs: 1_000 };
    const unknown = { timestamps: [], values: [], unknown: 1 };
    metrics.meter(counted).record(1);
    assert.deepEqual(metrics.answer(counted, { percentile: 50 }, window), unknown);
    for (const value of [-1, 1, 1]) metrics.meter(LATENCY).record(value);
    assert.deepEqual(metrics.answer(LATENCY, { percentile: 50 }, window), unknown);
    assert.deepEqual(metrics.answer(LATENCY, 'Minimum', window).values, [-1]);
  });

  test('does not find a distribution again that it has forgotten', async () => {
    const { clock, metrics } = store();
    const meter = metrics.meter(LATENCY);
    meter.record(500);
    await clock.advance(RETENTION_PERIODS * 1_000);
    meter.record(1);
    const window = { startEpochMs: 0, endEpochMs: ORIGIN_MS * 2, periodMs: 60_000 };
    assert.deepEqual(metrics.answer(LATENCY, { percentile: 99 }, window).values, [1]);
    assert.equal(metrics.newestEpochMs(LATENCY), ORIGIN_MS + RETENTION_PERIODS * 1_000);
  });
});
