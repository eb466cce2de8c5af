import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { changePoints, MIN_SEGMENT } from './change-points.ts';
import { normal } from './testing/synthetic.ts';

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

/** Energy distance by its definition: mean distances between all pairs, across and within. */
function energyOf(left: readonly number[], right: readonly number[]): number {
  const pairs = (values: readonly number[]) =>
    values.flatMap((value, at) => values.slice(at + 1).map((other) => Math.abs(value - other)));
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const across = mean(left.flatMap((value) => right.map((other) => Math.abs(value - other))));
  const [n, m] = [left.length, right.length];
  return ((n * m) / (n + m)) * (2 * across - mean(pairs(left)) - mean(pairs(right)));
}

/** The best split of every segment, one after the other, without a test. */
function splitsOf(series: readonly number[]): number[] {
  const bounds = [0, series.length];
  for (;;) {
    let best = { index: -1, distance: Number.NEGATIVE_INFINITY };
    for (const [at, to] of bounds.entries())
      for (let from = bounds[at - 1] ?? to, index = from + MIN_SEGMENT; index <= to - MIN_SEGMENT; index++) {
        const distance = energyOf(series.slice(from, index), series.slice(index, to));
        if (distance > best.distance + 1e-9) best = { index, distance };
      }
    if (best.index < 0) return bounds.slice(1, -1);
    bounds.push(best.index);
    bounds.sort((a, b) => a - b);
  }
}

test('splits are where the energy distance is greatest, by its definition', () => {
  const chance = seededRandom(7);
  for (let trial = 0; trial < 12; trial++) {
    const series = noisy([3, 5, 4], 5 + (trial % 4), trial).map((value) => value * (1 + chance.next()));
    const found = changePoints(series, seededRandom(trial), { level: 1, permutations: 1 });
    assert.deepEqual(
      found.map(({ index }) => index),
      splitsOf(series),
      String(trial),
    );
  }
});

test('a change’s p counts the shuffles that split as well, and decides by the level', () => {
  const series = [1, 2, 3, 11, 12, 13];
  const found = (options: object) => changePoints(series, seededRandom(3), options);
  // Two of the 20 ways to part six points are as good: p is near 0.1.
  const [{ p, index }] = found({ level: 1, permutations: 999 }) as [{ p: number; index: number }];
  assert.equal(index, 3);
  assert.ok(Math.abs(p - 0.1) < 0.03, String(p));
  assert.deepEqual(found({}), [], 'at the usual 5 % that is none');
  assert.equal(found({ level: p, permutations: 999 }).length, 1, 'just at the level it is one');
  assert.equal(found({ level: p - 0.0005, permutations: 999 }).length, 0);
  const sure = changePoints([...series, ...series.map((value) => value + 100)], seededRandom(3));
  assert.deepEqual(sure[0]!.index, 6);
  assert.ok(sure[0]!.p >= 1 / 200 && sure[0]!.p <= 0.02, String(sure[0]!.p));
});
