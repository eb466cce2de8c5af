import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../testing/test-clock.ts';
import { DelayLine } from './delay-line.ts';

function lineOf(delays: number[]) {
  const clock = new TestClock();
  const arrivals: [string, number, number][] = [];
  const line = new DelayLine<string>({
    clock,
    delayMs: () => delays.shift() ?? 0,
    deliver: (item, dueMs) => arrivals.push([item, dueMs, clock.now()]),
  });
  return { clock, line, arrivals };
}

test('an item with a short delay waits for the one before it', async () => {
  const { clock, line, arrivals } = lineOf([10, 1, 5]);
  line.push('a', 0);
  line.push('b', 0);
  line.push('c', 6);
  assert.equal(line.length, 3);
  await clock.advance(20);
  assert.deepEqual(arrivals, [
    ['a', 10, 10],
    ['b', 10, 10],
    ['c', 11, 11],
  ]);
  assert.equal(line.length, 0);
});

test('without delay an item passes within the call and makes no timer', () => {
  const { clock, line, arrivals } = lineOf([]);
  line.push('a', 0);
  assert.deepEqual(arrivals, [['a', 0, 0]]);
  assert.equal(clock.pending, 0);
});

test('an item without delay still waits for a delayed one before it', async () => {
  const { clock, line, arrivals } = lineOf([10, 0]);
  line.push('a', 0);
  line.push('b', 0);
  await clock.advance(10);
  assert.deepEqual(
    arrivals.map(([item]) => item),
    ['a', 'b'],
  );
});

test('a closed line delivers nothing more and leaves no timer', async () => {
  const { clock, line, arrivals } = lineOf([10]);
  line.push('a', 0);
  line.close();
  assert.equal(clock.pending, 0);
  await clock.advance(20);
  assert.deepEqual(arrivals, []);
});

test('what goes in during a delivery shares the timer of what still waits', async () => {
  const clock = new TestClock();
  const arrived: string[] = [];
  const line: DelayLine<string> = new DelayLine<string>({
    clock,
    delayMs: () => 10,
    deliver: (item) => {
      arrived.push(item);
      if (item.length < 5) line.push(`${item}+`, clock.now());
      assert.ok(clock.pending <= 1);
    },
  });
  line.push('a', 0);
  await clock.advance(100);
  assert.deepEqual(arrived, ['a', 'a+', 'a++', 'a+++', 'a++++']);
});
