import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RunCount, ratioChange } from './ratio-change.ts';

const run = (count: number, of: number): RunCount => ({ count, of, seconds: null });
const judge = (base: readonly RunCount[], candidate: readonly RunCount[]) =>
  ratioChange({ base, candidate, smallestDifference: 0.001, better: 'less' });

test('the interval is Newcombe’s own example', () => {
  // Newcombe (1998), table II, example a: 56/70 − 48/80 by method 10.
  const { difference } = judge([run(48, 80)], [run(56, 70)])!;
  assert.ok(Math.abs(difference.estimate - 0.2) < 1e-12, String(difference.estimate));
  assert.ok(Math.abs(difference.interval.low - 0.0524) < 1e-4, String(difference.interval.low));
  assert.ok(Math.abs(difference.interval.high - 0.3339) < 1e-4, String(difference.interval.high));
});

test('none of many is the same as none of many, and of few it cannot be told', () => {
  assert.equal(judge([run(0, 100_000)], [run(0, 100_000)])?.verdict, 'same');
  assert.equal(judge([run(0, 500)], [run(0, 500)])?.verdict, 'cannot tell');
});

test('a certain difference is never the same, however small', () => {
  assert.equal(judge([run(0, 1_000_000)], [run(50, 1_000_000)])?.verdict, 'worse');
  assert.equal(judge([run(50, 1_000_000)], [run(0, 1_000_000)])?.verdict, 'better');
});

test('losses in one burst count for less than as many spread out', () => {
  const seconds = (counts: readonly number[]) => counts.map((count) => ({ count, of: 100 }));
  const burst = Array.from({ length: 60 }, (_, second) => (second === 30 ? 12 : 0));
  const spread = Array.from({ length: 60 }, (_, second) => (second % 5 === 0 ? 1 : 0));
  const base: RunCount = { count: 0, of: 6000, seconds: seconds(Array.from({ length: 60 }, () => 0)) };
  const verdicts = [burst, spread].map(
    (counts) => judge([base], [{ count: 12, of: 6000, seconds: seconds(counts) }])?.verdict,
  );
  assert.deepEqual(verdicts, ['cannot tell', 'worse']);
});

test('repeats that disagree widen the interval', () => {
  const width = (counts: readonly number[]) => {
    const side = counts.map((count) => run(count, 1000));
    const { interval } = judge([run(10, 1000), run(10, 1000), run(10, 1000)], side)!.difference;
    return interval.high - interval.low;
  };
  assert.ok(width([0, 0, 30]) > 1.5 * width([10, 10, 10]), 'as wide as the runs differ');
});

test('a ratio of nothing is none', () => {
  assert.equal(judge([run(0, 0)], [run(0, 10)]), null);
});

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-6 * Math.max(1e-3, Math.abs(expected)), `${what}: ${actual}`);

test('both ratios, their difference and the chance of it are told', () => {
  const { base, candidate, p, difference } = judge([run(40, 400), run(10, 100)], [run(90, 600)])!;
  near(base, 0.1, 'base');
  near(candidate, 0.15, 'candidate');
  near(difference.estimate, 0.05, 'difference');
  // Pooled 140/1100, error √(0.12727 · 0.87273 · (1/500 + 1/600)), 2.4776 of them.
  near(p, 0.013_227_912_33, 'p');
});

test('what is better is told by whoever asks', () => {
  const asked = (better: 'less' | 'more', base: number, candidate: number) =>
    ratioChange({
      ...{ base: [run(base, 1000)], candidate: [run(candidate, 1000)] },
      ...{ smallestDifference: 0.001, better },
    })?.verdict;
  assert.deepEqual(
    [asked('less', 10, 200), asked('more', 10, 200), asked('less', 200, 10), asked('more', 200, 10)],
    ['worse', 'better', 'better', 'worse'],
  );
});

test('repeats that disagree count as fewer messages, with their degrees of freedom', () => {
  // Counts of 0, 10 and 20 of 1,000 each vary 3/2 · 200 around 10; independent ones would by 30 · 0.99.
  const side = [run(0, 1000), run(10, 1000), run(20, 1000)];
  const dispersion = 300 / (30 * 0.99);
  const { p, difference } = judge(side, [run(10, 1000), run(10, 1000), run(10, 1000)])!;
  assert.equal(difference.estimate, 0);
  assert.equal(p, 1);
  // Wilson's bounds of 1 % of 3,000 / dispersion with t of two degrees, the same on both sides.
  const [n, z] = [3000 / dispersion, 4.302_652_729_911_275];
  const reach = z * Math.sqrt((0.01 * 0.99) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  const [low, high] = [0.01 + (z * z) / (2 * n) - reach, 0.01 + (z * z) / (2 * n) + reach].map(
    (bound) => bound / scale,
  ) as [number, number];
  const half = Math.hypot(0.01 - Math.max(0, low), high - 0.01);
  near(difference.interval.high, half, 'high');
  near(difference.interval.low, -half, 'low');
});

test('the seconds of a run count as much as they vary, and without them, or with one, nothing does', () => {
  const seconds = (counts: readonly number[]) => counts.map((count) => ({ count, of: 100 }));
  const steady = Array.from({ length: 40 }, () => 3);
  const burst = steady.map((_, at) => (at === 20 ? 120 : 0));
  const width = (...runs: RunCount[]) => {
    const { interval } = judge([run(120, 4000)], runs)!.difference;
    return interval.high - interval.low;
  };
  const independent = width(run(120, 4000));
  near(width({ count: 120, of: 4000, seconds: seconds(steady) }), independent, 'steady');
  assert.ok(width({ count: 120, of: 4000, seconds: seconds(burst) }) > 3 * independent, 'burst');
  near(width({ count: 120, of: 4000, seconds: [{ count: 120, of: 4000 }] }), independent, 'one second');
  const two = width(run(120, 4000), run(120, 4000));
  near(width({ count: 120, of: 4000, seconds: seconds(burst) }, run(120, 4000)), two, 'one of two unknown');
});
