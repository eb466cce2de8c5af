import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { varianceInflation } from './persistence.ts';
import { normalScores, trendOf } from './rank-trend.ts';
import { normal } from './testing/synthetic.ts';

const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(4)));

test('normal scores are quantiles of the normal distribution by rank, and equal values share the mean of theirs', () => {
  assert.deepEqual(rounded(normalScores([30, 10, 20])), [0.9674, -0.9674, 0]);
  assert.deepEqual(rounded(normalScores([5, 1, 5, 1])), [0.7345, -0.7345, 0.7345, -0.7345]);
  assert.deepEqual(normalScores([7, 7, 7]), [0, 0, 0]);
});

test('the trend is Pearson’s correlation with time, times √(n − 1)', () => {
  const chance = seededRandom(1);
  const scores = normalScores(Array.from({ length: 25 }, (_, at) => at / 10 + normal(chance)));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = scores.map((_, at) => at - 12);
  const products = mean(scores.map((score, at) => score * times[at]!));
  const pearson =
    products / Math.sqrt(mean(scores.map((score) => score ** 2)) * mean(times.map((time) => time ** 2)));
  assert.ok(Math.abs(trendOf(scores) - pearson * Math.sqrt(24)) < 1e-12);
  assert.equal(trendOf([0, 0, 0]), 0);
});

/** Neighbours correlated so much, around a level. */
function alike(correlation: number, length: number, seed: number, level = (_: number) => 0): number[] {
  const chance = seededRandom(seed);
  let state = normal(chance);
  return Array.from({ length }, (_, at) => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * normal(chance);
    return level(at) + state;
  });
}

test('likeness of neighbours inflates the variance, and neither a step nor a drift nor independent noise does', () => {
  const inflations = (make: (seed: number) => number[]) =>
    Array.from({ length: 20 }, (_, seed) => varianceInflation(make(seed))).filter(
      (inflation) => inflation > 1,
    ).length;
  assert.ok(inflations((seed) => alike(0.6, 150, seed)) >= 19, 'alike');
  assert.ok(inflations((seed) => alike(0, 150, seed)) <= 1, 'independent');
  assert.ok(inflations((seed) => alike(0, 150, seed, (at) => at / 15)) <= 1, 'a drift');
  assert.ok(inflations((seed) => alike(0, 150, seed, (at) => (at < 90 ? 0 : 8))) <= 1, 'a step');
  assert.equal(varianceInflation([1, 1, 1, 1]), 1);
});

/** Levels that never fall, by the other formula: the greatest, over all beginnings, of the least mean from there on. */
function risingLevels(series: readonly number[]): number[] {
  const meanOf = (from: number, to: number) =>
    series.slice(from, to + 1).reduce((sum, value) => sum + value, 0) / (to - from + 1);
  return series.map((_, at) =>
    Math.max(
      ...series
        .slice(0, at + 1)
        .map((_, from) => Math.min(...series.slice(at).map((_, to) => meanOf(from, at + to)))),
    ),
  );
}

function inflationOf(series: readonly number[]): number {
  const n = series.length;
  const levels = risingLevels(series);
  const rest = series.map((value, at) => value - levels[at]!);
  const correlation =
    rest.slice(1).reduce((sum, value, at) => sum + value * rest[at]!, 0) /
    rest.reduce((sum, value) => sum + value ** 2, 0);
  const unbiased = Math.min(0.9, correlation + (1 + 3 * correlation) / n);
  return correlation < 2.33 / Math.sqrt(n) ? 1 : (1 + unbiased) / (1 - unbiased);
}

test('likeness is the correlation around the levels that rise, corrected for a short series', () => {
  const series = [
    ...[0.2, 0.4, 0.6].flatMap((correlation) => [1, 2, 3].map((seed) => alike(correlation, 60, seed))),
    alike(0.5, 60, 4, (at) => at / 10),
    [5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4],
  ];
  const found = series.map(varianceInflation);
  for (const [at, values] of series.entries())
    assert.ok(Math.abs(found[at]! - inflationOf(values)) < 1e-9, `${at}: ${found[at]}`);
  assert.ok(new Set(found).size > 3, found.join(' '));
  assert.equal(
    Number(varianceInflation(Array.from({ length: 60 }, (_, at) => -at)).toFixed(9)),
    19,
    'at most',
  );
  assert.equal(varianceInflation(Array.from({ length: 20 }, (_, at) => at)), 1);
});
