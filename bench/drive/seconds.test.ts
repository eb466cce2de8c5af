/**
 * What happens falls into the second in which it happens, though the timer of a second's end fires late: the first message of the
 * measurement is due at the very end of the warm-up, and a worker that comes late sends what has piled up before any timer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rollup } from '../measure/rollup.ts';
import type { SecondReport } from '../measure/share.ts';
import type { Plan } from '../model/plan.ts';
import type { Clock } from '../ports.ts';
import { memoryDialer } from '../sim/testing/memory-dialer.ts';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { clockPacer, ShareDriver } from './share-driver.ts';

/** Timers of the event loop fire a few milliseconds after their time; the pacer's do not. */
const TIMER_LATE_MS = 4;

async function driven(
  settings: Partial<Plan>,
  lateMs = 0,
): Promise<{ rollup: Rollup; reports: SecondReport[] }> {
  const exact = new VirtualClock(1_700_000_000_000);
  const clock: Clock = {
    now: () => exact.now(),
    epochAt: (nowMs) => exact.epochAt(nowMs),
    at: (atMs, task) => exact.at(Math.max(atMs, exact.now()) + TIMER_LATE_MS, task),
  };
  const plan = planWith({ connections: 2, warmupMs: 2_000, durationMs: 4_000, drainMs: 500, ...settings });
  const rollup = new Rollup();
  const reports: SecondReport[] = [];
  const driver = new ShareDriver({
    assignment: { plan, share: { index: 0, of: 1 }, url: '', runId: '0123456789abcdef', headers: {} },
    clock,
    dialer: memoryDialer({ clock: exact, peer: () => [0.5] }),
    listener: (event) => {
      rollup.add(event);
      if (event.kind === 'second') reports.push(event);
    },
    health: null,
    newPacer: clockPacer(exact),
  });
  await exact.runUntil(driver.open());
  await exact.runUntil(driver.drive(exact.epochAt(exact.now() - lateMs)));
  rollup.close();
  return { rollup, reports };
}

const sentBySecond = ({ rollup }: { rollup: Rollup }) =>
  rollup
    .seconds()
    .map(({ measured: { sent } }) => sent)
    .slice(0, 4);

test('the first message of each second is of that second', async () => {
  const run = await driven({ load: { kind: 'open', ratePerSecond: 50, arrival: 'constant' } });
  assert.deepEqual(sentBySecond(run), [50, 50, 50, 50]);
});

test('of a closed loop no message is of a second before its own', async () => {
  const run = await driven({ load: { kind: 'closed', inFlight: 1 } });
  const sent = run.rollup.seconds().reduce((sum, { measured }) => sum + measured.sent, 0);
  assert.equal(sent, run.rollup.measured.sent);
  assert.ok(sent > 10_000, `${sent} messages`);
});

test('what a late worker sends at once is of the second in which it does', async () => {
  const run = await driven({ load: { kind: 'open', ratePerSecond: 50, arrival: 'constant' } }, 3_500);
  assert.deepEqual(sentBySecond(run), [0, 100, 50, 50]);
  const before = run.reports.filter(({ second }) => second < 0).map(({ warmup }) => warmup.sent);
  assert.deepEqual([...new Set(before)], [0], 'sent before the worker was there');
  assert.equal(run.rollup.warmup.sent, 100);
});

test('a message of the measurement in a second before it is a mistake of ours, and no result is made', async () => {
  const { reports } = await driven({ load: { kind: 'open', ratePerSecond: 50, arrival: 'constant' } });
  const rollup = new Rollup();
  for (const report of reports) rollup.add({ ...report, second: report.second - 1 });
  assert.throws(() => rollup.close(), /second -1 is before the measurement and has 50 of its messages/);
});
