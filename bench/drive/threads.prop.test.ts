/** A run on any number of threads is the same run: on virtual time, against a peer that says what it got, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rollup } from '../measure/rollup.ts';
import { ARRIVALS, type Plan } from '../model/plan.ts';
import { memoryDialer } from '../sim/testing/memory-dialer.ts';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { Ensemble } from './run.ts';
import { ShareDriver } from './share-driver.ts';

const START_MS = 500;

/** Sums of the run, and the times of all sends. */
async function driven(plan: Plan): Promise<{ sums: unknown; times: number[] }> {
  const clock = new VirtualClock(0);
  const rollup = new Rollup();
  const times: number[] = [];
  // Every seventh message of a connection is lost, the one after it comes twice.
  const fate = (number: number) => (number % 7 === 5 ? [] : number % 7 === 6 ? [4, 6] : [3]);
  const peer = ({ number, nowMs }: { number: number; nowMs: number }) => {
    times.push(nowMs);
    return fate(number);
  };
  const dialer = memoryDialer({ clock, peer });
  const workers = Array.from({ length: plan.threads }, (_, index) => {
    const share = { index, of: plan.threads };
    const assignment = { plan, share, url: plan.stage, runId: '0123456789abcdef', headers: {} };
    return new ShareDriver({
      assignment,
      clock,
      dialer,
      listener: (event) => rollup.add(event),
      health: null,
    });
  });
  const ensemble = new Ensemble(workers);
  await clock.runUntil(ensemble.open());
  await clock.runUntil(ensemble.drive(clock.epochAt(START_MS)));
  rollup.close();
  const { warmup, measured, arrivals } = rollup;
  const seconds = rollup.seconds().map(({ due, measured: { sent } }) => [due, sent]);
  return {
    sums: structuredClone({ warmup, measured, arrivals, seconds }),
    times: times.sort((left, right) => left - right),
  };
}

const cases = fc.record({
  connections: fc.integer({ min: 8, max: 40 }),
  ratePerSecond: fc.integer({ min: 20, max: 400 }),
  arrival: fc.constantFrom(...ARRIVALS),
  threads: fc.integer({ min: 2, max: 8 }),
  seed: fc.nat(),
});

test('counts and send times of 2 to 8 threads are those of one, whether or not they divide the connections', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ connections, ratePerSecond, arrival, threads, seed }) => {
      const load = { kind: 'open', ratePerSecond, arrival } as const;
      const settings = { connections, load, seed, warmupMs: 1000, durationMs: 2000, drainMs: 1000 };
      const alone = await driven(planWith({ ...settings, connectRatePerSecond: 1000, threads: 1 }));
      const parted = await driven(planWith({ ...settings, connectRatePerSecond: 1000, threads }));
      assert.deepEqual(parted, alone);
    }),
    { numRuns: 25 },
  );
});
