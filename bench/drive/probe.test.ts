/** The probe on a virtual clock: it waits as long as the stage asks for, says so, and counts what the stage took. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Dialer, Waiting } from '../ports.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { probe } from './probe.ts';

const REFUSAL = new TextEncoder().encode(
  '{"message": "Internal server error", "connectionId":"Z1", "requestId":"r"}',
);

/** A stage that echoes what is sent from a moment on, and before it is silent or refuses. */
function stageEchoingFrom(fromMs: number, clock: VirtualClock, before: 'silent' | 'refusing'): Dialer {
  return {
    dial: (_, events) => {
      const connection: Connection = {
        isOpen: () => true,
        backlogBytes: () => 0,
        close: () => {},
        send: (bytes) => {
          const echo = clock.now() >= fromMs ? bytes.slice() : before === 'refusing' ? REFUSAL : null;
          if (echo !== null) clock.at(clock.now() + 5, () => events.received(echo, 0, echo.length));
        },
      };
      clock.at(clock.now() + 10, () => events.opened());
      return connection;
    },
  };
}

async function probeOf(
  fromMs: number,
  options: { before?: 'silent' | 'refusing'; echoWithinMs?: number } = {},
) {
  const { before = 'silent', ...rest } = options;
  const clock = new VirtualClock();
  const waits: Waiting[] = [];
  const outcome = probe({
    url: 'ws://stage/',
    dialer: stageEchoingFrom(fromMs, clock, before),
    clock,
    runId: '0123456789abcdef',
    echo: true,
    waiting: (waiting) => waits.push(waiting),
    ...rest,
  });
  return { ...(await clock.runUntil(outcome)), waits, endedMs: clock.now() };
}

test('a stage that echoes at once takes one message, and nothing is said', async () => {
  const { sent, waits } = await probeOf(0);
  assert.deepEqual([sent, waits], [1, []]);
});

test('a mapping that starts after minutes is waited for where the stage asks for it, with every message counted', async () => {
  const { sent, waits, endedMs } = await probeOf(200_000, { echoWithinMs: 300_000 });
  assert.equal(sent, 201);
  assert.ok(endedMs < 202_000, String(endedMs));
  assert.equal(waits[0]?.what, 'no echo yet of 4 messages');
  assert.equal(waits[0]?.untilMs, 300_010);
});

test('without an echo the probe gives up after a minute', async () => {
  await assert.rejects(probeOf(200_000), /echoed none of 61 messages in 60 s\.$/);
});

test('messages that the gateway refused are not counted as taken, and what it said is told', async () => {
  const { sent, waits } = await probeOf(10_000, { before: 'refusing' });
  assert.equal(sent, 1);
  assert.match(
    waits[0]!.what,
    /the gateway refused 3 of them, last with \{"message": "Internal server error"/,
  );
  await assert.rejects(probeOf(200_000, { before: 'refusing' }), /refused \d+ of them, last with/);
});
