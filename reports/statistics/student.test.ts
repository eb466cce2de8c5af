import assert from 'node:assert/strict';
import { test } from 'node:test';
import { criticalT, twoSided } from './student.ts';

test('critical values are those of the printed tables', () => {
  const table: [confidence: number, freedom: number, t: number][] = [
    [0.95, 1, 12.7062],
    [0.95, 4, 2.7764],
    [0.95, 10, 2.2281],
    [0.9, 5, 2.015],
    [0.95, 1e6, 1.96],
    [0.99, 30, 2.75],
  ];
  for (const [confidence, freedom, t] of table)
    assert.ok(Math.abs(criticalT(confidence, freedom) - t) < 2e-4, `${confidence} with ${freedom}`);
});

test('two-sided chances run from one at zero to none far out, and with one degree of freedom they are Cauchy’s', () => {
  assert.equal(twoSided(0, 7), 1);
  assert.equal(twoSided(Number.POSITIVE_INFINITY, 7), 0);
  assert.ok(Math.abs(twoSided(1, 1) - 0.5) < 1e-10, 'arctan');
});
