/** Churn on virtual time, and that a long run of it needs no more memory than a short one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { Channel } from './channel.ts';
import { ShareDriver } from './share-driver.ts';
import { CALM, ChaosPeer, runChaos } from './testing/churn.ts';

const settings = {
  connections: 50,
  churnPerSecond: 10,
  durationMs: 5000,
  load: { kind: 'open', ratePerSecond: 400, arrival: 'constant' },
} as const;

test('so many connections per second are closed and opened again, on any number of threads, and the run is valid', async () => {
  for (const threads of [1, 3]) {
    const { result } = await runChaos(planWith({ ...settings, threads }), CALM);
    const { connections, messages } = result;
    // Six seconds of warm-up and measurement, without their very end.
    assert.equal(connections.churned, 59);
    assert.deepEqual([connections.churnMissed, connections.closedEarly, connections.reconnects], [0, 0, 0]);
    assert.equal(connections.attempts, 50 + connections.reopened);
    assert.ok(connections.reopened >= 58, `${connections.reopened} reopened`);
    assert.equal(connections.connect.count, 50 + connections.reopened);
    assert.deepEqual([messages.lost, messages.indeterminate, messages.reordered], [0, 0, 0]);
    assert.ok(messages.refused > 0, 'some were due while their connection was replaced');
    assert.equal(messages.refused, connections.refusedInChurn);
    for (const name of ['achieved rate', 'connections']) {
      const { verdict, evidence } = result.validity.checks.find((check) => check.name === name)!;
      assert.equal(verdict, 'valid', evidence);
    }
  }
});

test('a stream that is to be closed is given a second for its answers; later ones are indeterminate', async () => {
  const patient = await runChaos(planWith(settings), { ...CALM, answerMs: 900 });
  assert.equal(patient.result.messages.indeterminate, 0);
  assert.equal(patient.result.messages.delivered, patient.result.messages.sent);
  const late = await runChaos(planWith({ ...settings, churnPerSecond: 2 }), { ...CALM, answerMs: 1300 });
  assert.ok(late.result.messages.indeterminate > 0, 'some were out for more than a second');
  assert.equal(late.result.messages.lost, 0);
});

test('a place that churn can’t open again stays closed without reconnect, and comes back with it', async () => {
  const without = await runChaos(planWith(settings), { ...CALM, refused: 0.2 });
  const { connections, validity, warnings } = without.result;
  assert.ok(connections.failedAttempts! > connections.failed, 'reopenings were refused');
  assert.ok(connections.churnMissed > 0, 'their later turns are missed');
  assert.ok(
    warnings.some(({ code }) => code === 'churnMissed'),
    'and it is said',
  );
  assert.notEqual(validity.verdict, 'valid');
  const withIt = await runChaos(planWith({ ...settings, reconnect: true }), { ...CALM, refused: 0.2 });
  assert.ok(withIt.result.connections.reconnects > 0, 'reconnected');
  assert.ok(withIt.result.connections.churned > connections.churned, 'more turns found an open connection');
});

test('reopening keeps to the connect rate', async () => {
  const plan = planWith({ ...settings, connections: 30, connectRatePerSecond: 12, churnPerSecond: 11.7 });
  const { peer } = await runChaos(plan, CALM);
  const { dialedMs } = peer;
  for (let first = 1; first + 12 < dialedMs.length; first++)
    assert.ok(dialedMs[first + 12]! - dialedMs[first]! >= 1000 - 1e-6, `dial ${first}`);
});

test('streams that ended are let go: a minute of churn holds no more objects than a quarter', async () => {
  const clock = new VirtualClock(1_700_000_000_000);
  const plan = planWith({
    ...{ connections: 40, churnPerSecond: 50, reconnect: true, warmupMs: 0, durationMs: 60_000 },
    load: { kind: 'open', ratePerSecond: 100, arrival: 'constant' },
  });
  const peer = new ChaosPeer(clock, { ...CALM, refused: 0.05, lost: 0.01 }, 5);
  const assignment = { plan, share: { index: 0, of: 1 }, url: '', runId: '0123456789abcdef', headers: {} };
  const driver = new ShareDriver({ assignment, clock, dialer: peer, listener: () => {}, health: null });
  // A channel has its ledger, and everything else of its stream.
  const alive: number[] = [];
  for (const minute of [0.25, 0.99]) {
    clock.at(minute * 60_000, () => alive.push(v8.queryObjects(Channel, { format: 'count' })));
  }
  await clock.runUntil(driver.open());
  await clock.runUntil(driver.drive(clock.epochAt(clock.now())));
  assert.ok(peer.tally.opened > 2_500, `${peer.tally.opened} streams`);
  // Beside those of the places there are the few whose last echo is still on its way.
  assert.equal(alive.length, 2);
  for (const channels of alive) assert.ok(channels >= 40 && channels <= 50, `${channels} channels`);
});
