// The thread of a metronome: it sleeps in Atomics.wait, which takes fractions of a millisecond, and wakes the other
// thread's event loop when an appointment is due. It has no event loop of its own and allocates next to nothing.
// @ts-check
import { workerData } from 'node:worker_threads';
import { DUE, NAPPING, NO_APPOINTMENT, SLEEP, SLEEPING, STILL, WAKES } from './metronome-memory.mjs';

/** @type {{ memory: SharedArrayBuffer, gapMs: number }} */
const { memory, gapMs } = workerData;
const words = new Int32Array(memory);
const due = new BigInt64Array(memory);

const NANOS_PER_MILLI = 1e6;

/** A wait that is longer can be ended by another appointment: waking a sleeper costs more than a nap. */
const NAP_MS = 2;

/** The thread is up: who waits for it need not use something else any longer. */
Atomics.add(words, WAKES, 1);
Atomics.notify(words, WAKES);

for (;;) {
  const appointment = Atomics.load(due, DUE);
  const waitMs = Number(appointment - process.hrtime.bigint()) / NANOS_PER_MILLI;
  if (appointment === NO_APPOINTMENT) sleep(appointment, Number.POSITIVE_INFINITY);
  else if (waitMs > NAP_MS) sleep(appointment, waitMs);
  else if (waitMs > 0) Atomics.wait(words, STILL, 0, waitMs);
  else wake(appointment);
}

/**
 * Until the time is up or another appointment is made.
 * @param {bigint} appointment
 * @param {number} waitMs
 */
function sleep(appointment, waitMs) {
  Atomics.store(words, SLEEP, SLEEPING);
  // Made between the look and the store, an appointment would not wake anybody.
  if (Atomics.load(due, DUE) === appointment) Atomics.wait(words, SLEEP, SLEEPING, waitMs);
  Atomics.store(words, SLEEP, NAPPING);
}

/**
 * Wakes the other thread once for the appointment, and then rests: what falls due meanwhile is sent with the next wake.
 * @param {bigint} appointment
 */
function wake(appointment) {
  if (Atomics.compareExchange(due, DUE, appointment, NO_APPOINTMENT) !== appointment) return;
  Atomics.add(words, WAKES, 1);
  Atomics.notify(words, WAKES);
  Atomics.wait(words, STILL, 0, gapMs);
}
