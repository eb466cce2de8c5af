/** Simulated code is run as Lambda runs it, on the simulation's time, and its SDK answers as the gateway does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { VirtualClock } from '../../../bench/sim/virtual-clock.ts';
import type { Json } from '../../template/value.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { LocalFunction } from '../function/function.ts';
import { Apis } from '../gateway/apis.ts';
import { GONE, TOO_LARGE, TOO_MANY } from '../gateway/refusal.ts';
import type { ActionResult, InvocationResult } from '../ports.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { resourceOf } from '../testing/function-bed.ts';
import { CodeRuntime } from './code-runtime.ts';

const EPOCH_MS = 1_000_000_000_000;

interface Bed {
  readonly clock: VirtualClock;
  readonly lines: string[];
  readonly metrics: MetricStore;
  /** Invokes and lets time pass until there is an answer. */
  invoke(event?: unknown): Promise<InvocationResult>;
}

/** A function of this code whose posts are answered by `post`. */
function bed(
  source: string,
  properties: Record<string, Json> = {},
  post: () => ActionResult<null> = () => ({ ok: true, value: null }),
): Bed {
  const clock = new VirtualClock(EPOCH_MS);
  const lines: string[] = [];
  const metrics = new MetricStore({ clock, periodMs: 1_000 });
  const apis = new Apis();
  apis.find = (host, path) =>
    host === 'abc.execute-api.us-east-1.amazonaws.com'
      ? { gateway: { post: () => Promise.resolve(post()) } as never, path }
      : undefined;
  const host = new LocalFunction(
    {
      resource: resourceOf(source, { Timeout: 2, ...properties }),
      clock,
      random: seededRandom(1),
      profile: IDEAL_PROFILE,
      metrics,
      region: 'us-east-1',
      accountId: '123456789012',
      apiAddresses: [],
      log: (line) => lines.push(line),
    },
    ({ random, region }) => new CodeRuntime({ random, region, apis }),
  );
  return { clock, lines, metrics, invoke: (event = {}) => clock.runUntil(host.invoke(event)) };
}

function payloadOf(result: InvocationResult): unknown {
  return result.kind === 'ok' ? result.payload : assert.fail(JSON.stringify(result));
}

function errorOf(result: InvocationResult): string {
  return result.kind === 'error'
    ? `${result.errorType}: ${result.errorMessage} after ${result.durationMs} ms`
    : assert.fail(JSON.stringify(result));
}

const CLIENT = `
  const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require('@aws-sdk/client-apigatewaymanagementapi');
  const client = new ApiGatewayManagementApiClient({ endpoint: 'https://abc.execute-api.us-east-1.amazonaws.com/v1' });
  const post = () => client.send(new PostToConnectionCommand({ ConnectionId: 'c', Data: 'x' }));
`;

test('code sees the simulation’s time, its seed, its event as JSON, and Lambda’s environment', async () => {
  const source = `
    const { setTimeout: sleep } = require('timers/promises');
    let calls = 0;
    exports.handler = async (event, context) => {
      const startMs = Date.now();
      await sleep(1234);
      return { calls: ++calls, event, startMs, tookMs: Date.now() - startMs, now: new Date().getTime(),
        chance: Math.random(), leftMs: context.getRemainingTimeInMillis(), date: new Date(5) instanceof Date,
        region: process.env.AWS_REGION, path: process.env.HOSTNAME ?? null, own: globalThis.Date === Date };
    };`;
  const first = bed(source);
  const answer = payloadOf(await first.invoke({ at: new Date(7), none: undefined })) as Record<
    string,
    unknown
  >;
  assert.equal(typeof answer.chance, 'number');
  assert.deepEqual(
    { ...answer, chance: 0 },
    {
      ...{ calls: 1, event: { at: '1970-01-01T00:00:00.007Z' }, startMs: EPOCH_MS, tookMs: 1234 },
      ...{
        now: EPOCH_MS + 1234,
        chance: 0,
        leftMs: 766,
        date: true,
        region: 'us-east-1',
        path: null,
        own: true,
      },
    },
  );
  assert.equal((payloadOf(await first.invoke()) as { calls: number }).calls, 2);
  assert.equal((payloadOf(await bed(source).invoke()) as { chance: number }).chance, answer.chance);
});

test('a time limit ends the environment: what it waits for never happens, and the next event starts cold', async () => {
  const { invoke, lines, clock } = bed(`
    let calls = 0;
    exports.handler = async (event) => {
      if (event.hang) await new Promise((resolve) => setTimeout(resolve, 5000));
      console.log('went on', ++calls);
      return calls;
    };`);
  assert.match(
    errorOf(await invoke({ hang: true })),
    /^Sandbox.Timedout: .*after 2.00 seconds after 2000 ms$/,
  );
  const result = await invoke();
  assert.deepEqual([payloadOf(result), result.kind === 'ok' && result.coldStart], [1, true]);
  await clock.runUntil(new Promise<void>((resolve) => void clock.at(20_000, resolve)));
  assert.deepEqual(lines, ['bench-EchoFunction: went on 1']);
});

test('what is thrown, what can’t be loaded and what nobody catches are errors by Lambda’s names', async () => {
  const cases: [string, RegExp][] = [
    [`exports.handler = async () => { throw new TypeError('bad'); };`, /^TypeError: bad after 0 ms$/],
    [`exports.handler = () => { throw 'text'; };`, /^string: text/],
    [`const fs = require('node:fs');`, /^Runtime.ImportModuleError: .*Cannot find module 'node:fs'/],
    [`exports.other = 1;`, /^Runtime.HandlerNotFound: .*index.handler is undefined/],
    [`exports.handler = (`, /^Runtime.UserCodeSyntaxError: .*SyntaxError/],
    [
      `exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError('late'); }, 300));`,
      /^RangeError: .*late after 300 ms$/,
    ],
  ];
  for (const [source, wanted] of cases) {
    const { invoke, metrics, clock } = bed(source);
    assert.match(errorOf(await invoke()), wanted);
    const dimensions = { FunctionName: 'bench-EchoFunction' };
    const errors = { namespace: 'AWS/Lambda', name: 'Errors', dimensions, unit: 'Count' } as const;
    assert.equal(metrics.sum(errors, EPOCH_MS, EPOCH_MS + clock.now() + 1), 1, source);
  }
});

test('handlers may call back on older runtimes and not on newer ones', async () => {
  const source = `exports.handler = (event, context, callback) => callback(null, 'done');`;
  assert.equal(payloadOf(await bed(source).invoke()), 'done');
  const newer = await bed(source, { Runtime: 'nodejs24.x' }).invoke();
  assert.match(errorOf(newer), /CallbackHandlerDeprecated/);
});

test('refused posts are the SDK’s errors by name and status', async () => {
  const source = `${CLIENT}
    exports.handler = () => post().then(() => 'posted', (error) => [error.name, error.$metadata.httpStatusCode,
      error.$metadata.attempts, error instanceof Error]);`;
  for (const [refusal, attempts] of [
    [GONE, 1],
    [TOO_LARGE, 1],
    [TOO_MANY, 3],
  ] as const) {
    const answer = payloadOf(await bed(source, { Timeout: 30 }, () => refusal).invoke());
    assert.deepEqual(answer, [refusal.code, refusal.status, attempts, true]);
  }
});

test('a throttled post is tried again after a wait, and then succeeds', async () => {
  let posts = 0;
  const { invoke, clock } = bed(
    `${CLIENT} exports.handler = () => post().then((answer) => answer.$metadata.attempts);`,
    { Timeout: 30 },
    () => (++posts < 3 ? TOO_MANY : { ok: true, value: null }),
  );
  assert.equal(payloadOf(await invoke()), 3);
  assert.ok(clock.now() > 0 && clock.now() < 1_500, `${clock.now()} ms`);
});

test('an environment that has ended posts nothing more', async () => {
  let posts = 0;
  const { invoke } = bed(
    `${CLIENT} exports.handler = async () => { await post(); return new Promise((resolve) => {
      setTimeout(() => post().then(resolve), 2500); }); };`,
    {},
    () => {
      posts += 1;
      return { ok: true, value: null };
    },
  );
  assert.match(errorOf(await invoke()), /Timedout/);
  assert.equal(posts, 1);
});

test('reserved concurrency throttles, as for processes', async () => {
  const limited = bed(`exports.handler = () => new Promise((resolve) => setTimeout(resolve, 100));`, {
    ReservedConcurrentExecutions: 1,
  });
  const both = await Promise.all([limited.invoke(), limited.invoke()]);
  assert.deepEqual(
    both.map(({ kind }) => kind),
    ['ok', 'throttled'],
  );
});
