/** A wire carries everything in its time, with one appointment of the clock however much is on it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../../stack/local/testing/test-clock.ts';
import { WIRE_MS, Wire } from './link.ts';

test('what is carried while other things arrive arrives once, in its time, and makes one appointment', async () => {
  const clock = new TestClock();
  const wire = new Wire(clock);
  const arrivedMs: number[] = [];
  let most = 0;
  // Each arrival carries the next: a wire that is never empty.
  const carry = (left: number) => {
    wire.carry(() => {
      arrivedMs.push(clock.now());
      if (left > 0) carry(left - 1);
      most = Math.max(most, clock.pending);
    });
    most = Math.max(most, clock.pending);
  };
  carry(20);
  await clock.advance(30 * WIRE_MS);
  const trips = new Set(arrivedMs.map((ms) => Math.round(ms / WIRE_MS)));
  assert.deepEqual([arrivedMs.length, trips.size, most], [21, 21, 1]);
  assert.equal(clock.pending, 0);
});
