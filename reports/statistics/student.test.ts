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

test('chances and critical values are those of SciPy', () => {
  const near = (actual: number, expected: number, what: string) =>
    assert.ok(Math.abs(actual - expected) < 1e-10 * Math.max(1, expected), `${what}: ${actual}`);
  const chances: readonly (readonly [t: number, freedom: number, p: number])[] = [
    [2, 10, 0.073_388_034_770_740_37],
    [-2, 10, 0.073_388_034_770_740_37],
    [0.5, 3, 0.651_447_964_848_151],
    [3.2, 2.5, 0.063_411_028_236_381_45],
    [5, 40, 1.184_006_566_965_951_1e-5],
    [1.1, 0.8, 0.502_952_175_516_811_3],
    [12, 1, 0.052_929_352_119_179_755],
    [0.01, 7, 0.992_300_317_643_621_7],
    [2.5, 500, 0.012_738_575_500_883_852],
  ];
  for (const [t, freedom, p] of chances) near(twoSided(t, freedom), p, `${t} with ${freedom}`);
  const critical: readonly (readonly [confidence: number, freedom: number, t: number])[] = [
    [0.95, 2.7, 3.392_148_383_173_750_7],
    [0.9, 1, 6.313_751_514_675_037],
    [0.95, 33.3, 2.033_819_224_134_053],
    [0.999, 6, 5.958_816_178_818_89],
    [0.5, 4, 0.740_697_084_112_682_9],
  ];
  for (const [confidence, freedom, t] of critical)
    near(criticalT(confidence, freedom), t, `${confidence} with ${freedom}`);
  assert.equal(twoSided(3, Number.POSITIVE_INFINITY), twoSided(3, 1e6), 'the normal distribution');
  assert.equal(twoSided(Number.NaN, 3), 0);
  assert.ok(criticalT(1, 3) >= 1e9, 'nothing is beyond all');
});
