/** What is said of a fleet that was not all there, or not all the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../result.ts';
import type { FleetFacts, WorkerFacts } from './facts.ts';
import { fleetCheck, withFleetCheck } from './fleet-check.ts';

const worker = (index: number, facts: Partial<WorkerFacts> = {}) =>
  ({ index, latenessMs: 0, interruption: null, ...facts }) as WorkerFacts;

const fleet = (workers: readonly WorkerFacts[], facts: Partial<FleetFacts> = {}) =>
  ({
    of: workers.length,
    missing: [],
    rejected: [],
    clockSpreadMs: 3,
    workers,
    ...facts,
  }) as unknown as FleetFacts;

test('a fleet that was all there is valid', () => {
  const { verdict, evidence } = fleetCheck(fleet([worker(0), worker(1)]));
  assert.equal(verdict, 'valid');
  assert.match(evidence, /^2 of 2 workers reported; all were ready at the agreed start; .* 3\.00 ms apart$/);
});

test('a worker that stopped early is told: what was left of its share is in no count', () => {
  const { evidence } = fleetCheck(fleet([worker(0), worker(1, { interruption: 'interrupted' })]));
  assert.match(evidence, /; 1 worker stopped early, and what was left of the share was never scheduled;/);
});

test('a saturated driver of a fleet with a late worker may be the lateness, and the advice says whose', () => {
  const result = {
    warnings: [
      { code: 'driverSaturated', text: 'x', advice: 'lower the rate' },
      { code: 'other', text: 'y', advice: 'z' },
    ],
    validity: { verdict: 'invalid', checks: [] },
  } as unknown as RunResult;
  const advices = (workers: readonly WorkerFacts[]) =>
    withFleetCheck(result, fleet(workers)).warnings.map(({ advice }) => advice);
  assert.deepEqual(advices([worker(0), worker(1)]), ['lower the rate', 'z']);
  const [first, second] = advices([worker(0), worker(1, { latenessMs: 7_840 })]);
  assert.match(
    first ?? '',
    /^First see whether it is the late start of worker 1: .* Otherwise: lower the rate$/,
  );
  assert.equal(second, 'z');
});
