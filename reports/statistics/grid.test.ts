/** The grid against the samples themselves, in the order of time and of value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exceedances, gridOf, quantileOf } from './grid.ts';
import { EMPTY_SECOND, type SecondHistograms } from './second-histograms.ts';

const A: SecondHistograms = [{ values: [1, 3], counts: [2, 5] }, EMPTY_SECOND, { values: [2], counts: [7] }];
const B: SecondHistograms = [{ values: [3, 4], counts: [1, 1] }];

test('sides share their values, and each run counts up to every second and value', () => {
  const { values, sides } = gridOf([[A, B], [[]]]);
  assert.deepEqual(values, [1, 2, 3, 4]);
  assert.deepEqual(
    sides.map((side) => side.map(({ length, table }) => [length, ...table])),
    [
      [
        [3, 0, 0, 0, 0, 2, 2, 7, 7, 2, 2, 7, 7, 2, 9, 14, 14],
        [1, 0, 0, 0, 0, 0, 0, 1, 2],
      ],
      [[0, 0, 0, 0, 0]],
    ],
  );
});

test('what lies beyond a value is counted second by second', () => {
  const { values, sides } = gridOf([[A]]);
  assert.deepEqual(exceedances(sides[0]![0]!, values, 1), [
    { above: 5, count: 7 },
    { above: 0, count: 0 },
    { above: 7, count: 7 },
  ]);
  assert.deepEqual(
    exceedances(sides[0]![0]!, values, 2).map(({ above }) => above),
    [5, 0, 0],
  );
});

test('a quantile of stretches is that of their samples by nearest rank', () => {
  const second = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }).map((values) => {
    const rising = values.sort((a, b) => a - b);
    return { values: rising, counts: rising.map((value) => (value % 3) + 1) };
  });
  const run = fc.array(second, { minLength: 2, maxLength: 6 });
  const fractions = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 0.999, 1);
  fc.assert(
    fc.property(run, run, fractions, (first, other, fraction) => {
      const { values, sides } = gridOf([[first], [other]]);
      const stretches = [
        { run: sides[0]![0]!, from: 1, to: first.length },
        { run: sides[1]![0]!, from: 0, to: other.length - 1 },
      ];
      const samples = [...first.slice(1), ...other.slice(0, -1)]
        .flatMap((one) => one.values.flatMap((value, at) => new Array<number>(one.counts[at]!).fill(value)))
        .sort((a, b) => a - b);
      const rank = Math.max(1, Math.ceil(fraction * samples.length - 1e-9));
      assert.equal(quantileOf(stretches, values, fraction), samples[rank - 1] ?? null);
    }),
    { numRuns: 60 },
  );
  assert.equal(quantileOf([], [], 0.5), null);
});

test('where values are more than the table holds, neighbours are joined evenly by log-odds of rank', () => {
  const samples = Array.from({ length: 20_000 }, (_, at) => at + 1);
  const { values, sides } = gridOf([[[{ values: samples, counts: samples.map(() => 1) }, EMPTY_SECOND]]]);
  assert.ok(values.length > 1200 && values.length <= 2048, String(values.length));
  const run = sides[0]![0]!;
  const stretch = [{ run, from: 0, to: run.length }];
  for (const fraction of [0.0001, 0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999, 0.9999]) {
    const value = quantileOf(stretch, values, fraction)!;
    const odds = (rank: number) => Math.log((rank + 0.5) / (20_000 - rank + 0.5));
    const step = (2 * odds(20_000)) / 2047;
    assert.ok(value >= fraction * 20_000, `${fraction}: named by its highest`);
    assert.ok(odds(value - 1) - odds(fraction * 20_000 - 1) <= step, `${fraction}: ${value}`);
  }
  assert.deepEqual(values.slice(0, 3), [1, 2, 3], 'the tails keep neighbours');
  assert.deepEqual(values.slice(-3), [19_998, 19_999, 20_000]);
  const few = samples.slice(0, 2048);
  assert.deepEqual(gridOf([[[{ values: few, counts: few }]]]).values, few, 'that many are all kept');
});

test('where seconds are more than the tables hold, several make a period, in every run alike', () => {
  const of = (length: number): SecondHistograms =>
    Array.from({ length }, (_, at) => ({ values: [1], counts: [at + 1] }));
  const lengths = (...runs: number[]) =>
    gridOf([runs.map(of)]).sides[0]!.map(({ length, table }) => [length, ...table.slice(0, 3)]);
  assert.deepEqual(lengths(8192), [[8192, 0, 1, 3]]);
  assert.deepEqual(lengths(8191, 2), [
    [4096, 0, 3, 10],
    [1, 0, 3],
  ]);
});
