/** What is taken for ready, on a virtual clock with a scripted pipeline: every shard, in a row, at a pace, and not for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadinessState } from '../model/readiness-state.ts';
import type { Connection, Dialer, Readiness, Waiting } from '../ports.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { readied } from './readiness.ts';

const REFUSAL = new TextEncoder().encode(
  '{"message": "Internal server error", "connectionId":"Z1", "requestId":"r"}',
);

/** What becomes of a message: an echo, nothing, or an error frame. */
type Fate = 'echo' | 'silence' | 'refusal';

interface Pipeline {
  readonly shards: number;
  /** Of a message on a connection to the shard, when it is sent. */
  readonly fate?: (shard: number, nowMs: number, connection: number) => Fate;
  /** The shard that a connection goes to. */
  readonly shardOf?: (connection: number) => number;
  readonly isTraced?: boolean;
  readonly roundTripMs?: number;
  /** Connections that can't be opened. */
  readonly refused?: (connection: number) => boolean;
}

class Scripted implements Dialer {
  readonly dialledMs: number[] = [];
  sent = 0;
  closed = 0;
  readonly #clock: VirtualClock;
  readonly #pipeline: Pipeline;

  constructor(clock: VirtualClock, pipeline: Pipeline) {
    this.#clock = clock;
    this.#pipeline = pipeline;
  }

  dial: Dialer['dial'] = (_, events) => {
    const clock = this.#clock;
    const { shards, fate, isTraced = true, roundTripMs = 50, refused, shardOf } = this.#pipeline;
    const connection = this.dialledMs.push(clock.now()) - 1;
    const shard = shardOf?.(connection) ?? connection % shards;
    let isOpen = true;
    const later = (bytes: Uint8Array) =>
      clock.at(clock.now() + roundTripMs, () => isOpen && events.received(bytes, 0, bytes.length));
    const made: Connection = {
      isOpen: () => isOpen,
      backlogBytes: () => 0,
      close: () => {
        isOpen = false;
        this.closed += 1;
      },
      send: (bytes) => {
        this.sent += 1;
        const what = fate?.(shard, clock.now(), connection) ?? 'echo';
        if (what === 'refusal') later(REFUSAL);
        if (what === 'echo') later(isTraced ? stamped(bytes, shard) : bytes.slice());
      },
    };
    clock.at(clock.now() + 5, () =>
      refused?.(connection) ? events.failed('HTTP_429', 'Too Many Requests') : events.opened(),
    );
    return made;
  };
}

function stamped(bytes: Uint8Array, shard: number): Uint8Array {
  const hops = { shard: idOf(shard), record: '1', arrivedMs: 1, startedMs: 2, postedMs: 3 };
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(`${text.slice(0, -1)},"hops":${JSON.stringify(hops)}}`);
}

function idOf(shard: number): string {
  return `shardId-${String(shard).padStart(12, '0')}`;
}

interface Given extends Pipeline {
  /** What the stage says before it demands anything. */
  readonly before?: ReadinessState[];
  readonly demanded?: number;
  readonly interruptAtMs?: number;
  readonly seen?: (clock: VirtualClock) => void;
}

async function soundingOf(given: Given) {
  const { shards, before = [], demanded = shards, interruptAtMs } = given;
  const clock = new VirtualClock();
  const dialer = new Scripted(clock, given);
  const interruption = new AbortController();
  if (interruptAtMs !== undefined) clock.at(interruptAtMs, () => interruption.abort());
  const waits: Waiting[] = [];
  let isMet = false;
  const ids = Array.from({ length: demanded }, (_, shard) => idOf(shard));
  const demand = { service: 'echo', shards: ids, smallestShare: 1 / Math.max(1, demanded) };
  const readiness: Readiness = {
    ask: async () => before.shift() ?? { waitFor: null, demand },
    met: () => {
      isMet = true;
    },
  };
  const options = {
    ...{ url: 'ws://stage/', dialer, clock, readiness, runId: '0123456789abcdef', echoWithinMs: 300_000 },
    waiting: (waiting: Waiting) => waits.push(waiting),
    interrupted: interruption.signal,
  };
  const outcome = await clock.runUntil(
    readied(options).then(
      (ready) => ({ ...ready, message: '' }),
      (error: Error) => ({ sent: Number.NaN, unanswered: Number.NaN, message: error.message }),
    ),
  );
  return { ...outcome, waits: waits.map(({ what }) => what), dialer, isMet, endedMs: clock.now() };
}

test('a pipeline that answers on every shard is ready after three answers of each, and is not asked for more', async () => {
  const { sent, unanswered, waits, dialer, isMet, endedMs } = await soundingOf({ shards: 4 });
  assert.deepEqual([waits, isMet, dialer.dialledMs.length <= 10], [[], true, true]);
  assert.ok(endedMs < 2_000, `${endedMs} ms`);
  assert.ok(sent >= 12 && sent <= 30, `${sent} sent`);
  assert.equal(unanswered, 0, 'what is on its way is heard');
  assert.equal(dialer.closed, dialer.dialledMs.length, 'every connection is closed');
});

test('one shard that reads late holds up everything, by name, however often the others answer', async () => {
  const fate = (shard: number, nowMs: number) => (shard === 3 && nowMs < 90_000 ? 'silence' : 'echo');
  const { waits, endedMs, unanswered, dialer } = await soundingOf({ shards: 4, fate });
  assert.ok(endedMs > 91_000 && endedMs < 94_000, `${endedMs} ms`);
  assert.equal(waits[0], 'shard 3 of echo has not answered yet');
  assert.ok(unanswered > 100, `${unanswered} unanswered`);
  assert.equal(dialer.dialledMs.length, 53, 'a chance of a million to one to miss one of four');
});

test('connections are opened at a pace, and no more than a bound', async () => {
  const fate = (shard: number, nowMs: number) => (shard === 0 && nowMs < 30_000 ? 'silence' : 'echo');
  const { dialer } = await soundingOf({ shards: 200, fate });
  const perSecond = dialer.dialledMs.filter((ms) => ms >= 1_000 && ms < 2_000).length;
  assert.deepEqual([dialer.dialledMs.length, perSecond], [2_000, 100]);
});

test('answers with gaps are not in a row, and a shard that falls silent again is not ready', async () => {
  const flapping = (shard: number, nowMs: number) => {
    if (shard === 1 && nowMs < 20_000) return Math.floor(nowMs / 500) % 3 === 2 ? 'silence' : 'echo';
    return shard === 2 && nowMs > 3_000 && nowMs < 40_000 ? 'silence' : 'echo';
  };
  const { waits, endedMs } = await soundingOf({ shards: 3, fate: flapping });
  assert.ok(endedMs > 40_000 && endedMs < 43_000, `${endedMs} ms`);
  assert.ok(waits.includes('shards 1, 2 of echo have not answered 3 times in a row yet'), waits.join('\n'));
});

test('answers that are slower than the messages follow each other are in a row all the same', async () => {
  const { endedMs, isMet } = await soundingOf({ shards: 2, roundTripMs: 4_000 });
  assert.ok(isMet && endedMs < 8_000, `${endedMs} ms`);
});

test('a shard that no connection can reach is not waited for when all of enough connections answer', async () => {
  const { isMet, endedMs, dialer } = await soundingOf({ shards: 3, demanded: 4 });
  assert.deepEqual([isMet, dialer.dialledMs.length], [true, 53]);
  assert.ok(endedMs < 5_000, `${endedMs} ms`);
});

test('a pipeline whose echoes have no stamps is ready with the first of them', async () => {
  const { sent, unanswered, isMet } = await soundingOf({ shards: 4, isTraced: false });
  assert.deepEqual([isMet, unanswered], [true, 0]);
  assert.ok(sent <= 7, `${sent} sent`);
});

test('shards that nobody could name are asked by a single connection', async () => {
  const { sent, dialer, isMet } = await soundingOf({ shards: 4, demanded: 0 });
  assert.deepEqual([sent, dialer.dialledMs.length, isMet], [1, 1, true]);
});

test('nothing is sent before the mappings say that they are ready and had their time', async () => {
  const before: ReadinessState[] = [
    { waitFor: { what: 'mapping EchoMapping is Updating', forMs: null } },
    { waitFor: { what: 'it was changed', forMs: 90_000 } },
  ];
  const { waits, dialer } = await soundingOf({ shards: 2, before });
  assert.deepEqual(waits, ['mapping EchoMapping is Updating', 'it was changed']);
  assert.equal(dialer.dialledMs[0], 92_000);
});

test('what does not get ready is given up with what is missing', async () => {
  const fate = (shard: number) => (shard > 0 ? 'silence' : 'echo');
  const { message, isMet, dialer } = await soundingOf({ shards: 8, fate });
  assert.match(
    message,
    /^ws:\/\/stage\/ was not ready in 300 s: shards 1, 2, 3, 4, 5, 2 more of echo have not answered yet; \d+ messages were sent\.$/,
  );
  assert.deepEqual([isMet, dialer.closed], [false, dialer.dialledMs.length]);
  const before: ReadinessState[] = Array.from({ length: 200 }, () => ({
    waitFor: { what: 'mapping EchoMapping is Creating', forMs: null },
  }));
  assert.match(
    (await soundingOf({ shards: 1, before })).message,
    /was not ready in 300 s: mapping EchoMapping is Creating\.$/,
  );
});

test('what the gateway refuses is not counted as sent, and is told', async () => {
  const fate = (_: number, nowMs: number) => (nowMs < 10_000 ? 'refusal' : 'echo');
  const { sent, unanswered, waits } = await soundingOf({ shards: 1, fate });
  assert.deepEqual([sent, unanswered], [3, 0]);
  assert.match(waits[0]!, /; the gateway refused \d+ messages, last with \{"message": "Internal/);
});

test('connections that fail are made up for, and where none opens that is told', async () => {
  const { isMet } = await soundingOf({
    shards: 2,
    refused: (connection) => connection % 2 === 1,
    shardOf: (c) => (c / 2) % 2,
  });
  assert.equal(isMet, true);
  const { message } = await soundingOf({ shards: 2, refused: () => true });
  assert.equal(message, 'ws://stage/ was reached, but opened no WebSocket: HTTP_429 (Too Many Requests).');
});

test('an interruption ends it at once, whatever it waits for, and closes what it opened', async () => {
  const silent = { shards: 4, fate: () => 'silence' as const, interruptAtMs: 5_000 };
  const { message, dialer, endedMs } = await soundingOf(silent);
  assert.deepEqual([message, endedMs], ['the probe was interrupted', 5_000]);
  assert.equal(dialer.closed, dialer.dialledMs.length);
  const before: ReadinessState[] = [{ waitFor: { what: 'it was changed', forMs: 90_000 } }];
  const waiting = await soundingOf({ shards: 1, before, interruptAtMs: 5_000 });
  assert.deepEqual(
    [waiting.message, waiting.endedMs, waiting.dialer.dialledMs.length],
    ['the probe was interrupted', 5_000, 0],
  );
});
