import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { changePoints } from './change-points.ts';
import { normal } from './synthetic-fixture.ts';

/** Noise of one standard deviation around the levels, so many results each. */
function noisy(levels: readonly number[], each: number, seed: number): number[] {
  const chance = seededRandom(seed);
  return levels.flatMap((level) => Array.from({ length: each }, () => level + normal(chance)));
}

test('two shifts are found where they are', () => {
  const found = changePoints(noisy([10, 14, 11], 20, 1), seededRandom(2));
  assert.deepEqual(
    found.map(({ index }) => Math.round(index / 5) * 5),
    [20, 40],
    JSON.stringify(found),
  );
});

test('a series without a change shows one in about as many trials as the level says', () => {
  let alarms = 0;
  for (let seed = 0; seed < 60; seed++)
    if (changePoints(noisy([10], 24, seed), seededRandom(seed)).length > 0) alarms++;
  assert.ok(alarms <= 8, `${alarms} of 60 at 5 %`);
});

test('a single outlier, and a series too short to tell, are no change', () => {
  assert.deepEqual(changePoints([5, 5, 5, 5, 99, 5, 5, 5, 5, 5], seededRandom(1)), []);
  assert.deepEqual(changePoints([1, 2, 9], seededRandom(1)), []);
  assert.deepEqual(changePoints([], seededRandom(1)), []);
});

test('a shuffle that restores both sides counts as one that splits as well', () => {
  // Two of the 70 ways to choose four of eight points have the greatest distance: the exact p is 2/70.
  const series = [0.1, 0.2, 0.3, 0.15, 1.1, 1.2, 1.3, 1.15];
  const found = Array.from(
    { length: 6 },
    (_, seed) => changePoints(series, seededRandom(seed), { level: 0.2 })[0]!.p,
  );
  const mean = found.reduce((sum, p) => sum + p, 0) / found.length;
  assert.ok(mean > 0.02 && mean < 0.045, found.join(' '));
});
