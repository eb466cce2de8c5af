import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upperBound95 } from './ordering-bound.ts';

/** The probability of at most `count` events in `of` trials, term by term. */
function tail(count: number, of: number, p: number): number {
  let term = (1 - p) ** of;
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= ((of - k + 1) / k) * (p / (1 - p));
    sum += term;
  }
  return sum;
}

test('with none seen the bound is 1 − 0.05^(1/n), which the rule of three approaches from above', () => {
  assert.ok(Math.abs(upperBound95(0, 1000)! - (1 - 0.05 ** (1 / 1000))) < 1e-15, 'n of 1,000');
  assert.equal(upperBound95(0, 1000)!.toFixed(6), '0.002991');
  assert.ok(upperBound95(0, 1e9)! < 3e-9 && upperBound95(0, 1e9)! > 2.99e-9, 'n of a billion');
  assert.equal(upperBound95(0, 1), 0.95);
});

test('bounds from tables of the binomial distribution are met', () => {
  // Upper ends of the 90 % two-sided interval of Clopper and Pearson, as statistical tables give them.
  for (const [count, of, bound] of [
    [1, 100, '0.0466'],
    [1, 10, '0.3942'],
    [5, 10, '0.7776'],
    [9, 10, '0.9949'],
    [3, 20, '0.3437'],
  ] as const)
    assert.equal(upperBound95(count, of)!.toFixed(4), bound, `${count} of ${of}`);
});

test('at the bound so few events have a probability of 5 %', () => {
  for (const [count, of] of [
    [1, 2],
    [1, 100],
    [7, 50],
    [40, 1000],
    [200, 600],
    [3, 600_000],
  ] as const) {
    const probability = tail(count, of, upperBound95(count, of)!);
    assert.ok(Math.abs(probability - 0.05) < 1e-8, `${count} of ${of}: ${probability}`);
  }
});

test('large counts come to the normal approximation, in time', () => {
  const [count, of] = [1_000_000, 100_000_000];
  const normal = 0.01 + 1.644854 * Math.sqrt((0.01 * 0.99) / of);
  assert.ok(Math.abs(upperBound95(count, of)! - normal) < 1e-7, String(upperBound95(count, of)));
});

test('the bound of nothing is none, and where all were violations it is one', () => {
  assert.equal(upperBound95(0, 0), null);
  assert.equal(upperBound95(5, 0), null);
  assert.equal(upperBound95(10, 10), 1);
  assert.equal(upperBound95(12, 10), 1);
});
