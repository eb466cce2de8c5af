import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../measure/random.ts';
import { planWith } from '../sim/testing/plan.ts';
import { firstNewStream } from './pool.ts';
import { OPENING_ATTEMPTS, reconnectWaitMs } from './reconnect.ts';
import { CALM, runChaos } from './testing/churn.ts';

const verdictOf = (result: Awaited<ReturnType<typeof runChaos>>['result'], name: string) =>
  result.validity.checks.find((check) => check.name === name)!;

test('waits are anywhere below a bound that doubles up to ten seconds', () => {
  const random = seededRandom(3);
  for (const [failures, boundMs] of [
    [1, 100],
    [2, 200],
    [7, 6400],
    [8, 10_000],
    [5000, 10_000],
  ] as const) {
    const waits = Array.from({ length: 500 }, () => reconnectWaitMs(failures, random));
    assert.ok(Math.max(...waits) < boundMs && Math.max(...waits) > boundMs * 0.95, `below ${boundMs}`);
    assert.ok(Math.min(...waits) < boundMs * 0.05, `from nothing on, below ${boundMs}`);
  }
});

test('new streams have numbers from the number of connections on, each share its own', () => {
  const firsts = [0, 1, 2].map((index) => firstNewStream(10, { index, of: 3 }));
  assert.deepEqual(firsts, [12, 10, 11]);
  assert.equal(firstNewStream(10, { index: 0, of: 1 }), 10);
});

const settings = {
  connections: 20,
  threads: 2,
  load: { kind: 'open', ratePerSecond: 500, arrival: 'constant' },
} as const;

test('without reconnect a connection that the stage closes stays closed, and a refused one is not tried again', async () => {
  const plan = planWith(settings);
  const { result } = await runChaos(plan, { ...CALM, refused: 0.2, lifetimeMs: 20_000 });
  const { connections } = result;
  assert.equal(connections.attempts, 20);
  assert.ok(connections.failed > 0 && connections.failed === connections.failedAttempts, 'failed once');
  assert.ok(connections.closedEarly > 0, 'closed early');
  assert.equal(connections.reconnects, 0);
  assert.equal(result.validity.verdict, 'invalid');
});

test('a dial that a quota of connections refuses is tried again without reconnect, and counted', async () => {
  const plan = planWith(settings);
  const { result } = await runChaos(plan, { ...CALM, refused: 0.2, refusal: 'HTTP_429' });
  const { opened, failed, attempts, throttled, failures } = result.connections;
  assert.deepEqual([opened, failed], [20, 0]);
  assert.ok((throttled ?? 0) > 0, 'some were refused');
  assert.deepEqual([attempts, failures], [20 + (throttled ?? 0), { HTTP_429: throttled }]);
  const warning = result.warnings.find(({ code }) => code === 'throttledConnections');
  assert.match(warning?.text ?? '', new RegExp(`^${throttled} dials? (was|were) answered with HTTP 429`));
});

test('a quota that refuses every dial is not asked for ever', async () => {
  const plan = planWith({ ...settings, durationMs: 1000 });
  const { result } = await runChaos(plan, { ...CALM, refused: 1, refusal: 'HTTP_429' });
  assert.deepEqual([result.connections.opened, result.connections.failed], [1, 19]);
  assert.equal(result.connections.throttled, 19 * OPENING_ATTEMPTS);
});

test('with reconnect every place opens in the end, and ends that cost next to nothing leave the run valid', async () => {
  const plan = planWith({ ...settings, reconnect: true, durationMs: 30_000 });
  const { result } = await runChaos(plan, { ...CALM, refused: 0.05, lifetimeMs: 200_000 });
  const { connections } = result;
  assert.deepEqual([connections.opened, connections.failed], [20, 0]);
  assert.ok(connections.closedEarly >= 2, `${connections.closedEarly} closed early`);
  // What is closed while answers are waited for is not opened again.
  assert.ok(connections.closedEarly - connections.reconnects <= 2, `${connections.reconnects} reconnects`);
  const { verdict, evidence } = verdictOf(result, 'connections');
  assert.equal(verdict, 'valid', evidence);
  assert.match(evidence, /20 of 20 opened, 0 failed, \d+ ended before the run did, \d+ reconnected/);
});

test('with reconnect, ends that cost more than a thousandth of the messages are doubtful, and no fault of the driver', async () => {
  const plan = planWith({ ...settings, reconnect: true });
  const { result } = await runChaos(plan, { ...CALM, refused: 0.5, lifetimeMs: 2000 });
  assert.equal(result.connections.opened, 20);
  assert.equal(verdictOf(result, 'connections').verdict, 'unknown');
  assert.equal(verdictOf(result, 'achieved rate').verdict, 'unknown');
});

test('a connection that never opens is given up after so many attempts', async () => {
  const plan = planWith({ ...settings, reconnect: true, durationMs: 1000 });
  const { result } = await runChaos(plan, { ...CALM, refused: 1 });
  assert.deepEqual([result.connections.opened, result.connections.failed], [1, 19]);
  assert.equal(result.connections.failedAttempts, 19 * OPENING_ATTEMPTS);
  assert.deepEqual(result.connections.failures, { HTTP_503: 19 * OPENING_ATTEMPTS });
});

test('a closed loop goes on where its connection was opened again', async () => {
  const load = { kind: 'closed', inFlight: 2 } as const;
  const plan = planWith({ ...settings, load, reconnect: true });
  const { result } = await runChaos(plan, { ...CALM, lifetimeMs: 1000 });
  const { reconnects } = result.connections;
  assert.ok(reconnects > 50, `${reconnects} reconnects`);
  // 20 connections × 2 in flight ÷ 20 ms, less the time without a connection.
  const { deliveredPerSecond } = result.throughput;
  assert.ok(deliveredPerSecond > 1000, `${deliveredPerSecond} per second`);
  assert.equal(verdictOf(result, 'connections').verdict, 'unknown');
});
