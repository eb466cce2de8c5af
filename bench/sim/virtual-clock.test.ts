/** Virtual time passes in order, waits for every promise, and says so when it can't pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtual-clock.ts';

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + ms, resolve));
}

test('a chain of a thousand awaits settles before time moves on', async () => {
  const clock = new VirtualClock();
  const settledMs: number[] = [];
  const chain = async () => {
    await sleep(clock, 5);
    for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
    settledMs.push(clock.now());
  };
  const later = sleep(clock, 5.001);
  await clock.runUntil(Promise.all([chain(), later]));
  assert.deepEqual(settledMs, [5]);
});

test('appointments run by time, then in the order they were made; a past one is due now', async () => {
  const clock = new VirtualClock(1_000);
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(`${name}@${clock.epochAt(clock.now())}`);
  clock.at(2, note('c'));
  clock.at(1, note('a'));
  clock.at(1, () => {
    note('b')();
    clock.at(-5, note('past'));
  });
  await clock.runUntil(sleep(clock, 3));
  assert.deepEqual(ran, ['a@1001', 'b@1001', 'past@1001', 'c@1002']);
});

test('a cancelled appointment does not run, and cancelling thousands leaves the others in order', async () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const timers = Array.from({ length: 5_000 }, (_, index) => {
    const dueMs = (index * 7_919) % 5_000;
    return { dueMs, timer: clock.at(dueMs, () => ran.push(dueMs)) };
  });
  for (const { dueMs, timer } of timers) if (dueMs % 10 !== 0) timer.cancel();
  timers[0]?.timer.cancel();
  timers[0]?.timer.cancel();
  await clock.runUntil(sleep(clock, 5_000));
  assert.deepEqual(
    ran,
    Array.from({ length: 499 }, (_, index) => 10 * (index + 1)),
  );
});

test('a rejection is passed on', async () => {
  const clock = new VirtualClock();
  const failing = sleep(clock, 1).then(() => Promise.reject(new Error('as told')));
  await assert.rejects(clock.runUntil(failing), /as told/);
});

test('a deadlock, a standstill and a limit are told apart', async () => {
  await assert.rejects(new VirtualClock().runUntil(new Promise(() => {})), /deadlock/);
  const busy = new VirtualClock();
  const again = () => void busy.at(0, again);
  again();
  const never = new Promise(() => {});
  await assert.rejects(busy.runUntil(never, { standstillTurns: 100 }), /time stands still at 0 ms/);
  const limited = new VirtualClock();
  const tick = () => void limited.at(limited.now() + 1, tick);
  tick();
  await assert.rejects(limited.runUntil(never, { untilMs: 50 }), /not done after 50 ms/);
  assert.equal(limited.now(), 50);
});
