import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'hdr-histogram-js';
import { distributionOf } from './distribution.ts';

/** Values 1 ms, 2 ms … count ms, once each. */
function ramp(count: number): ReturnType<typeof build> {
  const histogram = build({ autoResize: true, numberOfSignificantValueDigits: 5 });
  for (let ms = 1; ms <= count; ms++) histogram.recordValue(ms * 1000);
  return histogram;
}

const nearly = (a: number, b: number): boolean => Math.abs(a - b) <= b * 1e-4;

test('each point of a curve is the value that its percentage of the samples do not exceed', () => {
  for (const { percentile, valueMs } of distributionOf(ramp(10_000)).points) {
    assert.ok(nearly(valueMs, Math.max(1, percentile * 100)), `p${percentile} is ${valueMs} ms`);
  }
});

test('a curve ends at the last percentile with ten samples beyond it', () => {
  const ends = [10, 999, 1000, 9_999, 10_000].map((count) => distributionOf(ramp(count)).points.at(-1));
  assert.deepEqual(
    ends.map((point) => [point?.percentile, point?.beyond]),
    [
      [0, 10],
      [98.8, 11],
      [99, 10],
      [99.88, 11],
      [99.9, 10],
    ],
  );
});

test('fewer than ten samples make no curve, and neither do none', () => {
  assert.deepEqual(distributionOf(ramp(9)), { count: 9, points: [] });
  assert.deepEqual(distributionOf(ramp(0)), { count: 0, points: [] });
});

test('the percentiles people name are on the curve', () => {
  const percentiles = distributionOf(ramp(100_000)).points.map((point) => point.percentile);
  for (const named of [0, 50, 90, 95, 99, 99.5, 99.9, 99.99])
    assert.ok(percentiles.includes(named), `p${named}`);
});
