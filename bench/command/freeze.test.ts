/** The arithmetic of a frozen server, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naiveP99Ms, trueP99Ms } from './freeze.ts';

const load = { measuredFromMs: 10_000, ratePerSecond: 100, messages: 1000, connections: 5 };
const freeze = { fromMs: 12_000, untilMs: 13_000 };

test('a second without a server among ten at an even rate: 100 waits, and the tenth longest is the p99', () => {
  // Waits 1000, 990, … 10 ms; rank 990 of 1,000 has ten above it, so it is the eleventh longest.
  assert.equal(trueP99Ms(load, freeze), 900);
});

test('a server that was not stopped delays nothing', () => {
  assert.equal(trueP99Ms(load, { fromMs: 12_000, untilMs: 12_000 }), 0);
});

test('a tool that waits for answers meets the freeze once per connection, and its p99 misses it', () => {
  // 900 messages outside and 5 in it: rank 896 of 905 is among the fast ones, 89.6 % of all that should have been sent.
  const percentile = naiveP99Ms(load, freeze, (asked) => asked);
  assert.ok(Math.abs(percentile - 89.6) < 1e-9, String(percentile));
});
