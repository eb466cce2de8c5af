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

/** What the probe makes of a stage that takes so long for a message and answers some, and when it closed its connection. */
async function slowlyEchoed(latencyMs: number, isAnswered: (message: number) => boolean) {
  const clock = new VirtualClock();
  let closedMs = Number.NaN;
  let messages = 0;
  const outcome = probe({
    ...{ url: 'ws://stage/', clock, runId: '0123456789abcdef', echo: true },
    dialer: {
      dial: (_, events) => {
        clock.at(10, () => events.opened());
        return {
          ...{ isOpen: () => true, backlogBytes: () => 0 },
          close: () => {
            closedMs = clock.now();
          },
          send: (bytes) => {
            const echo = bytes.slice();
            if (isAnswered(messages++))
              clock.at(clock.now() + latencyMs, () => events.received(echo, 0, echo.length));
          },
        };
      },
    },
  });
  return [await clock.runUntil(outcome), closedMs];
}

test('the probe stays until its last message is back, though not for ever', async () => {
  assert.deepEqual(await slowlyEchoed(4_500, () => true), [{ sent: 5, unanswered: 0, throttled: 0 }, 8_510]);
  // The first two were skipped.
  assert.deepEqual(await slowlyEchoed(1_500, (message) => message >= 2), [
    { sent: 4, unanswered: 2, throttled: 0 },
    4_510,
  ]);
  // What was sent behind the first echo's message is lost.
  assert.deepEqual(await slowlyEchoed(4_500, (message) => message === 0), [
    { sent: 5, unanswered: 4, throttled: 0 },
    19_010,
  ]);
});

test('a stage that echoes at once takes one message, and nothing is said', async () => {
  const { sent, unanswered, waits } = await probeOf(0);
  assert.deepEqual([sent, unanswered, waits], [1, 0, []]);
});

test('a mapping that starts after minutes is waited for where the stage asks for it, with every message counted', async () => {
  const { sent, unanswered, waits, endedMs } = await probeOf(200_000, { echoWithinMs: 300_000 });
  assert.deepEqual([sent, unanswered], [201, 200]);
  assert.ok(endedMs < 202_000, String(endedMs));
  assert.equal(waits[0]?.what, 'no echo yet of 4 messages');
  assert.equal(waits[0]?.untilMs, 300_010);
});

test('without an echo the probe gives up after a minute', async () => {
  await assert.rejects(probeOf(200_000), /echoed none of 61 messages in 60 s\.$/);
});

test('messages that the gateway refused are not counted as taken, and what it said is told', async () => {
  const { sent, unanswered, waits } = await probeOf(10_000, { before: 'refusing' });
  assert.deepEqual([sent, unanswered], [1, 0]);
  assert.match(
    waits[0]!.what,
    /the gateway refused 3 of them, last with \{"message": "Internal server error"/,
  );
  await assert.rejects(probeOf(200_000, { before: 'refusing' }), /refused \d+ of them, last with/);
});

/** What is said of a stage that answers each message with the text, and closes when it is told to. */
async function diagnosisOf(answer: string | null, secret: string): Promise<string> {
  const clock = new VirtualClock();
  const outcome = probe({
    ...{
      url: `ws://stage/?token=${secret}`,
      clock,
      runId: '0123456789abcdef',
      echo: true,
      echoWithinMs: 2_000,
    },
    redact: (text) => text.replaceAll(secret, '…'),
    message: { payloadBytes: 200, trace: true },
    dialer: {
      dial: (_, events) => {
        clock.at(clock.now() + 10, () => events.opened());
        return {
          ...{ isOpen: () => true, backlogBytes: () => 0, close: () => {} },
          send: () => {
            const bytes = new TextEncoder().encode(answer ?? '');
            if (answer !== null) clock.at(clock.now() + 5, () => events.received(bytes, 0, bytes.length));
          },
        };
      },
    },
  });
  const said = outcome.then(
    () => 'an echo',
    (error: Error) => error.message,
  );
  return clock.runUntil(said);
}

test('a URL that does not echo is told what was sent and what came first, or that nothing came', async () => {
  const secret = 's3cret-token';
  const strange = await diagnosisOf(`Echo of ${secret}: ${'x'.repeat(1000)}`, secret);
  assert.match(strange, /^ws:\/\/stage\/\?token=… echoed none of 3 messages in 2 s; what came first/);
  assert.match(
    strange,
    /was Echo of …: x{180,200}… where \{"run":"0123456789abcdef".* was sent and must come back\.$/,
  );
  assert.match(await diagnosisOf(null, secret), /echoed none of 3 messages in 2 s; nothing came back\.$/);
});

test('an interruption ends the dial of a probe that waits', async () => {
  const interruption = new AbortController();
  const clock = new VirtualClock();
  let closed = 0;
  const outcome = probe({
    ...{ url: 'ws://stage/', clock, runId: '0123456789abcdef', echo: true, interrupted: interruption.signal },
    dialer: {
      dial: () => ({
        ...{ isOpen: () => false, backlogBytes: () => 0, send: () => {} },
        close: () => {
          closed++;
        },
      }),
    },
  });
  interruption.abort();
  await assert.rejects(outcome, /interrupted/);
  assert.equal(closed, 1);
});

test('a dial that a quota of connections refuses is tried again with growing waits, and counted', async () => {
  const dialledMs: number[] = [];
  const refusedFirst = async (refusals: number) => {
    const clock = new VirtualClock();
    dialledMs.length = 0;
    const stage = stageEchoingFrom(0, clock, 'silent');
    const dialer: Dialer = {
      dial: (url, events) => {
        if (dialledMs.push(clock.now()) > refusals) return stage.dial(url, events);
        clock.at(clock.now() + 5, () => events.failed('HTTP_429', 'Too Many Requests'));
        return { isOpen: () => false, backlogBytes: () => 0, close: () => {}, send: () => {} };
      },
    };
    const outcome = probe({ url: 'ws://stage/', dialer, clock, runId: '0123456789abcdef', echo: true });
    return clock.runUntil(outcome);
  };
  assert.deepEqual(await refusedFirst(5), { sent: 1, unanswered: 0, throttled: 5 });
  assert.equal(dialledMs.length, 6);
  assert.ok(dialledMs[5]! > 100 && dialledMs[5]! < 3_200, String(dialledMs));
  await assert.rejects(
    refusedFirst(8),
    /was reached, but opened no WebSocket: HTTP_429 \(Too Many Requests\)/,
  );
  assert.equal(dialledMs.length, 8);
});
