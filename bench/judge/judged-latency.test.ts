/** Which latency goals are about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgedLatency } from './judged-latency.ts';

const told = (...expressions: string[]) => Object.values(judgedLatency(expressions));

test('the first goal on response time counts, else the first on service time, else response p99', () => {
  const [response, service] = ['latency.response.p90 < 9', ' latency.service.p999<=9'];
  assert.deepEqual(told(), [null, 'response', 'p99', 'p99']);
  assert.deepEqual(told('ordering.lossRatio < 1', service, response, 'latency.response.max < 9'), [
    ...[response, 'response', 'p90', 'p90'],
  ]);
  assert.deepEqual(told(service, 'latency.service.mean > 1'), [service, 'service', 'p999', 'p99.9']);
});

test('what only looks like a goal on a latency is none', () => {
  for (const expression of [
    'x latency.response.p90 < 9',
    'latency.response.p90x < 9',
    'latency.hops.p90 < 9',
    'latency.response.p90',
    'latency.response.p9 < 9',
  ])
    assert.equal(judgedLatency([expression]).expression, null, expression);
  for (const expression of [
    '  latency.response.p90   > 9',
    'latency.response.max = 9',
    'latency.service.p50 != 9',
  ])
    assert.equal(judgedLatency([expression]).expression, expression);
});
