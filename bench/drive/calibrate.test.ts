/** Calibration on virtual time, where what it must find is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryDialer } from '../sim/testing/memory-dialer.ts';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { calibrate } from './calibrate.ts';
import { clockPacer } from './share-driver.ts';

const LATENCY_MS = 5;

test('it finds the floor, the lag and the ceiling of a driver whose peer takes 5 ms', async () => {
  const clock = new VirtualClock(0);
  const exact = clockPacer(clock);
  const calibration = await clock.runUntil(
    calibrate({
      plan: planWith({}),
      url: 'ws://127.0.0.1/',
      clock,
      dialer: memoryDialer({ clock, peer: () => [LATENCY_MS] }),
      // Every wake a quarter of a millisecond late.
      newPacer: (task) => {
        const pacer = exact(task);
        return { wakeAt: (dueMs) => pacer.wakeAt(dueMs + 0.25), cancel: () => pacer.cancel() };
      },
      inForce: () => 'timer',
    }),
  );
  assert.equal(calibration.pacing, 'timer');
  // At 3,000 a second three messages share a millisecond, a late wake at most one message.
  assert.ok(Math.abs(calibration.timerLagP50Ms - 0.25) < 0.002, String(calibration.timerLagP50Ms));
  assert.ok(Math.abs(calibration.timerLagP99Ms - 0.25) < 0.002, String(calibration.timerLagP99Ms));
  for (const floorMs of Object.values(calibration.loopFloorMs)) {
    assert.ok(Math.abs(floorMs - LATENCY_MS) <= LATENCY_MS / 1000, String(floorMs));
  }
  // 100 connections with one message each, every 5 ms.
  assert.ok(Math.abs(calibration.ceilingPerSecond - 20_000) <= 400, String(calibration.ceilingPerSecond));
  assert.ok(calibration.takenMs < 1500, String(calibration.takenMs));
});

test('it rejects when the echo server refuses', async () => {
  const clock = new VirtualClock(0);
  const refusing = calibrate({
    plan: planWith({}),
    url: 'ws://127.0.0.1/',
    clock,
    dialer: {
      dial: (_, events) => {
        clock.at(clock.now() + 1, () => events.failed('ECONNREFUSED', ''));
        return { isOpen: () => false, send: () => {}, backlogBytes: () => 0, close: () => {} };
      },
    },
    newPacer: clockPacer(clock),
    inForce: () => 'timer',
  });
  await assert.rejects(clock.runUntil(refusing), /could not be reached/);
});
