/** The gateway on a clock that the test moves, with a socket that records what is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import type { ResolvedStack } from '../../template/value.ts';
import { AWS_PROFILE, IDEAL_PROFILE, type Latency, type Profile } from '../profile.ts';
import { NO_QUIRKS } from '../quirks.ts';
import { settle, TestClock } from '../testing/test-clock.ts';
import type { ClientSocket, GatewayConnection } from './connection.ts';
import { Gateway } from './gateway.ts';
import { gatewayConfigs } from './gateway-config.ts';
import { type AccountThrottles, accountThrottles } from './stage-state.ts';
import {
  apiStack,
  CountingMetrics,
  PUT_OK,
  PUT_REFUSED,
  RecordingKinesis,
  routeTo,
} from './testing/gateway.ts';

class RecordingSocket implements ClientSocket {
  readonly sent: string[] = [];
  readonly sentMs: number[] = [];
  readonly closes: [number, string][] = [];
  backlog = 0;
  paused = false;
  readonly #clock: TestClock;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }
  sendText(body: Buffer): void {
    this.sent.push(body.toString());
    this.sentMs.push(this.#clock.now());
  }
  close(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }
  backlogBytes(): number {
    return this.backlog;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

interface World {
  readonly clock: TestClock;
  readonly kinesis: RecordingKinesis;
  readonly metrics: CountingMetrics;
  readonly gateway: Gateway;
  connect(): { readonly connection: GatewayConnection; readonly socket: RecordingSocket };
}

function world(
  profile: Profile = IDEAL_PROFILE,
  stack: ResolvedStack = apiStack(),
  throttles?: AccountThrottles,
): World {
  const clock = new TestClock();
  const kinesis = new RecordingKinesis();
  const metrics = new CountingMetrics();
  const [config] = gatewayConfigs(stack);
  assert.ok(config, 'the stack has an API');
  const gateway = new Gateway({
    config,
    kinesis,
    clock,
    random: seededRandom(1),
    profile,
    metrics,
    throttles: throttles ?? accountThrottles(profile.quotas, clock),
    log: () => {},
  });
  const connect = () => {
    const admission = gateway.admit({ path: '/v1', sourceIp: '127.0.0.1', userAgent: 'test' });
    assert.ok(admission.ok, 'the stage has no quota of connections');
    const socket = new RecordingSocket(clock);
    return { connection: admission.accept(socket), socket };
  };
  return { clock, kinesis, metrics, gateway, connect };
}

const LATENCY: Latency = { kind: 'lognormal', p50Ms: 10, p99Ms: 100 };

function slow(hops: Partial<Profile['latency']>, dispatch: Profile['dispatch'] = 'serial'): Profile {
  return { ...IDEAL_PROFILE, dispatch, latency: { ...IDEAL_PROFILE.latency, ...hops } };
}

function frame(text: string, connection: GatewayConnection): RegExp {
  const id = connection.facts.connectionId.replaceAll(/[+/]/g, '\\$&');
  return new RegExp(`^{"message": "${text}", "connectionId":"${id}", "requestId":"[\\w-]{15}="}$`);
}

const NUMBERS = Array.from({ length: 200 }, (_, index) => String(index));

test('a message becomes one record, without latency within the call', () => {
  const { kinesis, metrics, connect } = world();
  const { connection } = connect();
  connection.received('{"msg":"hi"}');
  assert.deepEqual(kinesis.puts, [
    {
      StreamName: 'events',
      PartitionKey: connection.facts.connectionId,
      Data: Buffer.from('{"msg":"hi"}').toString('base64'),
    },
  ]);
  assert.equal(metrics.sums.MessageCount, 1);
});

test('connection ids look like those of API Gateway and differ', () => {
  const { connect } = world();
  const ids = new Set(NUMBERS.map(() => connect().connection.facts.connectionId));
  assert.equal(ids.size, NUMBERS.length);
  for (const id of ids) assert.match(id, /^[\w-]{15}=$/);
});

test('serial dispatch keeps the order of a connection through jittery latencies', async () => {
  const { clock, kinesis, connect } = world(slow({ clientToGateway: LATENCY, gatewayProcessing: LATENCY }));
  const { connection } = connect();
  for (const number of NUMBERS) {
    connection.received(number);
    await clock.advance(1);
  }
  await clock.advance(60_000);
  assert.deepEqual(kinesis.texts, NUMBERS);
});

test('concurrent dispatch lets messages of a connection overtake each other', async () => {
  const { clock, kinesis, connect } = world(slow({ gatewayProcessing: LATENCY }, 'concurrent'));
  const { connection } = connect();
  for (const number of NUMBERS) connection.received(number);
  await clock.advance(60_000);
  assert.notDeepEqual(kinesis.texts, NUMBERS);
  assert.deepEqual([...kinesis.texts].sort(), [...NUMBERS].sort());
});

test('the client hop alone never reorders, whatever the dispatch', async () => {
  const { clock, kinesis, connect } = world(slow({ clientToGateway: LATENCY }, 'concurrent'));
  const { connection } = connect();
  for (const number of NUMBERS) connection.received(number);
  await clock.advance(60_000);
  assert.deepEqual(kinesis.texts, NUMBERS);
});

test('under serial dispatch the next message waits for the answer to the one before', async () => {
  const { kinesis, connect } = world();
  const { connection } = connect();
  const answers: (() => void)[] = [];
  kinesis.answer = () => new Promise((resolve) => answers.push(() => resolve(PUT_OK)));
  for (const text of ['a', 'b', 'c']) connection.received(text);
  assert.deepEqual(kinesis.texts, ['a']);
  answers.shift()?.();
  await settle();
  assert.deepEqual(kinesis.texts, ['a', 'b']);
});

test('connections do not wait for each other', () => {
  const { kinesis, connect } = world();
  kinesis.answer = () => new Promise(() => {});
  connect().connection.received('a');
  connect().connection.received('b');
  assert.deepEqual(kinesis.texts, ['a', 'b']);
});

test('a client that is far ahead is paused until the gateway caught up, and nothing is lost', async () => {
  const { kinesis, connect } = world();
  const { connection, socket } = connect();
  const answers: (() => void)[] = [];
  kinesis.answer = () => new Promise((resolve) => answers.push(() => resolve(PUT_OK)));
  const texts = Array.from({ length: 300 }, (_, index) => String(index));
  for (const text of texts) connection.received(text);
  assert.equal(socket.paused, true);
  while (answers.length > 0) {
    answers.shift()?.();
    await settle();
  }
  assert.equal(socket.paused, false);
  assert.deepEqual(kinesis.texts, texts);
});

test('a stream that refuses is an integration error and tells the client so', async () => {
  const { kinesis, metrics, connect } = world();
  const { connection, socket } = connect();
  kinesis.answer = () => Promise.resolve(PUT_REFUSED);
  connection.received('a');
  connection.received('b');
  await settle();
  assert.equal(socket.sent.length, 2);
  for (const sent of socket.sent) assert.match(sent, frame('Internal server error', connection));
  assert.equal(metrics.sums.IntegrationError, 2);
  assert.equal(metrics.counts.IntegrationLatency, 2);
  assert.deepEqual(socket.closes, []);
});

test('a stream that refuses is told to no client where errors of integrations are silent, and is counted', async () => {
  const quirks = { ...NO_QUIRKS, areIntegrationErrorsSilent: true };
  const { kinesis, metrics, connect } = world({ ...IDEAL_PROFILE, quirks });
  const { connection, socket } = connect();
  kinesis.answer = () => Promise.resolve(PUT_REFUSED);
  connection.received('a');
  await settle();
  assert.deepEqual([socket.sent, metrics.sums.IntegrationError], [[], 1]);
});

test('connections are counted by no metric where $connect has no integration, if AWS counts those', async () => {
  const { metrics, connect } = world({
    ...IDEAL_PROFILE,
    quirks: { ...NO_QUIRKS, areConnectsUncounted: true },
  });
  connect();
  assert.equal(metrics.sums.ConnectCount, undefined);
});

test('a call that cannot be made is an execution error', async () => {
  const template = { default: `#set($x = $util.parseJson($input.body)){"Data": "", "PartitionKey": "k"}` };
  const { metrics, connect } = world(IDEAL_PROFILE, apiStack({ Put: { RequestTemplates: template } }));
  const { connection, socket } = connect();
  connection.received('not json');
  connection.received('also not');
  await settle();
  assert.match(socket.sent[0]!, frame('Internal server error', connection));
  assert.equal(metrics.sums.ExecutionError, 2);
});

test('a stream that does not answer in time is told to the client, and the next message goes on', async () => {
  const { clock, kinesis, metrics, connect } = world(
    IDEAL_PROFILE,
    apiStack({ Put: { TimeoutInMillis: 50 } }),
  );
  const { connection, socket } = connect();
  kinesis.answer = () => new Promise(() => {});
  connection.received('a');
  connection.received('b');
  await clock.advance(49);
  assert.deepEqual([kinesis.texts, socket.sent], [['a'], []]);
  await clock.advance(1);
  assert.deepEqual(kinesis.texts, ['a', 'b']);
  await clock.advance(50);
  assert.equal(socket.sent.length, 2);
  for (const sent of socket.sent) assert.match(sent, frame('Endpoint request timed out', connection));
  assert.equal(metrics.sums.ExecutionError, 2);
});

test('a template that renders no PutRecord request is an integration error, as Kinesis would refuse it', async () => {
  for (const text of ['not json', '"text"', 'null', '{"Data": "YQ=="}', '{"Data": 1, "PartitionKey": "k"}']) {
    const { kinesis, metrics, connect } = world(
      IDEAL_PROFILE,
      apiStack({ Put: { RequestTemplates: { default: text } } }),
    );
    connect().connection.received('a');
    await settle();
    assert.equal(metrics.sums.IntegrationError, 1, text);
    assert.deepEqual(kinesis.puts, []);
  }
});

test('a message no template takes is refused, or passes through if the template says so', async () => {
  const outcome = async (properties: Record<string, string>) => {
    const stack = apiStack({ Put: { TemplateSelectionExpression: 'other', ...properties } });
    const { kinesis, metrics, connect } = world(IDEAL_PROFILE, stack);
    const { connection, socket } = connect();
    connection.received('{"Data":"cmF3","PartitionKey":"k"}');
    await settle();
    return { texts: kinesis.texts, sent: socket.sent.length, refused: metrics.sums.ClientError ?? 0 };
  };
  assert.deepEqual(await outcome({ PassthroughBehavior: 'WHEN_NO_MATCH' }), {
    texts: ['raw'],
    sent: 0,
    refused: 0,
  });
  assert.deepEqual(await outcome({ PassthroughBehavior: 'WHEN_NO_TEMPLATES' }), {
    texts: [],
    sent: 1,
    refused: 1,
  });
  assert.deepEqual(await outcome({ PassthroughBehavior: 'NEVER' }), { texts: [], sent: 1, refused: 1 });
});

test('a message takes the route its body names, else $default, else it is forbidden', async () => {
  const api = { RouteSelectionExpression: '$request.body.action' };
  const template = { default: '{"Data": "$util.base64Encode($context.routeKey)", "PartitionKey": "k"}' };
  const withDefault = world(
    IDEAL_PROFILE,
    apiStack({ Api: api, Put: { RequestTemplates: template } }, [routeTo('join')]),
  );
  const first = withDefault.connect().connection;
  for (const text of ['{"action":"join"}', '{"action":"leave"}', '{}', 'join']) first.received(text);
  await settle();
  await settle();
  assert.deepEqual(withDefault.kinesis.texts, ['join', '$default', '$default', '$default']);

  const without = world(IDEAL_PROFILE, apiStack({ Api: api, Default: null }, [routeTo('join')]));
  const { connection, socket } = without.connect();
  for (const text of ['{"action":"leave"}', 'join', '{"action":"join"}']) connection.received(text);
  await settle();
  await settle();
  assert.equal(socket.sent.length, 2);
  for (const sent of socket.sent) assert.match(sent, frame('Forbidden', connection));
  assert.equal(without.metrics.sums.ClientError, 2);
  assert.equal(without.kinesis.puts.length, 1);
});

test('with detailed metrics each route counts what is known to be its own', async () => {
  const api = { RouteSelectionExpression: '$request.body.action' };
  const counted = async (DetailedMetricsEnabled: boolean) => {
    const overrides = {
      Api: api,
      Default: null,
      Stage: { DefaultRouteSettings: { DetailedMetricsEnabled } },
    };
    const { gateway, kinesis, metrics, connect } = world(
      IDEAL_PROFILE,
      apiStack(overrides, [routeTo('join'), routeTo('leave')]),
    );
    const { connection } = connect();
    connection.received('{"action":"join"}');
    await settle();
    kinesis.answer = () => Promise.resolve(PUT_REFUSED);
    connection.received('{"action":"leave"}');
    await settle();
    connection.received('no route');
    await settle();
    await gateway.post('v1', connection.facts.connectionId, Buffer.from('echo'));
    return metrics.counts;
  };
  const stage = {
    ConnectCount: 1,
    MessageCount: 4,
    IntegrationLatency: 2,
    IntegrationError: 1,
    ClientError: 1,
  };
  assert.deepEqual(await counted(false), stage);
  assert.deepEqual(await counted(true), {
    ...stage,
    '$connect ConnectCount': 1,
    'join MessageCount': 1,
    'join IntegrationLatency': 1,
    'leave MessageCount': 1,
    'leave IntegrationLatency': 1,
    'leave IntegrationError': 1,
  });
});

test('another configuration takes over: connections stay, messages under way end as they began', async () => {
  const { gateway, kinesis, connect } = world();
  const { connection, socket } = connect();
  const answers: (() => void)[] = [];
  kinesis.answer = () => new Promise((resolve) => answers.push(() => resolve(PUT_OK)));
  connection.received('before');
  const template = { default: '{"Data": "$util.base64Encode("new")", "PartitionKey": "k"}' };
  const [config] = gatewayConfigs(apiStack({ Put: { RequestTemplates: template } }));
  gateway.reconfigure(config!);
  connection.received('after');
  assert.deepEqual(kinesis.texts, ['before']);
  answers.shift()?.();
  await settle();
  assert.deepEqual([kinesis.texts, socket.closes], [['before', 'new'], []]);
});

test('connections of a stage that is gone are closed', () => {
  const { gateway, connect } = world();
  const { socket } = connect();
  const [config] = gatewayConfigs(apiStack({ Stage: { StageName: 'v2' } }));
  gateway.reconfigure(config!);
  assert.deepEqual(socket.closes, [[1001, 'Going away']]);
  const admission = gateway.admit({ path: '/v1', sourceIp: '127.0.0.1', userAgent: 'test' });
  assert.equal(admission.ok, false);
});

test('messages and callbacks share the account quota, and what is over it is refused by name', async () => {
  const quotas = { ...IDEAL_PROFILE.quotas, account: { perSecond: 10, burst: 3 } };
  const { gateway, kinesis, metrics, connect } = world({ ...IDEAL_PROFILE, quotas });
  const { connection, socket } = connect();
  const post = () => gateway.post('v1', connection.facts.connectionId, Buffer.from('echo'));
  connection.received('a');
  assert.deepEqual(await post(), { ok: true, value: null });
  connection.received('b');
  connection.received('c');
  const refused = await post();
  assert.deepEqual(
    { ...refused, message: '' },
    { ok: false, status: 429, code: 'LimitExceededException', message: '' },
  );
  await settle();
  assert.deepEqual(kinesis.texts, ['a', 'b']);
  assert.match(socket.sent[1]!, frame('Too Many Requests', connection));
  assert.deepEqual([metrics.sums.ClientError, metrics.sums.MessageCount, socket.sent.length], [1, 4, 2]);
});

test('the APIs of an account share its quotas', async () => {
  const quotas = { ...IDEAL_PROFILE.quotas, account: { perSecond: 10, burst: 3 } };
  const throttles = accountThrottles(quotas, new TestClock());
  const [one, other] = [0, 1].map(() => world(IDEAL_PROFILE, apiStack(), throttles));
  const [client, neighbour] = [one!.connect().connection, other!.connect().connection];
  for (const text of ['a', 'b']) client.received(text);
  for (const text of ['c', 'd']) neighbour.received(text);
  await settle();
  assert.deepEqual([one!.kinesis.texts, other!.kinesis.texts], [['a', 'b'], ['c']]);
});

test("a stage's own throttle applies to its messages", async () => {
  const settings = { DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 2 } };
  const { kinesis, connect } = world(IDEAL_PROFILE, apiStack({ Stage: settings }));
  const { connection, socket } = connect();
  for (const text of ['a', 'b', 'c']) connection.received(text);
  await settle();
  assert.deepEqual(kinesis.texts, ['a', 'b']);
  assert.match(socket.sent[0]!, frame('Too Many Requests', connection));
});

test('a stage that sets half of its throttle gets the other half from the defaults', async () => {
  const settings = { DefaultRouteSettings: { ThrottlingBurstLimit: 1 } };
  const { clock, kinesis, connect } = world(IDEAL_PROFILE, apiStack({ Stage: settings }));
  const { connection } = connect();
  for (const text of ['a', 'b']) connection.received(text);
  await clock.advance(0.1);
  connection.received('c');
  await settle();
  assert.deepEqual(kinesis.texts, ['a', 'c'], 'a token in a tenth of a millisecond');
});

test('stage variables reach the request template', () => {
  const { kinesis, connect } = world(
    IDEAL_PROFILE,
    apiStack({
      Stage: { StageVariables: { stream: 'blue' } },
      Put: {
        RequestTemplates: { default: '{"StreamName":"$stageVariables.stream","PartitionKey":"p","Data":""}' },
      },
    }),
  );
  connect().connection.received('x');
  assert.equal(kinesis.puts[0]?.StreamName, 'blue');
});

test('connections over the connect quota are answered 429, unknown stages 403', () => {
  const quotas = { ...IDEAL_PROFILE.quotas, connect: { perSecond: 1, burst: 2 } };
  const { gateway, metrics } = world({ ...IDEAL_PROFILE, quotas });
  const statusOf = (path: string) => {
    const admission = gateway.admit({ path, sourceIp: '', userAgent: '' });
    return admission.ok ? 101 : admission.status;
  };
  assert.deepEqual(['/v2', '/v1/x', '/v1', '/', '/v1', '/v1'].map(statusOf), [403, 403, 101, 101, 429, 429]);
  assert.equal(metrics.sums.ClientError, 2);
});

test('an idle connection ends after ten minutes, traffic in either direction keeps it, two hours are the limit', async () => {
  const { clock, gateway, connect } = world();
  const minute = 60_000;
  const { socket: idle } = connect();
  const { connection, socket } = connect();
  const post = () => gateway.post('v1', connection.facts.connectionId, Buffer.from('x'));
  await clock.advance(9 * minute);
  await post();
  assert.deepEqual(idle.closes, []);
  await clock.advance(minute);
  assert.deepEqual(idle.closes, [[1001, 'Going away']]);
  for (let at = 10; at < 119; at += 1) {
    if (at % 9 === 0) connection.received('x');
    await clock.advance(minute);
  }
  assert.deepEqual(socket.closes, []);
  await clock.advance(minute);
  assert.deepEqual(socket.closes, [[1001, 'Going away']]);
});

test('a callback answers after its latency, and posts to one connection arrive in the order they were made', async () => {
  const { clock, gateway, connect } = world(slow({ postToConnection: LATENCY, gatewayToClient: LATENCY }));
  const { connection, socket } = connect();
  const answered: string[] = [];
  for (const number of NUMBERS) {
    const body = Buffer.from(number);
    gateway.post('v1', connection.facts.connectionId, body).then(() => answered.push(number));
  }
  assert.deepEqual([answered, socket.sent], [[], []]);
  await clock.advance(60_000);
  assert.deepEqual(socket.sent, NUMBERS);
  assert.equal(answered.length, NUMBERS.length);
  assert.ok(socket.sentMs[0]! > 0, `${socket.sentMs[0]} ms`);
});

test('posting to a connection that ended, that reads too slowly, with too much, or on another stage', async () => {
  const { gateway, connect } = world();
  const { connection, socket } = connect();
  const id = connection.facts.connectionId;
  const codeOf = async (stage: string, body: Buffer) => {
    const result = await gateway.post(stage, id, body);
    return result.ok ? 'ok' : `${result.status} ${result.code}`;
  };
  const small = Buffer.from('x');
  assert.equal(await codeOf('v1', Buffer.alloc(128 * 1_024)), 'ok');
  assert.equal(await codeOf('v1', Buffer.alloc(128 * 1_024 + 1)), '413 PayloadTooLargeException');
  assert.equal(await codeOf('v2', small), '403 ForbiddenException');
  socket.backlog = 2 ** 21;
  assert.equal(await codeOf('v1', small), '429 LimitExceededException');
  connection.closed();
  assert.equal(await codeOf('v1', small), '410 GoneException');
});

test('bytes that are not UTF-8 arrive as replacement characters', async () => {
  const { gateway, connect } = world();
  const { connection, socket } = connect();
  await gateway.post('v1', connection.facts.connectionId, Buffer.from([0x61, 0xff, 0x62]));
  assert.deepEqual(socket.sent, ['a\uFFFDb']);
});

test('closing ends every connection with 1001 and leaves no timer', async () => {
  const { clock, gateway, kinesis, connect } = world({ ...AWS_PROFILE });
  const gone = connect().connection;
  gone.received('x');
  gone.closed();
  const { connection, socket } = connect();
  for (const number of NUMBERS) connection.received(number);
  await clock.advance(20);
  gateway.post('v1', connection.facts.connectionId, Buffer.from('x'));
  gateway.close();
  assert.equal(clock.pending, 0);
  assert.deepEqual(socket.closes, [[1001, 'Going away']]);
  const puts = kinesis.puts.length;
  await clock.advance(60_000);
  assert.equal(kinesis.puts.length, puts);
});

test('a message that reached the gateway is processed although its client left', async () => {
  const { clock, kinesis, connect } = world(slow({ clientToGateway: LATENCY, gatewayProcessing: LATENCY }));
  const { connection } = connect();
  connection.received('last words');
  connection.closed();
  await clock.advance(60_000);
  assert.deepEqual(kinesis.texts, ['last words']);
  assert.equal(clock.pending, 0);
});
