/** Laws of the schedule: due times come from plan and seed alone, and shares part it without loss, overlap or shift. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ARRIVALS, type Plan } from '../model/plan.ts';
import { planWith } from '../sim/testing/plan.ts';
import { scheduleOf } from './schedule.ts';

interface Due {
  readonly index: number;
  readonly stream: number;
  readonly dueMs: number;
}

function all(plan: Plan, part?: { readonly index: number; readonly of: number }): Due[] {
  const messages: Due[] = [];
  const schedule = part === undefined ? scheduleOf(plan) : scheduleOf(plan, part);
  for (; schedule.dueMs !== Number.POSITIVE_INFINITY; schedule.advance()) {
    messages.push({ index: schedule.index, stream: schedule.stream, dueMs: schedule.dueMs });
  }
  return messages;
}

const plans = fc
  .record({
    connections: fc.integer({ min: 1, max: 50 }),
    ratePerSecond: fc.double({ min: 1, max: 900, noNaN: true }),
    arrival: fc.constantFrom(...ARRIVALS),
    warmupMs: fc.constantFrom(0, 250, 1000),
    seed: fc.nat(),
  })
  .map(({ connections, ratePerSecond, arrival, warmupMs, seed }) =>
    planWith({
      connections,
      load: { kind: 'open', ratePerSecond, arrival },
      warmupMs,
      durationMs: 1000,
      seed,
    }),
  );

test('the shares of 1 to 8 workers are the whole schedule, each message once and at its own time', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 8 }), (plan, of) => {
      const parts = Array.from({ length: of }, (_, index) => all(plan, { index, of }));
      for (const [index, part] of parts.entries()) {
        assert.ok(
          part.every(({ stream }) => stream % of === index),
          'a share has its own streams only',
        );
      }
      const merged = parts.flat().sort((left, right) => left.index - right.index);
      assert.deepEqual(merged, all(plan));
    }),
    { numRuns: 200 },
  );
});

test('due times rise, and the n-th is the same however many streams there are', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 50 }), (plan, connections) => {
      const times = all(plan).map(({ dueMs }) => dueMs);
      assert.ok(
        times.every((time, at) => at === 0 || time >= times[at - 1]!),
        'they rise',
      );
      assert.deepEqual(
        all({ ...plan, connections }).map(({ dueMs }) => dueMs),
        times,
      );
    }),
    { numRuns: 100 },
  );
});
