import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../bench/model/result.ts';
import { METRICS, metricsNamed, unknownMetrics } from './metrics.ts';

/** Of the figures that are kept no two are equal. */
const RESULT = {
  latency: {
    response: { p50: 11, p90: 12, p95: 13, p99: 14, p999: 15 },
    service: { p50: 21, p90: 22, p95: 23, p99: 24, p999: 25 },
  },
  throughput: { offeredPerSecond: 31, sentPerSecond: 32, deliveredPerSecond: 33 },
  ordering: { lossRatio: 0.41, duplicatedRatio: 0.42, reorderedRatio: 0.43 },
  metrics: {
    series: [
      { id: 'duration', values: [99] },
      { id: 'iteratorAge', values: [51, 57, 52] },
    ],
  },
  cost: { total: 61, perMonth: 62, perMillionRoundTrips: 63 },
} as unknown as RunResult;

test('each metric is where the history says, with its unit and what is better', () => {
  assert.deepEqual(
    METRICS.map(({ id, label, unit, better, of }) => [id, label, unit, better, of(RESULT)]),
    [
      ['latency.response.p50', 'response p50', 'ms', 'less', 11],
      ['latency.response.p90', 'response p90', 'ms', 'less', 12],
      ['latency.response.p99', 'response p99', 'ms', 'less', 14],
      ['latency.response.p999', 'response p99.9', 'ms', 'less', 15],
      ['latency.service.p50', 'service p50', 'ms', 'less', 21],
      ['latency.service.p99', 'service p99', 'ms', 'less', 24],
      ['throughput.deliveredPerSecond', 'delivered', '/s', 'more', 33],
      ['ordering.lossRatio', 'lost', 'ratio', 'less', 0.41],
      ['ordering.duplicatedRatio', 'duplicated', 'ratio', 'less', 0.42],
      ['ordering.reorderedRatio', 'reordered', 'ratio', 'less', 0.43],
      ['metrics.iteratorAge.max', 'iterator age, highest', 'ms', 'less', 57],
      ['cost.perMillionRoundTrips', 'cost per million round trips', 'USD', 'less', 63],
    ],
  );
});

test('a run without metrics of its stage, or without a cost, has none', () => {
  const of = (result: RunResult) => METRICS.slice(-2).map((metric) => metric.of(result));
  assert.deepEqual(of({ ...RESULT, metrics: null, cost: null }), [null, null]);
  const silent = { series: [{ id: 'iteratorAge', values: [] }] } as unknown as RunResult['metrics'];
  const other = { series: [{ id: 'duration', values: [9] }] } as unknown as RunResult['metrics'];
  assert.deepEqual(
    [silent, other].map((metrics) => of({ ...RESULT, metrics })[0]),
    [null, null],
  );
});

test('a metric is named whole or by its beginning, at a dot', () => {
  const named = (...names: string[]) => metricsNamed(names).map(({ id }) => id);
  assert.deepEqual(named('latency.service', 'ordering.lossRatio'), [
    'latency.service.p50',
    'latency.service.p99',
    'ordering.lossRatio',
  ]);
  assert.deepEqual(named('latency.response.p99'), ['latency.response.p99']);
  assert.deepEqual(named('lat'), []);
  assert.equal(named().length, METRICS.length);
  assert.deepEqual(unknownMetrics(['latency', 'cost.perMillionRoundTrips']), []);
  assert.deepEqual(unknownMetrics(['lat', 'latency']), [
    `metric: 'lat' is none of ${METRICS.map(({ id }) => id).join(', ')}`,
  ]);
});
