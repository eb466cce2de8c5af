/** Every check of validity, firing alone: the base record is valid, each case changes one thing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantilesOf } from '../measure/histogram.ts';
import type { RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import { PLAIN_FAULT } from '../model/fault.ts';
import type { ValidityVerdict } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { judgeValidity } from './validity.ts';
import { warningsFor } from './warning.ts';

function healthyRollup(): Rollup {
  const rollup = new Rollup();
  Object.assign(rollup.measured, { scheduled: 2000, sent: 2000, delivered: 2000 });
  Object.assign(rollup.connections, { opened: 10 });
  Object.assign(rollup.health, {
    seconds: 10,
    utilizationSum: 2,
    utilizationMax: 0.4,
    loopDelayP99Ms: 3,
    gcMs: 20,
  });
  for (let sample = 0; sample < 2000; sample++) {
    rollup.histograms.response.recordValue(50_000);
    rollup.histograms.sendLag.recordValue(500);
  }
  return rollup;
}

function recordWith(change: (rollup: Rollup) => void, other: Partial<RunRecord> = {}): RunRecord {
  const rollup = healthyRollup();
  change(rollup);
  const record = {
    plan: planWith({}),
    environment: {},
    rollup,
    interruption: null,
    stage: { kind: 'local' },
    metrics: { source: 'local', periodMs: 1000, incomingRecords: 2001, series: [] },
    metricsProblem: null,
    stageHasMetrics: true,
    probes: 1,
    hostBusy: 0.3,
    stageChange: null,
    sharesMachine: true,
    measuredMs: 10_000,
    ...other,
  };
  return record as unknown as RunRecord;
}

const verdictOf = (record: RunRecord, name: string) =>
  judgeValidity(record).checks.find((check) => check.name === name)!.verdict;

test('a healthy run is valid in every check', () => {
  const { verdict, checks } = judgeValidity(recordWith(() => {}));
  assert.equal(verdict, 'valid');
  assert.deepEqual([...new Set(checks.map((check) => check.verdict))], ['valid']);
  assert.equal(checks.length, 9);
});

const lagging = (micros: number) => (rollup: Rollup) => {
  for (let sample = 0; sample < 100; sample++) rollup.histograms.sendLag.recordValue(micros);
};

const CASES: readonly [string, ValidityVerdict, RunRecord][] = [
  ['samples', 'invalid', recordWith((rollup) => void Object.assign(rollup.measured, { delivered: 0 }))],
  ['achieved rate', 'unknown', recordWith((rollup) => void Object.assign(rollup.measured, { sent: 1990 }))],
  ['achieved rate', 'invalid', recordWith((rollup) => void Object.assign(rollup.measured, { sent: 1900 }))],
  [
    'achieved rate',
    'invalid',
    recordWith((rollup) => void Object.assign(rollup.measured, { scheduled: 0, sent: 0 })),
  ],
  [
    'connections',
    'invalid',
    recordWith((rollup) => void Object.assign(rollup.connections, { opened: 8, failed: 2 })),
  ],
  [
    'connections',
    'unknown',
    recordWith((rollup) => void Object.assign(rollup.connections, { closedEarly: 1 })),
  ],
  [
    'achieved rate',
    'unknown',
    recordWith((rollup) => {
      rollup.measured.sent = 1000;
      rollup.connections.closedEarly = 5;
    }),
  ],
  ['send lag', 'unknown', recordWith(lagging(20_000))],
  ['send lag', 'invalid', recordWith(lagging(80_000))],
  [
    'loop delay',
    'unknown',
    recordWith((rollup) => void Object.assign(rollup.health, { loopDelayP99Ms: 60 })),
  ],
  [
    'loop delay',
    'invalid',
    recordWith((rollup) => void Object.assign(rollup.health, { loopDelayP99Ms: 160 })),
  ],
  [
    'driver utilization',
    'unknown',
    recordWith((rollup) => void Object.assign(rollup.health, { utilizationSum: 9 })),
  ],
  [
    'driver utilization',
    'invalid',
    recordWith((rollup) => void Object.assign(rollup.health, { utilizationSum: 9.9 })),
  ],
  [
    'garbage collection',
    'unknown',
    recordWith((rollup) => void Object.assign(rollup.health, { gcMs: 1000 })),
  ],
  [
    'garbage collection',
    'invalid',
    recordWith((rollup) => void Object.assign(rollup.health, { gcMs: 3000 })),
  ],
  ['shared machine', 'unknown', recordWith(() => {}, { hostBusy: 0.95 })],
  ['shared machine', 'unknown', recordWith(() => {}, { hostBusy: null })],
  ['shared machine', 'invalid', recordWith(() => {}, { hostBusy: 0.99 })],
  ['metrics completeness', 'unknown', recordWith((rollup) => void Object.assign(rollup.warmup, { sent: 5 }))],
  [
    'metrics completeness',
    'unknown',
    recordWith(() => {}, { metrics: null, metricsProblem: 'the stage died' }),
  ],
];

for (const [name, verdict, record] of CASES) {
  test(`${name} alone can make a run ${verdict}`, () => {
    assert.equal(verdictOf(record, name), verdict);
    assert.equal(judgeValidity(record).verdict, verdict);
  });
}

const whole = { source: 'cloudwatch', periodMs: 60_000, incomingRecords: 2001, series: [] } as const;
const evidenceOf = (metrics: RunRecord['metrics']) =>
  judgeValidity(recordWith(() => {}, { metrics })).checks.find(
    ({ name }) => name === 'metrics completeness',
  )!;

test('a stack that was changed while it was driven has the figures of no setting', () => {
  const stage = { kind: 'aws', pipeline: {} } as unknown as RunRecord['stage'];
  assert.equal(
    verdictOf(
      recordWith(() => {}, { stage }),
      'steady stage',
    ),
    'valid',
  );
  const stageChange = 'the stack was changed while it was driven: BatchSize from 100 to 10';
  const changed = recordWith(() => {}, { stage, stageChange });
  assert.equal(verdictOf(changed, 'steady stage'), 'unknown');
  assert.match(JSON.stringify(judgeValidity(changed).checks), /BatchSize from 100 to 10/);
});

test('metrics that show too many records of whole minutes point at other traffic, too few only at themselves', () => {
  assert.match(
    evidenceOf({ ...whole, incomingRecords: 2013 }).evidence,
    /12 more, other traffic in these minutes$/,
  );
  assert.match(evidenceOf({ ...whole, incomingRecords: 2013, periodMs: 1000 }).evidence, /12 more$/);
  assert.match(evidenceOf({ ...whole, incomingRecords: 1991 }).evidence, /10 fewer$/);
  assert.match(evidenceOf({ ...whole, incomingRecords: null }).evidence, /published no IncomingRecords/);
});

test('metrics with a gap are not complete, even when every record is counted', () => {
  const { verdict, evidence } = evidenceOf({ ...whole, problems: ['CloudWatch gave only part of duration'] });
  assert.equal(verdict, 'unknown');
  assert.match(evidence, /equal; CloudWatch gave only part of duration$/);
  assert.equal(evidenceOf(whole).verdict, 'valid');
});

/** The check on a run whose metrics show so many records fewer than its messages. */
function shortBy(fewer: number, change: (rollup: Rollup) => void, other: Partial<RunRecord> = {}) {
  const metrics = { ...whole, incomingRecords: whole.incomingRecords - fewer };
  const { checks } = judgeValidity(recordWith(change, { metrics, ...other }));
  const { verdict, evidence } = checks.find(({ name }) => name === 'metrics completeness')!;
  return `${verdict}: ${evidence}`;
}

const INTERRUPTED = { interruption: 'it was interrupted' } as const;

test('what was in flight at the cut is not called missing, and what is missing beyond it is', () => {
  const open = (rollup: Rollup) =>
    void Object.assign(rollup.measured, { delivered: 1980, indeterminate: 20 });
  const within = /^unknown: .*sent by .* 2001: 12 fewer, in flight at the cut: 20, .*is not known$/;
  assert.match(shortBy(12, open, INTERRUPTED), within);
  assert.match(shortBy(0, open, INTERRUPTED), /^valid: .*: equal$/);
  assert.match(
    shortBy(25, open, INTERRUPTED),
    /25 fewer, in flight at the cut: 20: at least 5 were lost on the way/,
  );
  const lossy = (rollup: Rollup) => void Object.assign(rollup.measured, { delivered: 1988, lost: 12 });
  assert.match(shortBy(12, lossy), /^unknown: .*accepted from .*: 12 fewer$/, 'a run that was not cut');
  assert.match(shortBy(12, lossy, INTERRUPTED), /: 12 fewer$/, 'cut, with nothing in flight');
});

test('so is what was in flight when connections ended', () => {
  const killed = (rollup: Rollup) => {
    Object.assign(rollup.measured, { delivered: 1997, indeterminate: 3 });
    Object.assign(rollup.connections, { closedEarly: 1 });
  };
  assert.match(shortBy(3, killed), /^unknown: .*3 fewer, in flight when connections ended: 3, /);
  assert.match(shortBy(3, killed, INTERRUPTED), /in flight at the cut or when connections ended: 3, /);
  assert.match(shortBy(4, killed), /at least 1 was lost on the way/);
});

test('beside half-open connections records and messages prove nothing, not even when they are equal', () => {
  const halfOpen = (touched: number) => ({
    plan: planWith({
      faults: { faults: [{ ...PLAIN_FAULT, name: 'deaf', where: 'connection', do: 'half-open' }] },
    }),
    faultTallies: [{ touched, lost: null, duplicated: null, reordered: null }],
  });
  const nothing = () => {};
  for (const [fewer, words] of [
    [0, 'equal'],
    [7, '7 fewer'],
    [-7, '7 more'],
  ] as const) {
    const said = shortBy(fewer, nothing, halfOpen(1));
    assert.match(said, new RegExp(`^unknown: .*2001: ${words}; 1 connection was made half-open, `));
  }
  assert.match(shortBy(7, nothing, halfOpen(3)), /3 connections were made half-open/);
  assert.match(shortBy(0, nothing, halfOpen(0)), /^valid: .*: equal$/, 'a fault that struck none');
  const { plan } = halfOpen(0);
  assert.match(shortBy(0, nothing, { plan }), /^unknown: .*; connections were made half-open/, 'not counted');
});

test('without metrics to expect, their completeness is no question', () => {
  const { checks } = judgeValidity(recordWith(() => {}, { stageHasMetrics: false, metrics: null }));
  assert.ok(!checks.some(({ name }) => name === 'metrics completeness'));
});

test('each warning is given for its own reason and none without one', () => {
  const codes = (change: (rollup: Rollup) => void, other: Partial<RunRecord> = {}) => {
    const record = recordWith(change, other);
    return warningsFor(record, { response: quantilesOf(record.rollup.histograms.response) }).map(
      ({ code }) => code,
    );
  };
  assert.deepEqual(
    codes(() => {}),
    [],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.anomalies.clipped++),
    ['samplesOutOfRange'],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.anomalies.negative++),
    ['samplesOutOfRange'],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.anomalies.negativeHops++),
    ['clockOffset'],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.measured.refused++),
    ['refusedMessages'],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.connections.failed++),
    ['failedConnections'],
  );
  assert.deepEqual(
    codes((rollup) => void rollup.measured.lost++),
    ['lostMessages', 'witnessesLimited'],
  );
  assert.deepEqual(
    codes(() => {}, { interruption: 'it was interrupted' }),
    ['partial'],
  );
  assert.deepEqual(
    codes(() => {}, { plan: planWith({ warmupMs: 0 }) }),
    ['noWarmup'],
  );
  assert.deepEqual(
    codes(() => {}, { plan: planWith({ load: { kind: 'closed', inFlight: 1 } }) }),
    ['closedLoop'],
  );
  assert.deepEqual(
    codes((rollup) => void Object.assign(rollup.unexpected.measured, { corrupt: 1 })),
    ['unexpectedArrivals', 'witnessesLimited'],
  );
  assert.deepEqual(
    codes((rollup) => void Object.assign(rollup.unexpected.measured, { gatewayError: 1 })),
    ['gatewayErrors', 'witnessesLimited'],
  );
  assert.deepEqual(
    codes(() => {}, { metrics: null, metricsProblem: 'the stage died' }),
    ['metricsUnavailable'],
  );
  const few = (rollup: Rollup) => {
    rollup.histograms.response.reset();
    rollup.histograms.response.recordValue(1);
  };
  assert.deepEqual(codes(few), ['fewSamples']);
});
