/** The judgement of a probe: every reason not to hold, alone, and whose limit it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden } from '../../reports/testing/golden.ts';
import type { Interval, RunResult, ValidityCheck } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { type Culprit, judgeProbe } from './probe-judgement.ts';
import type { ProbeVerdict } from './search.ts';
import { emptyFigures } from './summary.ts';

const RATE = 100;
const SECONDS = 10;

/** A probe in which everything was answered at once, and what differs. */
function probed(changes: Partial<RunResult> = {}): RunResult {
  const count = RATE * SECONDS;
  const messages = { ...emptyFigures().messages, scheduled: count, sent: count, delivered: count };
  return {
    ...emptyFigures(),
    plan: planWith({ durationMs: SECONDS * 1000 }),
    partial: false,
    messages,
    intervals: intervalsOf(() => RATE),
    thresholds: [{ expression: 'latency.response.p99 < 250', value: 20, ok: true }],
    validity: { verdict: 'valid', checks: [] },
    warnings: [],
    ...changes,
  } as unknown as RunResult;
}

function intervalsOf(delivered: (second: number) => number): Interval[] {
  const intervals = Array.from({ length: SECONDS }, (_, second) => ({
    second,
    scheduled: RATE,
    sent: RATE,
    delivered: delivered(second),
  }));
  return intervals as unknown as Interval[];
}

const MISSED = [{ expression: 'latency.response.p99 < 250', value: 312.345, ok: false }];

function checked(name: string, evidence = 'evidence', verdict: ValidityCheck['verdict'] = 'invalid') {
  return { validity: { verdict, checks: [{ name, verdict, evidence }] } };
}

function judged(changes: Partial<RunResult>): [ProbeVerdict, Culprit | null, string] {
  const { verdict, limitedBy, reasons } = judgeProbe(probed(changes));
  return [verdict, limitedBy, reasons.join(' | ')];
}

test('a probe that meets its SLOs and keeps up holds', () => {
  assert.deepEqual(judged({}), ['held', null, '']);
});

test('a missed SLO fails, with its value', () => {
  assert.deepEqual(judged({ thresholds: MISSED }), [
    'failed',
    'stage',
    'latency.response.p99 < 250: it was 312.3',
  ]);
  const unknown = [{ ...MISSED[0]!, value: null }];
  assert.match(judged({ thresholds: unknown })[2], /it was not known/);
});

test('loss fails unless an SLO judges it', () => {
  const messages = { ...probed().messages, lost: 2, delivered: 998 };
  assert.deepEqual(judged({ messages }), ['failed', 'stage', '2 of 1000 messages were lost']);
  const thresholds = [{ expression: 'ordering.lossRatio < 0.01', value: 0.002, ok: true }];
  assert.deepEqual(judged({ messages, thresholds }), ['held', null, '']);
});

test('a queue that grows fails though the percentiles are met', () => {
  const [verdict, limitedBy, reason] = judged({ intervals: intervalsOf(() => RATE - 10) });
  assert.deepEqual([verdict, limitedBy], ['failed', 'stage']);
  assert.equal(reason, 'the queue grew by 10 messages a second, to 100 unanswered at the end');
});

test('a queue that is long and stays so is the latency, no failure', () => {
  assert.deepEqual(judged({ intervals: intervalsOf((second) => (second === 0 ? 20 : RATE)) })[0], 'held');
});

test('messages that could not be sent fail', () => {
  const messages = { ...probed().messages, sent: 900, refused: 100, delivered: 900 };
  assert.match(judged({ messages }).join(), /failed,stage,only 900 of 1000 messages were sent/);
});

test('an echo that never comes is the stage’s failure, whatever else is wrong', () => {
  const messages = { ...probed().messages, delivered: 0, lost: 1000 };
  assert.deepEqual(judged({ messages, ...checked('loop delay') }).slice(0, 2), ['failed', 'stage']);
});

test('each sign of a driver that could not keep up makes the probe invalid', () => {
  for (const name of [
    'send lag',
    'loop delay',
    'driver utilization',
    'garbage collection',
    'driver ceiling',
  ]) {
    assert.deepEqual(judged(checked(name)), ['invalid', 'driver', `${name}: evidence`]);
  }
});

const FULL = 'stage and driver share this machine; its processors were 99.0 % busy';

test('a full machine excuses a missed SLO, and makes a met one no worse', () => {
  assert.deepEqual(judged({ ...checked('shared machine', FULL), thresholds: MISSED }).slice(0, 2), [
    'invalid',
    'machine',
  ]);
  assert.deepEqual(judged(checked('shared machine', FULL)), ['held', null, '']);
});

test('a busy machine that stage and driver share is named, and so is a stage whose own loop was full', () => {
  const busy = checked('shared machine', FULL, 'unknown');
  assert.deepEqual(judged({ ...busy, thresholds: MISSED }).slice(0, 2), ['failed', 'machine']);
  const warnings = [{ code: 'stageSaturated', text: 'its loop was full', advice: '' }];
  assert.deepEqual(judged({ warnings, thresholds: MISSED }).slice(0, 2), ['failed', 'machine']);
});

test('throttled writes are the shards’ limit', () => {
  const series = [
    { id: 'writeThrottles', label: '', unit: 'Count', stat: 'Sum', timestamps: [0, 1], values: [3, 4] },
  ];
  const metrics = { series } as unknown as RunResult['metrics'];
  const [verdict, limitedBy, reasons] = judged({ metrics, thresholds: MISSED });
  assert.deepEqual([verdict, limitedBy], ['failed', 'shard writes']);
  assert.match(reasons, /refused 7 writes/);
});

test('connections that did not open are the stage’s failure', () => {
  assert.deepEqual(judged(checked('connections')), ['failed', 'stage', 'connections: evidence']);
});

test('a probe that was cut short says nothing', () => {
  assert.deepEqual(judged({ partial: true }), ['invalid', null, 'it was cut short']);
});

/** Several checks at once. */
const checks = (
  ...given: readonly (readonly [name: string, verdict: ValidityCheck['verdict'], evidence?: string])[]
) => ({
  validity: {
    verdict: 'invalid' as const,
    checks: given.map(([name, verdict, evidence = 'so']) => ({ name, verdict, evidence })),
  },
});

test('every reason is told, the culprit’s first, whatever comes together', () => {
  const shared = 'driver and stage share this machine; its processors were busy';
  const saturated = [
    { code: 'stageSaturated', text: 'its loop was full', advice: '' },
    { code: 'other', text: 'x', advice: '' },
  ];
  const throttles = (...ids: string[]) => ({
    metrics: { series: ids.map((id) => ({ id, values: [2, 3] })) } as unknown as RunResult['metrics'],
  });
  const nothing = { ...probed().messages, delivered: 0, lost: 1000 };
  const lost = { messages: { ...probed().messages, delivered: 993, lost: 7 } };
  const acceptable = [
    { expression: 'ordering.lossRatio < 1', value: 0, ok: true },
    { expression: 'latency.response.p99 < 250', value: null, ok: false },
  ];
  const cases: Partial<RunResult>[] = [
    { messages: nothing, thresholds: MISSED },
    { intervals: intervalsOf((second) => (second < 5 ? RATE : 0)) },
    { intervals: intervalsOf((second) => (second < 5 ? RATE : 0)), thresholds: MISSED },
    { thresholds: MISSED, warnings: saturated as RunResult['warnings'] },
    { ...checks(['send lag', 'invalid'], ['shared machine', 'unknown', shared]), thresholds: MISSED },
    { ...checks(['send lag', 'invalid'], ['shared machine', 'valid', shared]) },
    {
      ...checks(['send lag', 'invalid'], ['other', 'invalid', shared]),
      warnings: saturated as RunResult['warnings'],
    },
    { ...checks(['shared machine', 'invalid', 'full']), thresholds: MISSED },
    { ...checks(['shared machine', 'invalid', 'full']) },
    { ...checks(['shared machine', 'unknown', shared]), thresholds: MISSED },
    { ...checks(['shared machine', 'valid', shared]), thresholds: MISSED },
    { ...checks(['samples', 'invalid', 'too few']) },
    {
      ...checks(['loop delay', 'unknown'], ['loop delay', 'valid', 'fine'], ['samples', 'unknown']),
      thresholds: MISSED,
    },
    { ...throttles('writeThrottles', 'overwriteThrottles'), thresholds: MISSED },
    { ...throttles('overwriteThrottles'), thresholds: MISSED },
    { metrics: null, thresholds: MISSED },
    lost,
    { ...lost, thresholds: acceptable },
  ];
  assertGolden(
    'probe-judgements',
    cases.map((changes, at) => `${at + 1} ${JSON.stringify(judgeProbe(probed(changes)))}`),
  );
});
