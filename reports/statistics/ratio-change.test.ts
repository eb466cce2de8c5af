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
