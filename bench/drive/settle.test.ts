/** The pause until a stage has drained, on virtual time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { settle } from './settle.ts';

/** Settles on a stage whose n-th echo takes so long; an echo beyond its time rejects. */
function settled(echoesMs: readonly number[], interrupted = new AbortController()): Promise<number | null> {
  const clock = new VirtualClock();
  let asked = 0;
  const echo = (withinMs: number) => {
    const tookMs = echoesMs[Math.min(asked++, echoesMs.length - 1)]!;
    return new Promise<void>((resolve, reject) => {
      clock.at(clock.now() + Math.min(tookMs, withinMs), () =>
        tookMs <= withinMs ? resolve() : reject(new Error('none')),
      );
    });
  };
  return clock.runUntil(
    settle({ clock, echo, promptMs: 1000, patienceMs: 60_000, interrupted: interrupted.signal }),
  );
}

test('three prompt echoes end the pause', async () => {
  assert.equal(await settled([10]), 30);
});

test('a late echo starts the count anew', async () => {
  assert.equal(await settled([10, 10, 5_000, 10]), 5_050);
});

test('a stage that stays slow is waited for no longer than patience', async () => {
  assert.equal(await settled([2_500]), null);
});

test('no echo at all ends the pause', async () => {
  assert.equal(await settled([70_000]), null);
});

test('an interruption ends the pause', async () => {
  const interrupted = new AbortController();
  interrupted.abort();
  assert.equal(await settled([2_500], interrupted), null);
});
