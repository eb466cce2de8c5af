import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { estimateQuantile } from './bootstrap.ts';
import { changeOf } from './change.ts';
import { gridOf, quantileOf } from './grid.ts';
import { latencyChanges } from './latency-change.ts';
import { type SecondHistograms, scaled } from './second-histograms.ts';
import { SYNTHETIC, type Synthetic, syntheticRun, trueLogQuantile } from './testing/synthetic.ts';

const runs = (model: Synthetic, count: number, seed: number): SecondHistograms[] =>
  Array.from({ length: count }, (_, index) => syntheticRun(model, seededRandom(seed).fork(String(index))));

/** More trials tell more: `COVERAGE_TRIALS=2000 npm test -- latency-change` takes 20 seconds. */
const TRIALS = Number(process.env.COVERAGE_TRIALS ?? 200);

test('95 % intervals cover the truth in 90 to 98 % of trials, with correlated seconds', () => {
  const covered: Record<number, number> = { 50: 0, 99: 0 };
  for (let seed = 0; seed < TRIALS; seed++) {
    const grid = gridOf([[syntheticRun(SYNTHETIC, seededRandom(seed))]]);
    for (const percentile of [50, 99]) {
      const estimate = estimateQuantile({
        runs: grid.sides[0]!,
        values: grid.values,
        fraction: percentile / 100,
        chance: seededRandom(1000 + seed),
        resamples: 150,
      });
      const { interval } = changeOf(estimate!);
      const truth = trueLogQuantile(SYNTHETIC, percentile);
      if (interval.low <= truth && truth <= interval.high) covered[percentile]!++;
    }
  }
  for (const [percentile, count] of Object.entries(covered))
    assert.ok(count >= 0.9 * TRIALS && count <= 0.98 * TRIALS, `p${percentile}: ${count} of ${TRIALS}`);
});

test('quantiles of the grid are those of the sorted samples', () => {
  const seconds = syntheticRun({ ...SYNTHETIC, seconds: 20 }, seededRandom(5));
  const grid = gridOf([[seconds]]);
  const all = seconds
    .flatMap(({ values, counts }) =>
      values.flatMap((value, at) => Array.from({ length: counts[at]! }, () => value)),
    )
    .sort((a, b) => a - b);
  const [run] = grid.sides[0]!;
  for (const fraction of [0.001, 0.5, 0.9, 0.999])
    assert.equal(
      quantileOf([{ run: run!, from: 0, to: run!.length }], grid.values, fraction),
      all[Math.ceil(fraction * all.length) - 1],
    );
});

test('a tenth more latency is worse, a tenth less better, and as much the same, at 5 repeats of a minute', () => {
  const model = { ...SYNTHETIC, seconds: 60, perSecond: 100, secondSd: 0.03, runSd: 0.01 };
  const verdicts = [1, 1.1, 1 / 1.1].map((factor) =>
    latencyChanges({
      base: runs(model, 5, 1),
      candidate: runs(model, 5, 2).map((run) => scaled(run, factor)),
      percentiles: [50, 90],
      smallestEffect: 0.05,
      chance: seededRandom(3),
      resamples: 300,
    }).map(({ verdict }) => verdict),
  );
  assert.deepEqual(verdicts, [
    ['same', 'same'],
    ['worse', 'worse'],
    ['better', 'better'],
  ]);
});

test('what differs from run to run widens the interval beyond what each run shows', () => {
  const width = (runSd: number) => {
    const model = { ...SYNTHETIC, seconds: 30, runSd };
    const [change] = latencyChanges({
      base: runs(model, 6, 1),
      candidate: runs(model, 6, 2),
      percentiles: [50],
      smallestEffect: 0.05,
      chance: seededRandom(3),
      resamples: 300,
    });
    return change!.change!.interval.high - change!.change!.interval.low;
  };
  assert.ok(width(0.3) > 2 * width(0), `${width(0.3)} and ${width(0)}`);
});

test('a percentile with too few samples beyond it has no estimate and no verdict', () => {
  const [p999] = latencyChanges({
    base: runs(SYNTHETIC, 1, 1),
    candidate: runs(SYNTHETIC, 1, 2),
    percentiles: [99.9],
    smallestEffect: 0.05,
    chance: seededRandom(3),
  });
  assert.deepEqual([p999!.verdict, p999!.change, p999!.baseMs], ['cannot tell', null, null]);
});

test('the same seed gives the same intervals, and constant latency intervals without width', () => {
  const flat = Array.from({ length: 30 }, () => ({ values: [10], counts: [100] }));
  const compare = () =>
    latencyChanges({
      base: [flat],
      candidate: [scaled(flat, 1.1)],
      percentiles: [50],
      smallestEffect: 0.05,
      chance: seededRandom(1),
    });
  assert.deepEqual(compare(), compare());
  const [only] = compare();
  assert.ok(Math.abs(only!.change!.estimate - 0.1) < 1e-9, String(only!.change!.estimate));
  assert.equal(only!.verdict, 'worse');
});

const constant = (ms: number, count: number): SecondHistograms =>
  Array.from({ length: 20 }, () => ({ values: [ms], counts: [count] }));

test('a change is told in milliseconds, as a share and by its chance', () => {
  const changes = latencyChanges({
    base: [constant(20, 5), constant(20, 5)],
    candidate: [constant(25, 10)],
    percentiles: [50, 90, 95],
    smallestEffect: 0.05,
    chance: seededRandom(1),
    resamples: 20,
  });
  const rounded = (value: number) => Number(value.toFixed(6));
  const told = changes.map(({ percentile, baseMs, candidateMs, differenceMs, change, p, verdict }) => [
    ...[percentile, baseMs, candidateMs].map((value) => value && rounded(value)),
    ...[differenceMs, change].map(
      (sized) => sized && [sized.estimate, sized.interval.low, sized.interval.high].map(rounded),
    ),
    ...[p === null ? null : rounded(p), verdict],
  ]);
  // Of 200 messages on the side with fewer, 20 lie beyond p90 and 10 beyond p95.
  const sized = [
    [5, 5, 5],
    [0.25, 0.25, 0.25],
  ];
  assert.deepEqual(told, [
    [50, 20, 25, ...sized, 0, 'worse'],
    [90, 20, 25, ...sized, 0, 'worse'],
    [95, 20, 25, ...sized, 0, 'worse'],
  ]);
});

test('ten samples beyond a percentile, on the side with fewer, are enough, and fewer are not', () => {
  const verdict = (count: number) =>
    latencyChanges({
      ...{ base: [constant(20, 100)], candidate: [constant(20, count)], percentiles: [90] },
      ...{ smallestEffect: 0.05, chance: seededRandom(1), resamples: 10 },
    });
  assert.equal(verdict(5)[0]!.verdict, 'same');
  assert.deepEqual(verdict(4), [
    {
      ...{ percentile: 90, baseMs: null, candidateMs: null, differenceMs: null, change: null },
      ...{ p: null, verdict: 'cannot tell' },
    },
  ]);
});

test('a difference in milliseconds has the error of both values', () => {
  const model = { ...SYNTHETIC, seconds: 40 };
  const options = { percentiles: [50], smallestEffect: 0.05, chance: seededRandom(4), resamples: 100 };
  const [change] = latencyChanges({ base: runs(model, 1, 1), candidate: runs(model, 1, 2), ...options });
  const { baseMs, candidateMs, differenceMs, change: share } = change!;
  assert.equal(differenceMs!.estimate, candidateMs! - baseMs!);
  assert.ok(Math.abs(share!.estimate - (candidateMs! / baseMs! - 1)) < 1e-9);
  // Relative to the mean of both values the two intervals are alike, but for the curve of the logarithm.
  const { low, high } = differenceMs!.interval;
  const inShares = share!.interval.high - share!.interval.low;
  assert.ok(Math.abs((high - low) / baseMs! / inShares - 1) < 0.1, `${high - low} and ${inShares}`);
});
