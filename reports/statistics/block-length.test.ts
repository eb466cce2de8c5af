import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { blockLength } from './block-length.ts';
import { normal } from './testing/synthetic.ts';

function autoregressive(correlation: number, seed: number): number[] {
  const chance = seededRandom(seed);
  let state = normal(chance);
  return Array.from({ length: 600 }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * normal(chance);
    return state;
  });
}

function medianLength(correlation: number): number {
  const lengths = Array.from({ length: 21 }, (_, seed) => blockLength(autoregressive(correlation, seed)));
  return lengths.sort((a, b) => a - b)[10]!;
}

test('the more neighbours are alike, the longer the blocks', () => {
  const lengths = [0, 0.5, 0.9].map(medianLength);
  assert.ok(lengths[0]! <= 4, `independent: ${lengths}`);
  // The optimum for AR(1) is (6 ρ² / (1 − ρ²)²  · n)^(1/3): 11 and 47 here.
  assert.ok(lengths[1]! >= 6 && lengths[1]! <= 16, `0.5: ${lengths}`);
  assert.ok(lengths[2]! >= 28 && lengths[2]! <= 74, `0.9: ${lengths}`);
});

test('a constant series and a short one are taken second by second', () => {
  assert.equal(blockLength(Array.from({ length: 100 }, () => 7)), 1);
  assert.equal(blockLength([1, 2, 3]), 1);
});

/** Numbers that any language draws alike. */
function drawn(length: number, seed: number, correlation: number): number[] {
  let state = seed;
  let level = 0;
  return Array.from({ length }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 31;
    level = correlation * level + state / 2 ** 31 - 0.5;
    return level;
  });
}

/** By the paper's formulas, step by step: autocorrelations, the last that counts, the flat-top window, the length. */
function lengthByThePaper(series: readonly number[]): number {
  const n = series.length;
  const mean = series.reduce((sum, value) => sum + value, 0) / n;
  const covariance = (lag: number) =>
    series.slice(lag).reduce((sum, value, at) => sum + (value - mean) * (series[at]! - mean), 0) / n;
  const isSmall = (lag: number) =>
    Math.abs(covariance(lag) / covariance(0)) < 2 * Math.sqrt(Math.log10(n) / n);
  const most = Math.ceil(Math.sqrt(n)) + 5;
  let last = 0;
  while (last < most && ![1, 2, 3, 4, 5].every((after) => isSmall(last + after))) last++;
  const width = 2 * Math.max(1, last);
  const lags = Array.from({ length: width }, (_, at) => at + 1);
  const windowed = lags.map((lag) => (lag <= width / 2 ? 1 : 2 * (1 - lag / width)) * covariance(lag));
  const spectrum = covariance(0) + 2 * windowed.reduce((sum, value) => sum + value, 0);
  const slope = 2 * windowed.reduce((sum, value, at) => sum + value * (at + 1), 0);
  return Math.max(1, Math.ceil(Math.cbrt((2 * slope ** 2 * n) / ((4 / 3) * spectrum ** 2)) - 1e-9));
}

test('lengths follow from the paper’s formulas', () => {
  for (const correlation of [0, 0.5, 0.8, 0.9, -0.7])
    for (const [seed, length] of [40, 61, 100, 200, 300].entries()) {
      const series = drawn(length, seed, correlation);
      assert.equal(
        blockLength(series),
        Math.min(lengthByThePaper(series), Math.ceil(3 * Math.sqrt(length)), Math.floor(length / 4)),
        `${length} at ${correlation}`,
      );
    }
});

test('blocks are at most a quarter of the series', () => {
  const ramp = (length: number) => Array.from({ length }, (_, at) => at);
  assert.deepEqual(
    [3, 4, 8, 20].map((length) => blockLength(ramp(length))),
    [1, 1, 2, 5],
  );
});
