import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../model/plan.ts';
import { planWith } from '../sim/testing/plan.ts';
import { scheduleOf } from './schedule.ts';

function all(plan: Plan): { index: number; stream: number; dueMs: number }[] {
  const messages = [];
  const schedule = scheduleOf(plan);
  for (; schedule.dueMs !== Number.POSITIVE_INFINITY; schedule.advance()) {
    messages.push({ index: schedule.index, stream: schedule.stream, dueMs: schedule.dueMs });
  }
  return messages;
}

const load = (ratePerSecond: number, arrival: 'constant' | 'poisson' | 'ramp') =>
  ({ kind: 'open', ratePerSecond, arrival }) as const;

test('a constant rate makes exactly rate × duration measured messages, evenly spaced, over all streams in turn', () => {
  const plan = planWith({ connections: 7, load: load(500, 'constant'), warmupMs: 5000, durationMs: 20_000 });
  const messages = all(plan);
  assert.equal(messages.length, 12_500);
  assert.equal(messages.filter(({ dueMs }) => dueMs >= 5000).length, 10_000);
  for (const { index, stream, dueMs } of messages) {
    assert.equal(dueMs, index * 2);
    assert.equal(stream, index % 7);
  }
});

test('due times do not drift: a rate that divides nothing evenly is still exact after a million messages', () => {
  const plan = planWith({ connections: 1, load: load(3000, 'constant'), warmupMs: 0, durationMs: 400_000 });
  const messages = all(plan);
  assert.equal(messages.length, 1_200_000);
  assert.equal(messages[999_999]!.dueMs, 333_333);
});

test('Poisson arrivals have the asked rate, exponential gaps, and come again from the same seed', () => {
  const plan = planWith({ load: load(1000, 'poisson'), warmupMs: 0, durationMs: 100_000, seed: 7 });
  const messages = all(plan);
  // The count of 100,000 expected arrivals has standard deviation 316.
  assert.ok(Math.abs(messages.length - 100_000) < 5 * 316, String(messages.length));
  const gaps = messages.slice(1).map(({ dueMs }, index) => dueMs - messages[index]!.dueMs);
  const share = gaps.filter((gap) => gap > 1).length / gaps.length;
  assert.ok(Math.abs(share - Math.exp(-1)) < 0.01, String(share));
  assert.deepEqual(all(plan), messages);
  assert.notDeepEqual(all({ ...plan, seed: 8 }).slice(0, 10), messages.slice(0, 10));
});

test('a ramp rises linearly from a tenth of the rate to the rate', () => {
  const plan = planWith({ load: load(1000, 'ramp'), warmupMs: 2000, durationMs: 10_000 });
  const messages = all(plan);
  const between = (from: number, to: number) =>
    messages.filter(({ dueMs }) => dueMs >= from && dueMs < to).length;
  assert.equal(between(0, 2000), 200);
  assert.equal(between(2000, 12_000), 5500);
  // The rate at the middle of a second is that second's count: 100 + 90 per second.
  for (const second of [0, 4, 9]) {
    const expected = 100 + 90 * (second + 0.5);
    const from = 2000 + second * 1000;
    assert.ok(Math.abs(between(from, from + 1000) - expected) <= 1, `second ${second}`);
  }
});
