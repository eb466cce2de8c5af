import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { varianceInflation } from './persistence.ts';
import { normalScores, trendOf } from './rank-trend.ts';
import { normal } from './synthetic-fixture.ts';

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
