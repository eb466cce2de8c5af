/** When an invocation is over, and with what: one table of handlers, held to in a process and in a simulation. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { VirtualClock } from '../../../bench/sim/virtual-clock.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { LocalFunction } from '../function/function.ts';
import { Apis } from '../gateway/apis.ts';
import type { InvocationResult } from '../ports.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { bed as processBed, resourceOf } from '../testing/function-bed.ts';
import { CodeRuntime } from './code-runtime.ts';

type Invoke = (event: unknown) => Promise<InvocationResult>;

function simulated(source: string, Runtime: string): Invoke {
  const clock = new VirtualClock(1_000_000_000_000);
  const host = new LocalFunction(
    {
      resource: resourceOf(source, { Runtime }),
      clock,
      random: seededRandom(1),
      profile: IDEAL_PROFILE,
      metrics: new MetricStore({ clock, periodMs: 1_000 }),
      region: 'us-east-1',
      accountId: '123456789012',
      apiAddresses: [],
      log: () => {},
    },
    ({ random, region }) => new CodeRuntime({ random, region, apis: new Apis() }),
  );
  return async (event) => {
    const result = await clock.runUntil(host.invoke(event));
    // Time that passes between events, with whatever the code has left to do.
    await clock.runUntil(new Promise<void>((resolve) => clock.at(clock.now() + 50, resolve)));
    return result;
  };
}

function inProcess(source: string, Runtime: string): Invoke {
  const { host } = processBed(source, { properties: { Runtime } });
  return (event) => host.invoke(event);
}

/** What a handler does, and what its invocation comes to: payload or error, and the least and most it takes. */
type Case = readonly [body: string, outcome: string, atLeastMs?: number];

/** `later(ms)` arranges something without telling anybody. It is forgotten when the next case begins. */
const sourceOf = (cases: readonly Case[], parameters: string) => `
  let left = [];
  const later = (ms, task = () => {}) => left.push(setTimeout(task, ms));
  const cases = [${cases.map(([body]) => `(${parameters}) => { ${body} }`).join(',\n')}];
  exports.handler = (${parameters}) => {
    for (const timer of left.splice(0)) clearTimeout(timer);
    return cases[event.number](${parameters});
  };`;

/** Longer than any case may take. */
const LONG_MS = 4_000;

const WITH_CALLBACKS: readonly Case[] = [
  ['', 'null'],
  ['return 5', 'null'],
  ['later(60)', 'null', 59],
  ['callback(null, "ok")', '"ok"'],
  ['callback(null, "ok"); later(60)', '"ok"', 59],
  ['later(40, () => callback(null, "late"))', '"late"', 39],
  [`context.callbackWaitsForEmptyEventLoop = false; callback(null, "ok"); later(${LONG_MS})`, '"ok"'],
  ['callback(null, 1); callback(null, 2); context.succeed(3)', '1'],
  [`callback("no"); later(${LONG_MS})`, 'string: no'],
  ['callback(0)', 'number: 0'],
  ['callback(new RangeError("far"))', 'RangeError: far'],
  [`context.succeed("ok"); later(${LONG_MS})`, '"ok"'],
  [`context.done(null, { a: 1 }); later(${LONG_MS})`, '{"a":1}'],
  [`context.fail(new TypeError("bad")); later(${LONG_MS})`, 'TypeError: bad'],
  ['context.fail()', 'string: handled'],
  ['context.succeed()', 'null'],
  [`later(${LONG_MS}); return Promise.resolve("kept")`, '"kept"'],
  ['return { then: (resolve) => resolve("thenable") }', '"thenable"'],
  ['return Promise.reject({ code: 1 })', 'object: [object Object]'],
  ['return (async () => { callback(null, "first"); return "second"; })()', '"first"'],
  ['return new Promise(() => {})', 'null'],
  [`setTimeout(() => {}, ${LONG_MS}).unref()`, 'null'],
  [
    'const ring = {}; ring.ring = ring; callback(null, ring)',
    'Error: Unable to stringify response body as json',
  ],
  ['throw new SyntaxError("mine")', 'SyntaxError: mine'],
];

const WITHOUT_CALLBACKS: readonly Case[] = [
  ['', 'null'],
  ['return 5', '5'],
  [`later(${LONG_MS}); return "at once"`, '"at once"'],
  [`later(${LONG_MS}); return Promise.resolve()`, 'null'],
  ['return new Promise((resolve) => setTimeout(resolve, 60, "ok"))', '"ok"', 59],
  ['return [context.succeed, context.done, context.callbackWaitsForEmptyEventLoop]', '[null,null,null]'],
  ['return Promise.reject("no")', 'string: no'],
  ['throw new RangeError("far")', 'RangeError: far'],
  ['const ring = {}; ring.ring = ring; return ring', 'Error: Unable to stringify response body as json'],
];

function outcomeOf(result: InvocationResult): string {
  if (result.kind === 'ok') return JSON.stringify(result.payload);
  return result.kind === 'error' ? `${result.errorType}: ${result.errorMessage}` : result.kind;
}

async function hold(start: typeof inProcess, cases: readonly Case[], runtime: string, parameters: string) {
  const invoke = start(sourceOf(cases, parameters), runtime);
  for (const [number, [body, outcome, atLeastMs = 0]] of cases.entries()) {
    const result = await invoke({ number });
    assert.equal(outcomeOf(result), outcome, body);
    const durationMs = result.kind === 'throttled' ? 0 : result.durationMs;
    assert.ok(durationMs >= atLeastMs && durationMs < LONG_MS / 2, `${body}: ${durationMs} ms`);
  }
}

for (const [name, start] of [
  ['a process', inProcess],
  ['a simulation', simulated],
] as const) {
  describe(`an invocation in ${name}`, () => {
    test('up to nodejs22.x ends with the callback, the context, a promise, or an empty event loop', () =>
      hold(start, WITH_CALLBACKS, 'nodejs22.x', 'event, context, callback'));

    test('from nodejs24.x on ends with what the handler returns, awaited', () =>
      hold(start, WITHOUT_CALLBACKS, 'nodejs24.x', 'event, context'));

    test('fails when something throws after the handler has returned', async () => {
      const invoke = start(
        `exports.handler = (event) => { setTimeout(() => { throw new Error('late'); }, 20); };`,
        'nodejs22.x',
      );
      assert.match(outcomeOf(await invoke({})), /^Error: .*late$/);
    });

    test('of a promise that nothing can settle any more is an exit from nodejs24.x on', async () => {
      const invoke = start('exports.handler = () => new Promise(() => {});', 'nodejs24.x');
      assert.match(outcomeOf(await invoke({})), /^Runtime.ExitError: .* exit status 13$/);
    });

    test('streams nothing: that is refused by name', async () => {
      const invoke = start(
        'exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end());',
        'nodejs24.x',
      );
      assert.match(outcomeOf(await invoke({})), /^Runtime.StreamingUnsupported: .*streamifyResponse/);
    });

    test('finds code that is no CommonJS, or a handler that is none, by Lambda’s names', async () => {
      const first = async (source: string) => outcomeOf(await start(source, 'nodejs22.x')({}));
      assert.match(await first('export const handler = async () => 1;'), /^Runtime.UserCodeSyntaxError: /);
      assert.match(await first('exports.handler = 5;'), /^Runtime.HandlerNotFound: .* is not a function$/);
      assert.match(await first(''), /^Runtime.HandlerNotFound: .* is undefined or not exported$/);
    });
  });
}

test('what an invocation leaves behind stands still until the next one', async () => {
  const spinning = inProcess(
    `let turns = 0;
    const spin = () => { turns += 1; setImmediate(spin); };
    exports.handler = async () => { if (turns === 0) spin(); return turns; };`,
    'nodejs24.x',
  );
  const turns = async () => Number(outcomeOf(await spinning({})));
  const before = await turns();
  // A loop that is not stopped makes thousands of turns while an event is on its way.
  assert.ok((await turns()) - before <= 4);

  const waiting = simulated(
    `let ranMs = null;
    exports.handler = async () => {
      const seenMs = ranMs;
      setTimeout(() => { ranMs = Date.now(); }, 10);
      return { seenMs, nowMs: Date.now() };
    };`,
    'nodejs24.x',
  );
  await waiting({});
  const { seenMs, nowMs } = JSON.parse(outcomeOf(await waiting({}))) as Record<string, number>;
  assert.equal(seenMs, nowMs, 'it ran when the environment thawed');
});

test('a function that exits without a complaint is told apart from one with a status', async () => {
  const invoke = inProcess('exports.handler = ({ status }) => process.exit(status);', 'nodejs22.x');
  assert.match(outcomeOf(await invoke({ status: 0 })), /Runtime exited without providing a reason$/);
  assert.match(outcomeOf(await invoke({ status: 3 })), /Runtime exited with error: exit status 3$/);
});
