import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planWith } from '../sim/testing/plan.ts';
import { type FleetArguments, parseFleet } from './fleet-options.ts';
import { fleetPlanCommand, quotasMet } from './fleet-plan.ts';
import { parseWorker } from './worker-options.ts';

const URL_PLAN = { stage: 'ws://127.0.0.1:1', connections: '8', rate: '10', threads: '1' };
const GIVEN: FleetArguments = {
  ...{ file: {}, settings: URL_PLAN, engine: 'slurm', engineArguments: [], workers: '4', store: '/shared' },
  ...{ patience: '10m', metrics: true, metricsWait: undefined, out: undefined, quiet: true, json: false },
};

test('metrics can be left out, or waited for where there are any that come late', () => {
  assert.deepEqual(parseFleet(GIVEN).isWithMetrics, true);
  assert.equal(parseFleet({ ...GIVEN, metrics: false }).isWithMetrics, false);
  const stack = { ...GIVEN, settings: { ...URL_PLAN, stage: 'my-stack' } };
  assert.equal(parseFleet({ ...stack, metricsWait: '4m' }).metricsWaitMs, 240_000);
  assert.throws(
    () => parseFleet({ ...stack, metricsWait: '2h' }),
    /metrics-wait: '2h' is not a duration up to 60m/,
  );
  assert.throws(
    () => parseFleet({ ...GIVEN, metricsWait: '4m' }),
    /metrics-wait: only the metrics of a stack/,
  );
  const judged = {
    ...stack,
    settings: { ...stack.settings, threshold: ['metrics.incomingRecords.sum > 0'] },
  };
  assert.throws(() => parseFleet({ ...judged, metrics: false }), /threshold: with --no-metrics/);
});

test('a limit of cost is an amount, and held only where something has a price', () => {
  const stack = { ...GIVEN, settings: { ...URL_PLAN, stage: 'my-stack' } };
  assert.equal(parseFleet({ ...stack, maxCost: '0.5' }).maxCostUsd, 0.5);
  assert.equal(parseFleet(stack).maxCostUsd, null);
  assert.equal(parseFleet({ ...GIVEN, engine: 'aws-batch', maxCost: '2' }).maxCostUsd, 2);
  assert.throws(() => parseFleet({ ...stack, maxCost: 'x' }), /max-cost: 'x' is not an amount of US dollars/);
  assert.throws(
    () => parseFleet({ ...GIVEN, maxCost: '2' }),
    /max-cost: neither the machines of slurm nor a stage given by its URL have a price/,
  );
});

test('a plan with a local stage is no plan of a fleet, and the remedy is said before anything is measured', async () => {
  const asked = { file: {}, settings: { connections: '8', rate: '10' }, ceiling: undefined, json: false };
  await assert.rejects(
    fleetPlanCommand(asked),
    /stage: every worker would have .*'bench stage local' serves one/,
  );
});

test('more workers than connections are a problem of the plan', async () => {
  const settings = { ...URL_PLAN, connections: '2', rate: '1000' };
  const asked = { file: {}, settings, ceiling: '100', json: false };
  await assert.rejects(fleetPlanCommand(asked), /workers: 13 workers of 1 threads can't share 2 connections/);
});

test('a start that is missing and one that is none are told apart', () => {
  const given = { plan: 'p', index: '0', of: '2', startAt: undefined, runId: undefined, out: 'o' };
  assert.throws(() => parseWorker(given, {}), /start-at: say when the schedule starts, such as/);
  assert.throws(
    () => parseWorker({ ...given, startAt: '2030-01-01T12:00:00' }, {}),
    /start-at: '2030-01-01T12:00:00' is no time with a zone/,
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
