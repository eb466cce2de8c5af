/** The checks of the driver against its own ceiling, and the warning that names it when it could not keep up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden } from '../../reports/testing/golden.ts';
import type { Health } from '../measure/health.ts';
import { quantilesOf } from '../measure/histogram.ts';
import { emptyOrder } from '../measure/ordering-report.ts';
import type { RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import type { SecondReport } from '../measure/share.ts';
import { emptyTally } from '../measure/tally.ts';
import type { Calibration } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { ceilingNotice, driverChecks, driverHealthOf, saturationOf } from './driver-validity.ts';
import { judgeValidity } from './validity.ts';
import { warningsFor } from './warning.ts';

const CALIBRATION: Calibration = {
  pacing: 'metronome',
  timerLagP50Ms: 0.1,
  timerLagP99Ms: 0.3,
  loopFloorMs: { p50: 0.04, p99: 0.1 },
  ceilingPerSecond: 10_000,
  takenMs: 1000,
};

const HEALTHY: Health = {
  utilization: 0.2,
  loopDelayP99Ms: 2,
  loopDelayMaxMs: 5,
  gcCount: 3,
  gcMs: 4,
  gcMaxMs: 2,
  cpuCores: 0.4,
  pacing: 'metronome',
  backlogBytes: 10,
};

function second(number: number, sent: number, health: Health = HEALTHY): SecondReport {
  const measured = { ...emptyTally(), scheduled: sent, sent, delivered: sent };
  return {
    kind: 'second',
    second: number,
    warmup: emptyTally(),
    measured,
    due: {},
    arrivals: { warmup: 0, measured: sent },
    unexpected: {},
    unexpectedInWarmup: {},
    where: { ingest: 0, delivery: 0, unknown: 0 },
    order: emptyOrder(),
    histograms: {},
    anomalies: { clipped: 0, negative: 0, negativeHops: 0 },
    violations: [],
    connections: 10,
    closedEarly: {},
    health,
  };
}

/** Two seconds of measurement; what is sent in a third came too late. */
function recordOf(ratePerSecond: number, sent: readonly number[], other: Partial<RunRecord> = {}): RunRecord {
  const rollup = new Rollup();
  for (const [number, count] of sent.entries()) rollup.add(second(number, count));
  for (let sample = 0; sample < 2000; sample++) {
    rollup.histograms.response.recordValue(50_000);
    rollup.histograms.sendLag.recordValue(100);
  }
  Object.assign(rollup.connections, { opened: 10 });
  const load = { kind: 'open', ratePerSecond, arrival: 'constant' } as const;
  return {
    plan: planWith({ load, durationMs: 2000, pacing: 'metronome' }),
    environment: { calibration: CALIBRATION },
    rollup,
    interruption: null,
    stage: { kind: 'url' },
    metrics: null,
    metricsProblem: null,
    stageHasMetrics: false,
    probes: 0,
    hostBusy: 0.3,
    sharesMachine: true,
    measuredMs: 2000,
    ...other,
  } as unknown as RunRecord;
}

const ceilingOf = (record: RunRecord) =>
  driverChecks(record).find(({ name }) => name === 'driver ceiling')?.verdict;

const codesOf = (record: RunRecord) =>
  warningsFor(record, { response: quantilesOf(record.rollup.histograms.response) }).map(({ code }) => code);

test('a plan up to 80 % of the ceiling is valid, up to it unknown, and beyond it invalid unless it was achieved', () => {
  assert.equal(ceilingOf(recordOf(8000, [8000, 8000])), 'valid');
  assert.equal(ceilingOf(recordOf(9000, [9000, 9000])), 'unknown');
  assert.equal(ceilingOf(recordOf(12_000, [10_000, 10_000, 4000])), 'invalid');
  assert.equal(ceilingOf(recordOf(12_000, [12_000, 12_000])), 'unknown');
});

test('threads multiply the ceiling as far as there are processors for them', () => {
  const plan = { ...recordOf(16_000, []).plan, threads: 2 };
  assert.equal(ceilingOf(recordOf(16_000, [16_000, 16_000], { plan })), 'valid');
  const on = (cores: number): Partial<RunRecord> => ({
    plan,
    environment: { calibration: { ...CALIBRATION, cores } } as RunRecord['environment'],
  });
  assert.equal(ceilingOf(recordOf(16_000, [16_000, 16_000], on(2))), 'valid');
  assert.equal(ceilingOf(recordOf(16_000, [10_000, 10_000, 12_000], on(1))), 'invalid');
});

test('a run that was not calibrated, and a closed loop, have no ceiling to be held against', () => {
  const environment = {} as RunRecord['environment'];
  assert.equal(ceilingOf(recordOf(12_000, [1, 1], { environment })), undefined);
  const plan = planWith({ load: { kind: 'closed', inFlight: 1 } });
  assert.equal(ceilingOf(recordOf(12_000, [1, 1], { plan })), undefined);
});

test('a driver that could not keep up makes the run invalid and is named with its evidence', () => {
  const record = recordOf(12_000, [10_000, 10_000, 4000]);
  assert.equal(judgeValidity(record).verdict, 'invalid');
  assert.deepEqual(
    saturationOf(record).map(({ name }) => name),
    ['driver ceiling'],
  );
  assert.ok(codesOf(record).includes('driverSaturated'), codesOf(record).join());
  assert.ok(!codesOf(recordOf(8000, [8000, 8000])).includes('driverSaturated'), 'not without evidence');
});

test('a loop that spins is not judged by how busy it is', () => {
  const busy = recordOf(8000, []);
  busy.rollup.add(second(0, 8000, { ...HEALTHY, utilization: 1, pacing: 'spin' }));
  const utilization = (record: RunRecord) =>
    driverChecks(record).find(({ name }) => name === 'driver utilization')!.verdict;
  assert.equal(utilization(busy), 'invalid');
  assert.equal(utilization({ ...busy, plan: { ...busy.plan, pacing: 'spin' } }), 'valid');
});

test('a pacing that was not the asked one is told', () => {
  const record = recordOf(8000, [8000, 8000]);
  assert.ok(!codesOf(record).includes('pacingUnavailable'), 'nothing to tell');
  record.rollup.add(second(1, 0, { ...HEALTHY, pacing: 'timer' }));
  assert.ok(codesOf(record).includes('pacingUnavailable'), codesOf(record).join());
});

test('time that the hypervisor withheld casts doubt, and is no question where it is not known', () => {
  const stolen = (stealShare: number | null) =>
    driverChecks(recordOf(8000, [8000, 8000], { stealShare })).find(({ name }) => name === 'stolen time');
  assert.equal(stolen(0.01)?.verdict, 'valid');
  assert.equal(stolen(0.4)?.verdict, 'unknown');
  assert.equal(stolen(null), undefined);
});

test('before the run a plan above 80 % of the ceiling is warned of, by name', () => {
  const notice = (ratePerSecond: number) => ceilingNotice(recordOf(ratePerSecond, []).plan, CALIBRATION);
  assert.equal(notice(8000), null);
  assert.match(notice(9000)!, /^DriverSaturated.* 90.0 %/);
  assert.match(notice(20_000)!, /200.0 %/);
});

test('the health of all workers is summed, the worst kept, and nothing said where nobody watched', () => {
  const record = recordOf(8000, [8000]);
  record.rollup.add(
    second(0, 1, { ...HEALTHY, utilization: 0.6, gcMaxMs: 9, backlogBytes: 700, cpuCores: 1.5 }),
  );
  const health = driverHealthOf({ ...record, stealShare: 0.02 })!;
  assert.deepEqual(
    [health.seconds, health.utilizationMean, health.utilizationMax, health.gcCount, health.gcMs],
    [2, 0.4, 0.6, 6, 8],
  );
  assert.deepEqual(
    [health.gcMaxMs, health.backlogMaxBytes, health.cpuCoresMax, health.stealShare],
    [9, 700, 1.5, 0.02],
  );
  assert.equal(driverHealthOf(recordOf(8000, [])), null);
});

test('what each check says of a driver is the golden text’s, on a bound and beyond it', () => {
  const load = (kind: 'closed' | 'open') =>
    planWith({
      ...{ durationMs: 2000, pacing: 'metronome' },
      load: kind === 'closed' ? { kind, inFlight: 1 } : { kind, ratePerSecond: 5000, arrival: 'constant' },
    });
  const healthy = recordOf(5000, [5000, 5000]);
  const quiet = recordOf(5000, [0, 0]);
  const unwatched = new Rollup();
  const lagging = (lagMs: number, responseMs: number | null): RunRecord => {
    const record = { ...recordOf(5000, [5000, 5000]), rollup: new Rollup() };
    for (let sample = 0; sample < 100; sample++) {
      record.rollup.histograms.sendLag.recordValue(lagMs * 1000);
      if (responseMs !== null) record.rollup.histograms.response.recordValue(responseMs * 1000);
    }
    return record;
  };
  const records: RunRecord[] = [
    healthy,
    quiet,
    { ...healthy, plan: load('closed') },
    { ...healthy, rollup: unwatched },
    { ...healthy, plan: { ...healthy.plan, pacing: 'spin' } },
    ...[10, 11, 50, 52].map((ms) => lagging(ms, 90)),
    ...[30, 31, 150, 152].map((ms) => lagging(ms, 300)),
    ...[10, 52].map((ms) => lagging(ms, null)),
    recordOf(8000, [8000, 8000]),
    recordOf(10_000, [10_000, 9900]),
    recordOf(10_001, [10_000, 9000]),
    recordOf(20_000, [10_000, 9000]),
    recordOf(20_000, [9900, 9900, 200]),
    recordOf(20_000, [9900, 9899, 201]),
    {
      ...healthy,
      environment: { calibration: { ...CALIBRATION, cores: 1 } },
      plan: { ...healthy.plan, threads: 4 },
    } as unknown as RunRecord,
    { ...healthy, environment: { calibration: undefined } } as unknown as RunRecord,
    ...[0, 0.05, 0.06, null].map((stealShare) => ({ ...healthy, stealShare }) as RunRecord),
    ...[
      { utilization: 0.8 },
      { utilization: 0.81 },
      { utilization: 0.96 },
      { loopDelayP99Ms: 25 },
      { loopDelayP99Ms: 26 },
      { loopDelayP99Ms: 101 },
      { gcMs: 50 },
      { gcMs: 51 },
      { gcMs: 201 },
    ].map((changes) => {
      const record = { ...healthy, rollup: new Rollup() };
      record.rollup.add(second(0, 5000, { ...HEALTHY, ...changes }));
      return record;
    }),
  ];
  assertGolden(
    'driver-checks',
    records.map((record, at) => `${at + 1} ${JSON.stringify(driverChecks(record))}`),
  );
  const notice = (ratePerSecond: number) =>
    ceilingNotice(
      { ...healthy.plan, load: { kind: 'open', ratePerSecond, arrival: 'constant' } },
      CALIBRATION,
    );
  assert.deepEqual(
    [notice(8000), notice(10_000)?.match(/little room/)?.[0], notice(10_001)?.match(/more than that/)?.[0]],
    [...[null, 'little room', 'more than that']],
  );
});
