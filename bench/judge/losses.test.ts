/** What metrics say of lost messages: as much as they can, with the bounds of what else they may have counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totalOf } from '../measure/metric-total.ts';
import { metricsCheck } from '../measure/metrics-completeness.ts';
import type { MetricSeries, StageMetrics } from '../model/result.ts';
import { type LossEvidence, lossAdvice, lossesOf, lossText } from './losses.ts';

const series = (id: string, ...values: readonly number[]): MetricSeries => ({
  ...{ id, label: id, unit: 'Count', stat: 'Sum' },
  timestamps: values.map((_, index) => index * 60_000),
  values,
});

function metricsWith(...all: readonly MetricSeries[]): StageMetrics {
  return { source: 'cloudwatch', periodMs: 60_000, incomingRecords: 988, series: all };
}

interface Given {
  readonly lost?: number;
  readonly elsewhere?: number;
  readonly unansweredProbes?: number;
  readonly metrics?: StageMetrics | null;
}

function losses({ lost = 30, elsewhere = 0, unansweredProbes = 0, metrics = null }: Given) {
  const evidence: LossEvidence = {
    messages: { lost, indeterminate: 0, warmup: { lost: elsewhere, indeterminate: 0 } },
    metrics,
    expectedRecords: 1_000,
    unansweredProbes,
  };
  return lossesOf(evidence);
}

const REFUSED = metricsWith(series('integrationErrors', 4, 8), series('writeThrottles', 0, 7));

test('lost messages that the gateway could not hand on are attributed to the stream', () => {
  const found = losses({ metrics: REFUSED });
  assert.deepEqual(found, {
    lost: 30,
    refused: { atLeast: 12, atMost: 12 },
    throttled: { atLeast: 7, atMost: 7 },
  });
  assert.equal(
    lossText(found!),
    "12 of the 30 lost were refused by the stream, 7 over a shard's write limit",
  );
  assert.match(
    lossAdvice(found, 'Look elsewhere.'),
    /^By the stage's metrics 12 of the 30 lost .* heard nothing of it\. More shards, or a lower rate\. Of the 18 others: Look elsewhere\.$/,
  );
});

test('what else may have been refused in these minutes bounds the count, and it never exceeds the lost', () => {
  const refused = (given: Given) => losses({ metrics: REFUSED, ...given })?.refused;
  assert.deepEqual(refused({ elsewhere: 3, unansweredProbes: 2 }), { atLeast: 7, atMost: 12 });
  assert.deepEqual(refused({ lost: 5 }), { atLeast: 5, atMost: 5 });
  assert.deepEqual(refused({ elsewhere: 50 }), { atLeast: 0, atMost: 12 });
  const shared = { ...REFUSED, incomingRecords: 1_001 };
  assert.deepEqual(refused({ metrics: shared }), { atLeast: 0, atMost: 12 }, 'others sent too');
  assert.match(lossText(losses({ metrics: REFUSED, elsewhere: 5 })!)!, /^7 to 12 of the 30 lost/);
  assert.match(lossText(losses({ metrics: REFUSED, elsewhere: 50 })!)!, /^up to 12 of the 30 lost/);
});

test('a throttled write counts as refused where the gateway did not count it', () => {
  const found = losses({ metrics: metricsWith(series('integrationErrors', 0), series('writeThrottles', 7)) });
  assert.deepEqual(found?.refused, { atLeast: 7, atMost: 7 });
});

test('nothing is said without a loss or without these metrics, and nothing is blamed where none was refused', () => {
  assert.equal(losses({ lost: 0, metrics: REFUSED }), undefined);
  assert.equal(losses({ metrics: null }), undefined);
  assert.equal(losses({ metrics: metricsWith(series('messageCount', 9)) }), undefined);
  const none = losses({ metrics: metricsWith(series('integrationErrors', 0)) });
  assert.deepEqual(
    [lossText(none!), lossAdvice(none, 'Look.'), lossAdvice(undefined, 'Look.')],
    [null, 'Look.', 'Look.'],
  );
  const other = losses({
    metrics: metricsWith(series('integrationErrors', 30), series('writeThrottles', 0)),
  });
  assert.match(
    lossAdvice(other, 'Look.'),
    /30 of the 30 lost were refused by the stream, and .* permissions/,
  );
});

test('every stream’s throttles add up, and no series is not zero', () => {
  const metrics = metricsWith(series('writeThrottles', 1), series('otherStreamWriteThrottles', 2));
  assert.deepEqual([totalOf(metrics, 'writeThrottles'), totalOf(metrics, 'integrationErrors')], [3, null]);
});

test('metrics are complete where what the stream lacks is what the gateway could not hand on and told nobody of', () => {
  const expectation = { expectedRecords: 1_000, inFlight: 0, isCut: false, haveEnded: false, halfOpen: 0 };
  const check = (errorFrames: number, incomingRecords: number) => {
    const { verdict, evidence } = metricsCheck(
      { ...REFUSED, incomingRecords },
      { ...expectation, errorFrames },
    );
    return [verdict, evidence.split(': ')[1]];
  };
  const silent = '12 fewer, as many as the gateway could not hand on and told no client of';
  assert.deepEqual(check(0, 988), ['valid', silent]);
  assert.deepEqual(check(12, 988), ['unknown', '12 fewer'], 'frames are not among the expected already');
  assert.deepEqual(check(0, 989), ['unknown', '11 fewer']);
  assert.deepEqual(check(12, 1_000), ['valid', 'equal']);
});
