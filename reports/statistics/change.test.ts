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
