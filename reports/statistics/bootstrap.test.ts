/** Errors of quantiles and means, against what can be worked out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { blockLength } from './block-length.ts';
import { blockPeriods, differenceOf, estimateQuantile, lengthened } from './bootstrap.ts';
import { gridOf } from './grid.ts';
import { estimateMean, seriesMean } from './mean.ts';
import type { SecondHistograms } from './second-histograms.ts';
import { normal } from './testing/synthetic.ts';

const flat = (ms: number, seconds = 10, count = 4): SecondHistograms =>
  Array.from({ length: seconds }, () => ({ values: [ms], counts: [count] }));

function estimate(runs: readonly SecondHistograms[], fraction = 0.5, resamples = 4000) {
  const { sides, values } = gridOf([runs]);
  return estimateQuantile({ runs: sides[0]!, values, fraction, chance: seededRandom(1), resamples });
}

function assertNear(actual: number, expected: number, tolerance: number, what = ''): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${what} ${actual}, not ${expected}`,
  );
}

test('blocks are three times as long as the best, at least the cube root of the periods, and at most a fifth of them', () => {
  const cases: readonly (readonly [best: number, periods: number, block: number])[] = [
    [1, 1000, 10],
    [2, 1000, 10],
    [4, 1000, 12],
    [4, 50, 10],
    [1, 9, 1],
    [1, 3, 1],
    [1, 28, 4],
  ];
  for (const [best, periods, block] of cases)
    assert.equal(lengthened(best, periods), block, `${best} of ${periods}`);
});

test('the block of a side is the longest that its runs ask for, by the samples beyond the quantile', () => {
  const LENGTH = 125;
  const chance = seededRandom(4);
  const rough = Array.from({ length: LENGTH }, () => Math.floor(chance.next() * 9));
  const smooth = Array.from({ length: LENGTH }, (_, at) => 4 + Math.round(4 * Math.sin(at / 9)));
  const seconds = (aboves: readonly number[]): SecondHistograms =>
    aboves.map((above) => ({ values: [10, 20], counts: [10 - above, above] }));
  const expected = (aboves: readonly number[]) =>
    lengthened(blockLength(aboves.map((above) => above - 0.25 * 10)), LENGTH);
  const { sides, values } = gridOf([[seconds(rough), seconds(smooth), flat(10, LENGTH)]]);
  const [first, second, even] = sides[0]!;
  assert.ok(expected(smooth) > expected(rough), `${expected(smooth)} and ${expected(rough)}`);
  assert.equal(blockPeriods([first!], values, 10, 0.75), expected(rough));
  assert.equal(blockPeriods([first!, second!, even!], values, 10, 0.75), expected(smooth));
  assert.equal(blockPeriods([even!], values, 10, 0.75), 5, 'the cube root');
  assert.equal(blockPeriods([], values, 10, 0.75), 1);
});

test('constant latency has no error, and as many degrees of freedom as blocks less runs', () => {
  const told = (...runs: SecondHistograms[]) => {
    const { log, variance, freedom } = estimate(runs, 0.5, 50)!;
    assert.equal(log, Math.log(20));
    assert.ok(variance < 1e-24, String(variance));
    return freedom;
  };
  assert.equal(told(flat(20, 100)), 100 / 5 - 1);
  assert.equal(told(flat(20, 2)), 1);
  assert.equal(told(flat(20, 6)), 6 - 1);
  const both = told(flat(20, 100), flat(20, 100));
  assert.ok(both === 1 || both === 200 / 5 - 2, String(both));
});

test('without samples, with one period only or at zero there is no estimate', () => {
  assert.equal(estimate([]), null);
  assert.equal(estimate([flat(20, 10, 0)]), null);
  assert.equal(estimate([flat(20, 1)]), null);
  assert.equal(estimate([flat(0)]), null);
  assert.notEqual(estimate([flat(20, 1), flat(20, 1)]), null);
});

test('of runs that differ and are each constant, the variance is that of drawing whole runs', () => {
  // Both medians of two runs are the lower of the two but where the higher is drawn twice: one time of four.
  const { log, variance, freedom } = estimate([flat(10), flat(20)])!;
  assert.equal(log, Math.log(10));
  assert.equal(freedom, 1);
  assertNear(variance, 2 * (3 / 16) * Math.log(2) ** 2, 0.06);
});

test('of one run of independent seconds, the variance is the binomial one', () => {
  // The median of 30 coins that are each 10 or 20: of a resample it is 20 when more than half of its 30 draws are.
  const chance = seededRandom(5);
  const seconds = Array.from({ length: 300 }, () => ({
    values: [Math.exp(normal(chance) / 10)],
    counts: [1],
  }));
  const { variance, freedom } = estimate([seconds])!;
  // An independent sample's median has the variance π/2 · σ²/n.
  assertNear(variance, ((Math.PI / 2) * 0.01) / 300, 0.5);
  assert.ok(freedom > 20 && freedom < 60, String(freedom));
});

test('estimates of one seed are the same to the last digit', () => {
  const chance = seededRandom(9);
  const run = (shift: number): SecondHistograms =>
    Array.from({ length: 40 }, () => ({
      values: [10, 12, 15].map((value) => value + shift),
      counts: [5, 1 + Math.floor(chance.next() * 9), 1 + Math.floor(chance.next() * 4)],
    }));
  const runs = [run(0), run(0.5), run(1)];
  const told = [estimate(runs.slice(0, 1), 0.9, 50), estimate(runs, 0.5, 50)].map((found) => [
    found!.log.toFixed(6),
    found!.variance.toPrecision(6),
    found!.freedom.toFixed(4),
  ]);
  assert.deepEqual(told, [
    ['2.708050', '8.94400e-31', '9.0000'],
    ['2.484907', '0.000899251', '2.0000'],
  ]);
});

test('the error of a difference is by Welch', () => {
  const base = { log: 1, variance: 4, freedom: 8 };
  const candidate = { log: 3, variance: 6, freedom: 9 };
  assert.deepEqual(differenceOf(base, candidate), { log: 2, variance: 10, freedom: 100 / (16 / 8 + 36 / 9) });
  const sure = { log: 1, variance: 0, freedom: 8 };
  assert.deepEqual(differenceOf(sure, { ...sure, freedom: 5 }), { log: 0, variance: 0, freedom: 13 });
});

test('the variance of a mean is that of the means of all blocks round the ring', () => {
  const chance = seededRandom(2);
  for (const length of [2, 9, 40, 90]) {
    const series = Array.from({ length }, (_, at) => Math.floor(at / 4) + 3 * normal(chance));
    const block = lengthened(blockLength(series), length);
    const mean = series.reduce((sum, value) => sum + value, 0) / length;
    const sums = series.map((_, from) =>
      Array.from({ length: block }, (_, at) => series[(from + at) % length]! - mean).reduce((a, b) => a + b),
    );
    const ofSums = sums.reduce((sum, value) => sum + value ** 2, 0) / length;
    const blocks = Math.max(2, length / block);
    const found = seriesMean(series);
    assertNear(found.mean, mean, 1e-12);
    assert.equal(found.blocks, blocks);
    assertNear(found.variance, ((ofSums * (length / block)) / length ** 2) * (blocks / (blocks - 1)), 1e-9);
  }
});

test('the mean of a side is that of its runs, with the error within them or between them', () => {
  const constant = (value: number, length = 10) => Array.from({ length }, () => value);
  assert.equal(estimateMean([]), null);
  assert.equal(estimateMean([constant(3), [3]]), null, 'one second tells nothing of its error');
  assert.equal(estimateMean([constant(0)]), null);
  assert.deepEqual(estimateMean([constant(3, 2)]), { log: Math.log(3), variance: 0, freedom: 1 });
  assert.deepEqual(estimateMean([constant(3, 100)]), { log: Math.log(3), variance: 0, freedom: 19 });
  assert.deepEqual(estimateMean([constant(3, 100), constant(3, 100)])?.freedom, 38);
  // Means of 2, 4 and 6: their variance is 4, that of their mean 4/3.
  const { log, variance, freedom } = estimateMean([constant(2), constant(4), constant(6)])!;
  assert.deepEqual([log, freedom], [Math.log(4), 2]);
  assertNear(variance, 4 / 3 / 16, 1e-12);
  const noisy = [8, 2, 9, 1, 7, 3, 5, 5, 2, 8];
  const one = seriesMean(noisy);
  const within = estimateMean([noisy, noisy])!;
  assertNear(within.variance, (2 * one.variance) / (2 * 5) ** 2, 1e-12);
  assert.equal(within.freedom, Math.max(1, 2 * one.blocks - 2));
});
