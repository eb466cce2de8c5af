/** The pace of dialling on virtual time, with and without a loop that stalls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock, Share } from '../ports.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { ConnectPace } from './connect-pace.ts';

const ALONE: Share = { index: 0, of: 1 };

interface Pacing {
  readonly ratePerSecond: number;
  readonly requests: number;
  readonly share?: Share;
  /** Due tasks wait for its end. */
  readonly stall?: { readonly fromMs: number; readonly untilMs: number };
  /** Every timer is late by up to this, as a busy loop's are. */
  readonly jitterMs?: number;
}

/** Times at which the requests had their turns. */
async function turns({
  ratePerSecond,
  requests,
  share = ALONE,
  stall,
  jitterMs = 0,
}: Pacing): Promise<number[]> {
  const virtual = new VirtualClock();
  let timers = 0;
  const late = (dueMs: number): number => {
    const jitteredMs = dueMs + ((timers++ * 7) % 11) * (jitterMs / 10);
    return stall !== undefined && jitteredMs >= stall.fromMs && jitteredMs < stall.untilMs
      ? stall.untilMs
      : jitteredMs;
  };
  const clock: Clock = {
    now: () => virtual.now(),
    epochAt: (nowMs) => virtual.epochAt(nowMs),
    at: (dueMs, task) => virtual.at(late(dueMs), task),
  };
  const times: number[] = [];
  const all = new Promise<void>((resolve) => {
    const dial = () => {
      times.push(clock.now());
      if (times.length === requests) resolve();
    };
    const pace = new ConnectPace({ plan: { connectRatePerSecond: ratePerSecond }, share, clock, dial });
    pace.start();
    for (let place = 0; place < requests; place++) pace.request(place);
  });
  await virtual.runUntil(all);
  return times;
}

/** Most turns in any second, which begins with a turn. */
function mostPerSecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! >= 1000 - 1e-6) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Turns in each whole second from the first turn. */
function perSecond(times: readonly number[]): number[] {
  const counts: number[] = [];
  for (const time of times) {
    const second = Math.floor((time - times[0]! + 1e-6) / 1000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

test('turns are spaced evenly, and no second has more or fewer of them than the rate', async () => {
  for (const ratePerSecond of [7, 300, 500, 2000]) {
    const times = await turns({ ratePerSecond, requests: ratePerSecond * 4 });
    assert.deepEqual(perSecond(times), Array(4).fill(ratePerSecond));
    assert.ok(Math.abs(times[3]! - 3000 / ratePerSecond) < 1e-6, `the fourth at ${times[3]}`);
  }
});

test('timers that are late by up to 5 ms cost no second 2 % of the rate, and give none more than it', async () => {
  const times = await turns({ ratePerSecond: 500, requests: 10_000, jitterMs: 5 });
  const whole = perSecond(times).slice(0, -1);
  assert.equal(mostPerSecond(times), 500);
  assert.ok(
    whole.every((count) => count >= 490),
    whole.join(' '),
  );
});

test('after a stall no second has more turns than the rate, and what the stall cost is not made up for', async () => {
  const stall = { fromMs: 1000, untilMs: 1700 };
  const times = await turns({ ratePerSecond: 500, requests: 2000, stall });
  assert.ok(mostPerSecond(times) <= 500, String(mostPerSecond(times)));
  const burst = times.filter((time) => time === 1700).length;
  assert.ok(burst <= 6, `${burst} at once: what is due in the 10 ms that are made up for`);
  const lastMs = times.at(-1)!;
  assert.ok(Math.abs(lastMs - (4000 + 700 - 10)) < 12, `the last at ${lastMs}`);
});

test('idle time is no debt: a turn asked for later comes at once, and the next ones keep their distance', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const plan = { connectRatePerSecond: 10 };
  const pace = new ConnectPace({ plan, share: ALONE, clock, dial: () => times.push(clock.now()) });
  const done = new Promise<void>((resolve) => clock.at(9000, resolve));
  clock.at(5000, () => {
    for (const place of [1, 2, 3]) pace.request(place);
  });
  await clock.runUntil(done);
  assert.deepEqual(times, [5000, 5100, 5200]);
});

test('turns are given in the order of asking, and none after the stop', async () => {
  const clock = new VirtualClock();
  const dialled: number[] = [];
  const plan = { connectRatePerSecond: 1000 };
  const pace = new ConnectPace({ plan, share: ALONE, clock, dial: (place) => dialled.push(place) });
  const done = new Promise<void>((resolve) => clock.at(9000, resolve));
  for (let place = 0; place < 3000; place++) pace.request(place);
  clock.at(2500.5, () => pace.stop());
  await clock.runUntil(done);
  assert.deepEqual(
    dialled,
    Array.from({ length: 2501 }, (_, place) => place),
  );
});

test('the shares of a run keep one pace: their turns interleave', async () => {
  const shares = await Promise.all(
    [0, 1, 2, 3].map((index) => turns({ ratePerSecond: 500, requests: 250, share: { index, of: 4 } })),
  );
  const times = shares.flat().sort((left, right) => left - right);
  assert.equal(mostPerSecond(times), 500);
  for (const [turn, time] of times.entries())
    assert.ok(Math.abs(time - turn * 2) < 1e-6, `turn ${turn} at ${time}`);
});
