import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PagedNumbers } from './distribution.ts';

test('numbers in pages are those of an array, 0 where none was set', () => {
  const act = fc.record({ index: fc.nat(2_000).map((n) => n * 4), value: fc.double(), clears: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const numbers = new PagedNumbers();
      const twin = new Float64Array(8_004);
      for (const { index, value, clears } of acts) {
        if (clears) numbers.clear(index, 4);
        else numbers.set(index + 1, value);
        if (clears) twin.fill(0, index, index + 4);
        else twin[index + 1] = value;
      }
      for (let index = 0; index < twin.length; index++)
        if (!Object.is(numbers.get(index), twin[index])) assert.fail(`at ${index}`);
    }),
    { numRuns: 30 },
  );
});
