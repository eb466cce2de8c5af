/** Pacers on real time: never early, one appointment at a time, and a timer where the metronome can't be had. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { PACINGS } from '../model/plan.ts';
import type { NewPacer, Pacer } from '../ports.ts';
import { DUE, WAKES as WAKE_WORD } from './metronome-memory.mjs';
import { Metronome, pacingOf } from './pacing.ts';

const WAKES = 40;

/** Wakes for due times a fraction of a millisecond apart; answers how late each was. */
function lagsOf(newPacer: NewPacer, gapMs: number): Promise<number[]> {
  return new Promise((resolve) => {
    const lags: number[] = [];
    let dueMs = performance.now() + gapMs;
    const pacer: Pacer = newPacer(() => {
      lags.push(performance.now() - dueMs);
      if (lags.length === WAKES) resolve(lags);
      else {
        dueMs += gapMs;
        pacer.wakeAt(dueMs);
      }
    });
    pacer.wakeAt(dueMs);
  });
}

for (const pacing of PACINGS) {
  test(`${pacing} wakes once for every due time, and never early`, async () => {
    for (const gapMs of [0.4, 2.7]) {
      const lags = await lagsOf(pacingOf(pacing).newPacer, gapMs);
      assert.deepEqual(
        lags.filter((lag) => lag < 0),
        [],
      );
    }
  });

  test(`${pacing} runs what is already due on a later turn, the last appointment only, and none that was cancelled`, async () => {
    const calls: string[] = [];
    const called = new EventTarget();
    const first = pacingOf(pacing).newPacer(() => {
      calls.push('first');
      called.dispatchEvent(new Event('first'));
    });
    const isCalled = once(called, 'first');
    first.wakeAt(performance.now() - 5);
    first.wakeAt(performance.now() + 2);
    first.wakeAt(performance.now() - 1);
    assert.equal(calls.length, 0);
    const second = pacingOf(pacing).newPacer(() => calls.push('second'));
    second.wakeAt(performance.now() + 1);
    second.cancel();
    await isCalled;
    await lagsOf(pacingOf(pacing).newPacer, 0.3);
    assert.deepEqual(calls, ['first']);
  });
}

test('a metronome is in force when its thread is up', async () => {
  const pacing = pacingOf('metronome');
  await new Promise<void>((resolve) => {
    const pacer = pacing.newPacer(() => {
      if (pacing.inForce() === 'metronome') resolve();
      else pacer.wakeAt(performance.now() + 1);
    });
    pacer.wakeAt(performance.now());
  });
});

test('a metronome without its thread is a timer, keeps its appointment and says so', async () => {
  const woken = new EventTarget();
  const metronome = new Metronome(
    () => woken.dispatchEvent(new Event('wake')),
    new URL('./missing.mjs', import.meta.url),
  );
  const wake = once(woken, 'wake');
  const dueMs = performance.now() + 3;
  metronome.wakeAt(dueMs);
  await wake;
  assert.ok(performance.now() >= dueMs, 'not early');
  assert.equal(metronome.inForce(), 'timer');
});

/** Says that it is up as a metronome does, wakes nobody, and ends when it has an appointment. */
const MORTAL = `
import { workerData } from 'node:worker_threads';
const words = new Int32Array(workerData.memory);
Atomics.add(words, ${WAKE_WORD}, 1);
Atomics.notify(words, ${WAKE_WORD});
const due = new BigInt64Array(workerData.memory);
setInterval(() => Atomics.load(due, ${DUE}) !== 0n && process.exit(), 1);
`;

test('a metronome that dies leaves its appointment to the timer', async () => {
  const woken = new EventTarget();
  const program = new URL(`data:text/javascript,${encodeURIComponent(MORTAL)}`);
  const metronome = new Metronome(() => woken.dispatchEvent(new Event('wake')), program);
  const wake = once(woken, 'wake');
  const dueMs = performance.now() + 200;
  // Taken over by the thread when it is up, which then ends.
  metronome.wakeAt(dueMs);
  await wake;
  assert.ok(performance.now() >= dueMs, 'not early');
  assert.equal(metronome.inForce(), 'timer');
});
