/** Whatever a peer does to connections, what the driver reports is what the peer did, on any number of threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RunResult } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { type ChaosTally, runChaos } from './testing/churn.ts';

/** What the driver says, in the words of the peer's tally. */
function reported({ connections, messages }: RunResult): ChaosTally {
  const both = (name: 'sent' | 'delivered' | 'duplicated' | 'indeterminate' | 'lost') =>
    messages[name] + messages.warmup[name];
  return {
    attempts: connections.attempts!,
    failedAttempts: connections.failedAttempts!,
    opened: connections.connect.count,
    closedEarly: connections.closedEarly,
    churned: connections.churned,
    sent: both('sent'),
    delivered: both('delivered'),
    duplicated: both('duplicated'),
    indeterminate: both('indeterminate'),
    lost: both('lost'),
  };
}

const share = (max: number) => fc.double({ min: 0, max, noNaN: true });

const worlds = fc.record({
  seed: fc.nat(10_000),
  threads: fc.integer({ min: 1, max: 3 }),
  connections: fc.integer({ min: 3, max: 20 }),
  connectRatePerSecond: fc.constantFrom(30, 200, 1000),
  reconnect: fc.boolean(),
  churnPerSecond: fc.constantFrom(0, 0, 3.7, 19.3),
  load: fc.constantFrom(
    { kind: 'open', ratePerSecond: 200, arrival: 'poisson' } as const,
    { kind: 'closed', inFlight: 2 } as const,
  ),
  chaos: fc.record({
    refused: share(0.4),
    lost: share(0.05),
    duplicated: share(0.05),
    lifetimeMs: fc.constantFrom(300, 2000, Number.POSITIVE_INFINITY),
    answerMs: fc.integer({ min: 1, max: 300 }),
    connectMs: fc.integer({ min: 0, max: 400 }),
  }),
});

test('counts of connections and messages equal the tally of a peer that refuses, loses and closes by chance', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ chaos, ...settings }) => {
      const plan = planWith({ ...settings, warmupMs: 1000, durationMs: 3000, drainMs: 3000 });
      const { result, tally, peer } = await runChaos(plan, chaos);
      assert.deepEqual(reported(result), tally);
      assertConnectionsAdd(result);
      assert.equal(new Set(peer.streams).size, peer.streams.length, 'no two connections share a stream');
      assertPaced(peer.dialedMs.slice(1), plan.connectRatePerSecond + plan.threads - 1);
    }),
    { numRuns: 20 },
  );
});

/** The laws of the counts of connections among themselves. */
function assertConnectionsAdd({ connections: c, messages }: RunResult): void {
  assert.equal(c.opened + c.reconnects + c.reopened, c.connect.count);
  assert.ok(c.opened + c.failed <= c.requested, 'places');
  assert.ok(c.connect.count + c.failedAttempts! <= c.attempts!, 'attempts');
  assert.ok(c.reopened <= c.churned, 'churn');
  assert.ok(c.refusedInChurn <= messages.refused, 'refused');
  const { failures, failedAttempts, closedEarly } = c;
  assert.deepEqual([failures.HTTP_503 ?? 0, failures.CLOSE_1001 ?? 0], [failedAttempts, closedEarly]);
}

function assertPaced(dialedMs: readonly number[], most: number): void {
  for (let first = 0; first + most < dialedMs.length; first++) {
    const tookMs = dialedMs[first + most]! - dialedMs[first]!;
    assert.ok(tookMs >= 1000 - 1e-6, `${most + 1} dials in ${tookMs} ms`);
  }
}

test('the same seed reconnects and churns the same way twice', async () => {
  const plan = planWith({ reconnect: true, churnPerSecond: 4.1, threads: 2, durationMs: 3000, seed: 7 });
  const chaos = { refused: 0.2, lost: 0.01, duplicated: 0.01, lifetimeMs: 900, answerMs: 30, connectMs: 20 };
  const [first, second] = [await runChaos(plan, chaos), await runChaos(plan, chaos)];
  assert.equal(JSON.stringify(first.result), JSON.stringify(second.result));
});
