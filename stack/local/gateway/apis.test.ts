import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { TestClock } from '../testing/test-clock.ts';
import { Apis } from './apis.ts';
import { Gateway } from './gateway.ts';
import { type GatewayConfig, gatewayConfigs } from './gateway-config.ts';
import { accountThrottles } from './stage-state.ts';
import { apiStack, CountingMetrics, RecordingKinesis } from './testing/gateway.ts';

function gateways(...names: readonly [apiId: string, stage: string][]): Apis {
  const [config] = gatewayConfigs(apiStack());
  assert.ok(config, 'the stack has an API');
  const apis = new Apis();
  const clock = new TestClock();
  for (const [apiId, stage] of names) {
    const [state] = [...config.stages.values()];
    assert.ok(state, 'the API has a stage');
    const own: GatewayConfig = { ...config, apiId, stages: new Map([[stage, { ...state, name: stage }]]) };
    apis.add(
      new Gateway({
        config: own,
        kinesis: new RecordingKinesis(),
        clock,
        random: seededRandom(1),
        profile: IDEAL_PROFILE,
        metrics: new CountingMetrics(),
        throttles: accountThrottles(IDEAL_PROFILE.quotas, clock),
        log: () => {},
      }),
    );
  }
  return apis;
}

function found(apis: Apis, host: string, path: string): readonly [string, string] | undefined {
  const target = apis.find(host, path);
  return target && [target.gateway.apiId, target.path];
}

test('a request names its API by host, by path, or by a stage that only one has', () => {
  const apis = gateways(['one', 'v1'], ['two', 'v1'], ['three', 'live']);
  const local = '127.0.0.1:4566';
  const host = 'two.execute-api.us-east-1.amazonaws.com';
  assert.deepEqual(found(apis, host, '/v1/@connections/a'), ['two', '/v1/@connections/a']);
  assert.deepEqual(found(apis, local, '/one/v1'), ['one', '/v1']);
  assert.deepEqual(found(apis, local, '/one'), ['one', '/']);
  assert.deepEqual(found(apis, local, '/live'), ['three', '/live']);
  assert.equal(found(apis, local, '/v1'), undefined);
  assert.equal(found(apis, 'four.execute-api.us-east-1.amazonaws.com', '/v1'), undefined);
});

test('a single API needs no name', () => {
  const apis = gateways(['one', 'v1']);
  for (const path of ['/', '/v1', '/v2']) assert.deepEqual(found(apis, 'localhost', path), ['one', path]);
  apis.remove('one');
  assert.equal(found(apis, 'localhost', '/v1'), undefined);
});
