import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimated } from './decimation.ts';

const series = fc
  .array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { freq: 5 }), { maxLength: 400 })
  .map((values) => values.map((y, x) => ({ x, y })));

const values = (points: readonly { y: number | null }[]): number[] =>
  points.map(({ y }) => y).filter((y) => y !== null);

test('a thinned series keeps its limit, its order, its highest and its lowest point, and invents none', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 4, max: 100 }), (points, limit) => {
      const thin = decimated(points, limit);
      assert.ok(thin.length <= limit + 2);
      assert.ok(thin.every((point) => points.includes(point)));
      assert.deepEqual(
        [...thin].sort((a, b) => a.x - b.x),
        thin,
      );
      assert.equal(Math.max(...values(thin)), Math.max(...values(points)));
      assert.equal(Math.min(...values(thin)), Math.min(...values(points)));
    }),
  );
});

test('a series within the limit is left as it is', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 1, y: null },
  ];
  assert.equal(decimated(points, 2), points);
});
