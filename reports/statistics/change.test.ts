import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOf, holm, logMargin, verdictOn } from './change.ts';

const margin = logMargin(0.05);
const verdict = (log: number, error: number) =>
  verdictOn(changeOf({ log, variance: error ** 2, freedom: 100 }), margin, 'less');

test('a change is judged by its interval and the smallest effect together', () => {
  assert.equal(verdict(0, 0.01), 'same');
  assert.equal(verdict(0.02, 0.005), 'same', 'certain, and too small to matter');
  assert.equal(verdict(0.1, 0.02), 'worse');
  assert.equal(verdict(-0.1, 0.02), 'better');
  assert.equal(verdict(0.1, 0.2), 'cannot tell');
  assert.equal(verdict(0, 0.2), 'cannot tell', 'no difference was seen, and none was excluded');
  assert.equal(verdict(0.045, 0.01), 'cannot tell', 'certain, but whether it matters is not');
});

test('what is better for throughput is worse for latency', () => {
  const change = changeOf({ log: 0.2, variance: 1e-4, freedom: 20 });
  assert.equal(verdictOn(change, margin, 'more'), 'better');
  assert.equal(verdictOn(change, margin, 'less'), 'worse');
});

test('no error makes an interval without width', () => {
  const { interval, p } = changeOf({ log: 0, variance: 0, freedom: 10 });
  assert.deepEqual([interval, p], [{ low: 0, high: 0 }, 1]);
  assert.equal(changeOf({ log: 1, variance: 0, freedom: 10 }).p, 0);
});

test('Holm’s p values are those of his procedure', () => {
  assert.deepEqual(
    holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6))),
    [0.03, 0.06, 0.06, 0.02],
  );
  assert.deepEqual(holm([]), []);
});

test('a change has its intervals and its chance by Student’s t', () => {
  const { estimate, interval, narrow, p } = changeOf({ log: 0.2, variance: 0.01, freedom: 10 });
  const rounded = [estimate, interval.low, interval.high, narrow.low, narrow.high, p].map((value) =>
    Number(value.toFixed(4)),
  );
  // t of 10 degrees of freedom: 2.2281 for 95 %, 1.8125 for 90 %; beyond 2 lie 7.34 %.
  assert.deepEqual(rounded, [0.2, -0.0228, 0.4228, 0.0188, 0.3812, 0.0734]);
});

test('what is exactly at a bound is not beyond it, and an effect of just the smallest size is one', () => {
  const at = (low: number, high: number, narrowLow: number, narrowHigh: number, estimate: number) =>
    verdictOn(
      { estimate, interval: { low, high }, narrow: { low: narrowLow, high: narrowHigh } },
      { low: -1, high: 1 },
      'less',
    );
  assert.equal(at(-2, 2, -0.9, 0.9, 0), 'same');
  assert.equal(at(-2, 2, -1, 0.9, 0), 'cannot tell');
  assert.equal(at(-2, 2, -0.9, 1, 0), 'cannot tell');
  assert.equal(at(0.1, 2, 0.2, 1.5, 1), 'worse');
  assert.equal(at(0, 2, 0.2, 1.5, 1), 'cannot tell');
  assert.equal(at(0.1, 2, 0.2, 1.5, 0.99), 'cannot tell');
  assert.equal(at(-2, -0.1, -1.5, -0.2, -1), 'better');
  assert.equal(at(-2, 0, -1.5, -0.2, -1), 'cannot tell');
  assert.equal(at(-2, -0.1, -1.5, -0.2, -0.99), 'cannot tell');
});

test('a margin is as much more as it is less, as factors; corrected chances are never above one', () => {
  assert.deepEqual(logMargin(0.25), { low: -Math.log(1.25), high: Math.log(1.25) });
  assert.deepEqual(holm([0.5, 0.9, 0.7]), [1, 1, 1]);
  assert.deepEqual(holm([0.2, 0.1]), [0.2, 0.2]);
});
