import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../testing/test-clock.ts';
import { throttleOf, UNTHROTTLED } from './stage-state.ts';

/** How many of the tries succeed now. */
function taken(throttle: { tryTake(): boolean }, tries: number): number {
  let count = 0;
  for (let index = 0; index < tries; index++) if (throttle.tryTake()) count += 1;
  return count;
}

test('a bucket grants its burst at once and then its rate', async () => {
  const clock = new TestClock();
  const bucket = throttleOf({ perSecond: 500, burst: 20 }, clock);
  assert.equal(taken(bucket, 100), 20);
  await clock.advance(10);
  assert.equal(taken(bucket, 100), 5);
  await clock.advance(1);
  assert.equal(taken(bucket, 100), 0);
  await clock.advance(1);
  assert.equal(taken(bucket, 100), 1);
});

test('a bucket never holds more than its burst', async () => {
  const clock = new TestClock();
  const bucket = throttleOf({ perSecond: 500, burst: 20 }, clock);
  await clock.advance(3_600_000);
  assert.equal(taken(bucket, 100), 20);
});

test('without a limit everything is granted', () => {
  assert.equal(throttleOf(null, new TestClock()), UNTHROTTLED);
  assert.equal(taken(UNTHROTTLED, 1_000), 1_000);
});
