/** What follows from metrics is judged anew; what was measured stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult, StageMetrics } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { withMetrics } from './refresh.ts';
import { emptyFigures } from './summary.ts';

const TRAFFIC = { startEpochMs: 0, endEpochMs: 60_000, expectedRecords: 100 };

const RESULT = {
  ...emptyFigures(),
  plan: planWith({ thresholds: ['metrics.errors.sum == 0', 'messages.lost == 0'] }),
  traffic: TRAFFIC,
  validity: {
    verdict: 'unknown',
    checks: [
      { name: 'samples', verdict: 'valid', evidence: 'enough' },
      { name: 'metrics completeness', verdict: 'unknown', evidence: 'throttled' },
    ],
  },
  thresholds: [
    { expression: 'metrics.errors.sum == 0', value: null, ok: false },
    { expression: 'messages.lost == 0', value: 0, ok: true },
  ],
  warnings: [
    { code: 'metricsUnavailable', text: '', advice: '' },
    { code: 'noWarmup', text: '', advice: '' },
  ],
} as unknown as RunResult;

function metricsOf(incomingRecords: number): StageMetrics {
  const errors = { id: 'errors', label: 'Errors', unit: 'Count', stat: 'Sum', timestamps: [0], values: [0] };
  return { source: 'cloudwatch', periodMs: 60_000, incomingRecords, series: [errors] };
}

test('metrics that came late complete a run: check, verdict, thresholds and warnings follow', () => {
  const refreshed = withMetrics(RESULT, metricsOf(100), TRAFFIC);
  assert.equal(refreshed.metrics?.complete, true);
  assert.equal(refreshed.validity.verdict, 'valid');
  assert.deepEqual(
    refreshed.validity.checks.map(({ name }) => name),
    ['samples', 'metrics completeness'],
  );
  assert.deepEqual(
    refreshed.thresholds.map(({ value, ok }) => [value, ok]),
    [
      [0, true],
      [0, true],
    ],
  );
  assert.deepEqual(
    refreshed.warnings.map(({ code }) => code),
    ['noWarmup'],
  );
});

test('metrics that came late tell where lost messages were lost, in the result and in the advice', () => {
  const warning = { code: 'lostMessages', text: '9 were lost', advice: 'Look at the stage metrics.' };
  const messages = { ...RESULT.messages, sent: 100, lost: 9 };
  const errors = { ...metricsOf(0).series[0]!, id: 'integrationErrors', values: [9] };
  const metrics = { ...metricsOf(91), series: [errors] };
  const refreshed = withMetrics({ ...RESULT, messages, warnings: [warning] }, metrics, TRAFFIC);
  const nine = { atLeast: 9, atMost: 9 };
  assert.deepEqual(refreshed.losses, { lost: 9, refused: nine, throttled: { atLeast: 0, atMost: 0 } });
  assert.equal(refreshed.metrics?.complete, true, 'nothing else is missing');
  assert.match(
    refreshed.warnings[0]!.advice,
    /^By the stage's metrics 9 of the 9 lost were refused by the stream/,
  );
  assert.deepEqual(withMetrics(refreshed, metrics, TRAFFIC), refreshed);
});

test('metrics that are still not whole leave the run unknown, with the figures', () => {
  const { metrics, validity } = withMetrics(RESULT, metricsOf(90), TRAFFIC);
  assert.equal(metrics?.complete, false);
  assert.equal(validity.verdict, 'unknown');
  assert.match(validity.checks.at(-1)!.evidence, /IncomingRecords 90, .* 100: 10 fewer/);
});

test('of a run that was cut, what was in flight stays in flight when its metrics are read later', () => {
  const { messages } = RESULT;
  const cut = { ...RESULT, partial: true, messages: { ...messages, indeterminate: 12 } };
  const { validity } = withMetrics(cut, metricsOf(90), TRAFFIC);
  assert.match(validity.checks.at(-1)!.evidence, /10 fewer, in flight at the cut: 12, /);
  assert.equal(withMetrics(cut, metricsOf(100), TRAFFIC).metrics?.complete, true);
});

test('a run that is invalid for another reason stays so', () => {
  const checks = [{ name: 'send lag', verdict: 'invalid', evidence: '' }] as const;
  const invalid = { ...RESULT, validity: { verdict: 'invalid', checks } } as const;
  assert.equal(withMetrics(invalid, metricsOf(100), TRAFFIC).validity.verdict, 'invalid');
});

test('reading twice gives the same as reading once', () => {
  const once = withMetrics(RESULT, metricsOf(100), TRAFFIC);
  assert.deepEqual(withMetrics(once, metricsOf(100), TRAFFIC), once);
});
