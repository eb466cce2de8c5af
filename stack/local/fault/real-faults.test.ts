/** Faults that need more than memory: a socket that is reset, a process that is killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { seededRandom } from '../../../bench/measure/random.ts';
import { systemClock } from '../../../bench/node/clock.ts';
import { listenFront } from '../front.ts';
import { Apis } from '../gateway/apis.ts';
import { gatewayConfigs } from '../gateway/gateway-config.ts';
import { accountThrottles } from '../gateway/stage-state.ts';
import { apiStack, CountingMetrics, RecordingKinesis } from '../gateway/testing/gateway.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { bed, errorOf } from '../testing/function-bed.ts';
import { FaultInjector } from './fault-injector.ts';
import { FaultyFunction } from './faulty-function.ts';
import { FaultyGateway } from './faulty-gateway.ts';
import { fault, planOf } from './testing/fault.ts';

test('a client whose connection is killed sees 1006 and no closing frame', async (context) => {
  const random = seededRandom(1);
  const plan = planOf(fault({ where: 'connection', do: 'kill' }));
  const faults = new FaultInjector({ plan, clock: systemClock, random });
  const [config] = gatewayConfigs(apiStack());
  assert.ok(config, 'the stack has an API');
  const gateway = new FaultyGateway(
    {
      config,
      kinesis: new RecordingKinesis(),
      clock: systemClock,
      random,
      profile: IDEAL_PROFILE,
      metrics: new CountingMetrics(),
      throttles: accountThrottles(IDEAL_PROFILE.quotas, systemClock),
      log: () => {},
    },
    faults,
  );
  const apis = new Apis();
  apis.add(gateway);
  const endpoints = () => Promise.reject(new Error('there are none'));
  const front = await listenFront({ apis, quotas: IDEAL_PROFILE.quotas, endpoints, port: 0 });
  context.after(() => front.close());
  const client = new WebSocket(`ws://127.0.0.1:${front.port}/v1`);
  await once(client, 'open');
  faults.measuring(systemClock.epochAt(systemClock.now()));
  const [code] = await once(client, 'close');
  assert.deepEqual([code, faults.tallies()[0]!.touched], [1006, 1]);
});

test('a function that crashes loses its process over the event, and the next event gets another', async () => {
  const { host, metric } = bed('exports.handler = async () => process.pid;');
  const plan = planOf(fault({ where: 'function', do: 'crash', atMs: 0, forMs: 60_000 }));
  const faults = new FaultInjector({ plan, clock: systemClock, random: seededRandom(1) });
  const resource = {
    logicalId: 'EchoFunction',
    type: 'AWS::Lambda::Function',
    physicalId: 'echo',
    attributes: {},
    properties: {},
  };
  const faulty = new FaultyFunction({ host, resource, faults, metrics: new CountingMetrics() });
  const before = await faulty.invoke({});
  faults.measuring(systemClock.epochAt(systemClock.now()));
  const { errorType, errorMessage } = errorOf(await faulty.invoke({}));
  assert.deepEqual([errorType, /signal: SIGKILL/.test(errorMessage)], ['Runtime.ExitError', true]);
  faults.finish();
  const after = await faulty.invoke({});
  assert.ok(before.kind === 'ok' && after.kind === 'ok' && after.coldStart, JSON.stringify([before, after]));
  assert.notEqual(after.payload, before.payload);
  assert.deepEqual([metric('Invocations').sum, metric('Errors').sum], [3, 1]);
});
