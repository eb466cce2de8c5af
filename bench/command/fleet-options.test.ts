import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanInput } from '../node/plan-file.ts';
import { planWith } from '../sim/testing/plan.ts';
import { FLEET_FLAGS, parseFleet } from './fleet-options.ts';
import { FLEET_PLAN_FLAGS, fleetPlanCommand, quotasMet } from './fleet-plan.ts';
import { asked, type Typed } from './testing/asked.ts';
import { parseWorker, WORKER_FLAGS } from './worker-options.ts';

const URL_PLAN = { stage: 'ws://127.0.0.1:1', connections: '8', rate: '10', threads: '1' };
const STACK = { ...URL_PLAN, stage: 'my-stack' };

const parsed = (flags: Typed<typeof FLEET_FLAGS>, settings: PlanInput = URL_PLAN) =>
  parseFleet(asked(FLEET_FLAGS, { engine: 'slurm', workers: '4', store: '/shared', ...flags }, { settings }))
    .flags;

const planned = (settings: PlanInput, ceiling?: string) =>
  fleetPlanCommand(asked(FLEET_PLAN_FLAGS, { workersCeiling: ceiling }, { settings }));

const worker = (flags: Typed<typeof WORKER_FLAGS>) =>
  parseWorker(asked(WORKER_FLAGS, { plan: 'p', index: '0', of: '2', out: 'o', ...flags }), {});

test('metrics can be left out, or waited for where there are any that come late', () => {
  assert.equal(parsed({}).metrics, true);
  assert.equal(parsed({ metrics: false }).metrics, false);
  assert.equal(parsed({ metricsWait: '4m' }, STACK).metricsWait, 240_000);
  assert.throws(() => parsed({ metricsWait: '2h' }, STACK), /metrics-wait: '2h' is not a duration up to 60m/);
  assert.throws(() => parsed({ metricsWait: '4m' }), /metrics-wait: only the metrics of a stack/);
  const judged = { ...STACK, threshold: ['metrics.incomingRecords.sum > 0'] };
  assert.throws(() => parsed({ metrics: false }, judged), /threshold: with --no-metrics/);
});

test('a limit of cost is an amount, and held only where something has a price', () => {
  assert.equal(parsed({ maxCost: '0.5' }, STACK).maxCost, 0.5);
  assert.equal(parsed({}, STACK).maxCost, null);
  assert.equal(parsed({ engine: 'aws-batch', maxCost: '2' }).maxCost, 2);
  assert.throws(() => parsed({ maxCost: 'x' }, STACK), /max-cost: 'x' is not an amount of US dollars/);
  assert.throws(
    () => parsed({ maxCost: '2' }),
    /max-cost: neither the machines of slurm nor a stage given by its URL have a price/,
  );
});

test('what a fleet can’t do without is asked for, all of it at once', () => {
  assert.throws(
    () => parsed({ engine: undefined, workers: '0', store: undefined }),
    /^Error: engine: must be one of slurm, .*\nworkers: '0' is not a whole number from 1 to 10000\nstore: say where/,
  );
});

test('a plan with a local stage is no plan of a fleet, and the remedy is said before anything is measured', async () => {
  await assert.rejects(
    planned({ connections: '8', rate: '10' }),
    /stage: every worker would have .*'bench stage local' serves one/,
  );
});

test('more workers than connections are a problem of the plan', async () => {
  const settings = { ...URL_PLAN, connections: '2', rate: '1000' };
  await assert.rejects(
    planned(settings, '100'),
    /workers: 13 workers of 1 threads can't share 2 connections/,
  );
});

test('a start that is missing and one that is none are told apart', () => {
  assert.throws(() => worker({}), /start-at: say when the schedule starts, such as/);
  assert.throws(
    () => worker({ startAt: '2030-01-01T12:00:00' }),
    /start-at: '2030-01-01T12:00:00' is not a time with a zone/,
  );
});

test('the quotas that a plan meets are those of the region in the address', async () => {
  const load = { kind: 'open', ratePerSecond: 2_000, arrival: 'constant' } as const;
  const met = (host: string) =>
    quotasMet(planWith({ stage: `wss://${host}/v1`, connectRatePerSecond: 400, connections: 100, load }));
  assert.deepEqual(await met('abc.execute-api.eu-west-1.amazonaws.com'), []);
  assert.match(
    (await met('abc.execute-api.mx-central-1.amazonaws.com')).join(),
    /^2,000 messages\/s with their echoes take 4,000 requests\/s, and the default quota is 2,500\/s/,
  );
});
