import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { blockLength } from './block-length.ts';
import { normal } from './synthetic-fixture.ts';

function autoregressive(correlation: number, seed: number): number[] {
  const chance = seededRandom(seed);
  let state = normal(chance);
  return Array.from({ length: 600 }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * normal(chance);
    return state;
  });
}

function medianLength(correlation: number): number {
  const lengths = Array.from({ length: 21 }, (_, seed) => blockLength(autoregressive(correlation, seed)));
  return lengths.sort((a, b) => a - b)[10]!;
}

test('the more neighbours are alike, the longer the blocks', () => {
  const lengths = [0, 0.5, 0.9].map(medianLength);
  assert.ok(lengths[0]! <= 4, `independent: ${lengths}`);
  // The optimum for AR(1) is (6 ρ² / (1 − ρ²)²  · n)^(1/3): 11 and 47 here.
  assert.ok(lengths[1]! >= 6 && lengths[1]! <= 16, `0.5: ${lengths}`);
  assert.ok(lengths[2]! >= 28 && lengths[2]! <= 74, `0.9: ${lengths}`);
});

test('a constant series and a short one are taken second by second', () => {
  assert.equal(blockLength(Array.from({ length: 100 }, () => 7)), 1);
  assert.equal(blockLength([1, 2, 3]), 1);
});
