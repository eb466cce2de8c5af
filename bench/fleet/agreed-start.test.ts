/** How long a worker waits for its start, in virtual time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked } from '../command/testing/asked.ts';
import { parseWorker, WORKER_FLAGS } from '../command/worker-options.ts';
import { type AgreedStart, agreedStart, NoStart } from './agreed-start.ts';

const RUN_ID = '0123456789abcdef';
const NOON_MS = Date.parse('2030-01-01T12:00:00Z');
const MINUTE_MS = 60_000;

/** Waits in virtual time for a start that the store has from an instant on; what came of it, and when. */
async function waited(
  start: AgreedStart,
  { toldAtMs = Number.POSITIVE_INFINITY, interruptedAtMs = -1 } = {},
) {
  let nowMs = 0;
  const controller = new AbortController();
  const room = {
    now: () => nowMs,
    epochMs: () => NOON_MS + nowMs,
    pause: async (ms: number) => {
      nowMs += ms;
      if (interruptedAtMs >= 0 && nowMs >= interruptedAtMs) controller.abort();
    },
    interrupted: controller.signal,
  };
  const store = {
    uri: 'file:///shared/run',
    progressMs: 5000,
    get: async () =>
      nowMs < toldAtMs
        ? null
        : new TextEncoder().encode(
            JSON.stringify({ runId: RUN_ID, startAt: new Date(NOON_MS + toldAtMs + 5000).toISOString() }),
          ),
  };
  const plan = { warmupMs: 1000, durationMs: 9000 };
  const options = { start, plan, store, runId: RUN_ID, patienceMs: 11 * MINUTE_MS };
  const end = await agreedStart(options, room).catch((error: unknown) => {
    assert.ok(error instanceof NoStart);
    return error.message;
  });
  return { end, afterMs: nowMs };
}

test('a start that is never told ends the wait, with the reason', async () => {
  assert.deepEqual(await waited({ kind: 'told' }), {
    end: "no start was told in file:///shared/run within 660 s: the 'bench fleet run' that would tell it has ended, or waits longer than this worker (--patience)",
    afterMs: 11 * MINUTE_MS,
  });
});

test('one that is told in time is kept, to the last look', async () => {
  const toldAtMs = 11 * MINUTE_MS - 500;
  assert.deepEqual(await waited({ kind: 'told' }, { toldAtMs }), {
    end: NOON_MS + toldAtMs + 5000,
    afterMs: 11 * MINUTE_MS,
  });
});

test('whoever is interrupted waits no longer', async () => {
  assert.deepEqual(await waited({ kind: 'told' }, { interruptedAtMs: 3000 }), { end: null, afterMs: 3000 });
});

test('a start that has passed with all that was due, or is too far ahead, is not waited for', async () => {
  const at = (aheadMs: number): AgreedStart => ({ kind: 'at', startMs: NOON_MS + aheadMs });
  assert.equal((await waited(at(-9999))).end, NOON_MS - 9999, 'something is still to be sent');
  assert.equal(
    (await waited(at(-10_000))).end,
    'the start was at 2030-01-01T11:59:50.000Z, and everything had been due before this worker came',
  );
  assert.equal((await waited(at(11 * MINUTE_MS))).end, NOON_MS + 11 * MINUTE_MS);
  assert.equal(
    (await waited(at(12 * MINUTE_MS))).end,
    'the start is at 2030-01-01T12:12:00.000Z, in 720 s, and a worker waits 660 s at the most: start it later, or give it longer with --patience',
  );
});

test('a worker waits a minute longer than a command by default, a day for a time of its own, or as it is told', () => {
  const patienceOf = (startAt: string, patience?: string) =>
    parseWorker(
      asked(WORKER_FLAGS, { plan: 'p', out: 'o', index: '0', of: '2', runId: RUN_ID, startAt, patience }),
      {},
    ).patienceMs;
  assert.equal(patienceOf('told'), 11 * MINUTE_MS);
  assert.equal(patienceOf('2030-01-01T12:00:00Z'), 24 * 60 * MINUTE_MS);
  assert.equal(patienceOf('told', '90s'), 90_000);
  assert.throws(() => patienceOf('told', 'long'), /patience: 'long' is not a duration such as 15m/);
});
