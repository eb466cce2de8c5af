/** Laws of the open loop: whatever delays its wakes, every message goes out once, in order, never early, as intended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../measure/random.ts';
import { Recorder } from '../measure/recorder.ts';
import { scheduleOf } from '../measure/schedule.ts';
import { ARRIVALS } from '../model/plan.ts';
import type { Clock, NewPacer } from '../ports.ts';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import type { Channel } from './channel.ts';
import { BURST_LIMIT, senderFor } from './sender.ts';

interface Sent {
  readonly stream: number;
  readonly intendedMs: number;
  readonly atMs: number;
}

const START_MS = 100;

/** A pacer whose wakes come late by chance, up to the most. */
function latePacer(clock: Clock, mostMs: number): NewPacer {
  const random = seededRandom(mostMs);
  return (task) => {
    let cancel = (): void => {};
    return {
      wakeAt(dueMs) {
        cancel();
        const atMs = Math.max(clock.now(), dueMs) + (mostMs === 0 ? 0 : random.next() * mostMs);
        const timer = clock.at(atMs, task);
        cancel = () => timer.cancel();
      },
      cancel: () => cancel(),
    };
  };
}

async function sentWith(plan: ReturnType<typeof planWith>, mostMs: number): Promise<Sent[]> {
  const clock = new VirtualClock(0);
  const sent: Sent[] = [];
  const channels = Array.from({ length: plan.connections }, (_, stream) => ({
    send: (intendedMs: number) => sent.push({ stream, intendedMs, atMs: clock.now() }),
  }));
  const sender = senderFor({
    plan,
    share: { index: 0, of: 1 },
    channels: channels as unknown as Channel[],
    clock,
    newPacer: latePacer(clock, mostMs),
    recorder: new Recorder({ violationLimit: 0 }),
    reached() {},
  });
  await clock.runUntil(sender.run(START_MS));
  return sent;
}

const loads = fc.record({
  connections: fc.integer({ min: 1, max: 20 }),
  ratePerSecond: fc.integer({ min: 10, max: 2000 }),
  arrival: fc.constantFrom(...ARRIVALS),
  mostMs: fc.constantFrom(0, 3, 150),
});

test('delays of the wakes move no intended time, send nothing early and leave nothing out', async () => {
  await fc.assert(
    fc.asyncProperty(loads, async ({ connections, ratePerSecond, arrival, mostMs }) => {
      const load = { kind: 'open', ratePerSecond, arrival } as const;
      const plan = planWith({ connections, load, warmupMs: 200, durationMs: 1000 });
      const sent = await sentWith(plan, mostMs);
      const schedule = scheduleOf(plan);
      for (const { stream, intendedMs, atMs } of sent) {
        assert.deepEqual([stream, intendedMs], [schedule.stream, START_MS + schedule.dueMs]);
        assert.ok(atMs >= intendedMs, `sent at ${atMs}, due at ${intendedMs}`);
        schedule.advance();
      }
      // Messages that were due when the last wake came late are sent after the window, and none is left.
      assert.equal(schedule.dueMs, Number.POSITIVE_INFINITY);
    }),
    { numRuns: 40 },
  );
});

test('what has piled up goes out in bursts, with a turn of the loop between them', async () => {
  const clock = new VirtualClock(0);
  const plan = planWith({
    connections: 1,
    load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
    warmupMs: 0,
    durationMs: 1000,
  });
  const turns: number[] = [];
  let sent = 0;
  const channel = { send: () => sent++ };
  const sender = senderFor({
    plan,
    share: { index: 0, of: 1 },
    channels: [channel as unknown as Channel],
    clock,
    newPacer: (task) => ({
      // The first wake comes when the whole window has passed.
      wakeAt: () =>
        void clock.at(2000, () => {
          turns.push(sent);
          task();
        }),
      cancel: () => {},
    }),
    recorder: new Recorder({ violationLimit: 0 }),
    reached() {},
  });
  await clock.runUntil(sender.run(0));
  assert.deepEqual(
    turns,
    Array.from({ length: 10 }, (_, turn) => turn * BURST_LIMIT),
  );
  assert.equal(sent, 1000);
});
