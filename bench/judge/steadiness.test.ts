/** Queues whose truth is known, computed message by message: those of an overloaded server fail, others don't. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../measure/random.ts';
import type { Interval, RunResult } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { breakdown, instabilities } from './steadiness.ts';

interface Queueing {
  /** Messages a second that come, and that the server takes. */
  readonly rate: number;
  readonly limit: number;
  readonly warmup: number;
  readonly seconds: number;
  /** Of Poisson arrivals; without it they are evenly spaced. */
  readonly chance?: Random;
  /** Of service times, as a share of the mean: uniform up to this on either side. */
  readonly spread?: number;
  /** Seconds that every answer takes besides. */
  readonly latency?: number;
}

/** The seconds of a first-in-first-out server with one place, from the beginning of the warm-up on. */
function served({ rate, limit, warmup, seconds, chance, spread = 0, latency = 0 }: Queueing): RunResult {
  const sent = new Array<number>(seconds).fill(0);
  const delivered = new Map<number, number>();
  let at = -warmup;
  let free = at;
  for (let index = 1; at < seconds; index++) {
    const service = (1 + spread * (2 * (chance?.next() ?? 0.5) - 1)) / limit;
    free = Math.max(at, free) + service;
    const back = Math.floor(free + latency);
    if (at >= 0) {
      sent[Math.floor(at)]!++;
      delivered.set(back, (delivered.get(back) ?? 0) + 1);
    }
    at = chance === undefined ? index / rate - warmup : at - Math.log(1 - chance.next()) / rate;
  }
  return resultOf(seconds, (second) => ({ sent: sent[second]!, delivered: delivered.get(second) ?? 0 }));
}

function resultOf(seconds: number, of: (second: number) => Partial<Interval>): RunResult {
  const intervals = Array.from({ length: seconds }, (_, second) => {
    const given = of(second);
    return { second, scheduled: given.sent ?? 0, sent: 0, delivered: 0, lost: 0, ...given };
  });
  const total = (name: 'sent' | 'lost') => intervals.reduce((sum, one) => sum + (one[name] ?? 0), 0);
  const messages = {
    scheduled: total('sent'),
    sent: total('sent'),
    lost: total('lost'),
    refused: 0,
    indeterminate: 0,
  };
  const connections = { opened: 20, closedEarly: 0, failures: {} };
  const plan = planWith({ durationMs: seconds * 1000 });
  return { plan, messages, connections, intervals } as unknown as RunResult;
}

const isSteady = (queueing: Queueing) => instabilities(served(queueing)).length === 0;

test('a server over its limit fails, from 1.02 to 4 times, at any warm-up and length of the window', () => {
  const held: string[] = [];
  for (const limit of [100, 300, 1000])
    for (const load of [1.02, 1.05, 1.1, 1.2, 1.5, 5 / 3, 2, 3, 4])
      for (const warmup of [0, 1, 2, 3, 5, 7, 10])
        for (const seconds of [4, 5, 6, 8, 10, 15, 30, 60]) {
          const rate = limit * load;
          if (isSteady({ rate, limit, warmup, seconds }))
            held.push(`${rate}/s of ${limit}, ${warmup} s warm-up, ${seconds} s`);
        }
  assert.deepEqual(held, []);
});

test('a driver that sends some messages in the next second hides no queue, and makes none', () => {
  const seen = (scheduled: number, sent: readonly number[], delivered: readonly number[]) =>
    instabilities(
      resultOf(sent.length, (second) => ({ scheduled, sent: sent[second]!, delivered: delivered[second]! })),
    ).length;
  // Of a server of 300/s on a busy machine.
  assert.equal(seen(330, [330, 330, 330, 320, 340, 330], [150, 300, 300, 280, 310, 300]), 1);
  assert.equal(seen(330, [330, 292, 368, 330, 324, 336], [131, 300, 299, 301, 294, 300]), 1);
  assert.equal(seen(330, [330, 330, 330, 330, 326, 334], [207, 301, 300, 300, 286, 303]), 1);
  // Of one that keeps up.
  assert.equal(seen(330, [330, 292, 368, 330, 324, 336], [310, 290, 370, 331, 320, 339]), 0);

  const random = seededRandom(3);
  const late = (queueing: Queueing) => {
    const result = served(queueing);
    let carried = 0;
    const intervals = result.intervals.map((one, at, { length }) => {
      const next = at === length - 1 ? 0 : Math.floor(random.next() * 0.1 * one.sent);
      const sent = one.sent + carried - next;
      carried = next;
      return { ...one, sent };
    });
    return instabilities({ ...result, intervals }).length === 0;
  };
  for (let trial = 0; trial < 300; trial++)
    for (const seconds of [5, 6, 8, 12]) {
      assert.ok(!late({ rate: 330, limit: 300, warmup: 3, seconds }), `330/s of 300, ${seconds} s`);
      for (const load of [0.7, 0.95])
        assert.ok(
          late({ rate: 300 * load, limit: 300, warmup: 3, seconds, chance: random }),
          `${load}, ${seconds} s`,
        );
    }
});

test('a server far over its limit fails though messages come at random and take uneven time', () => {
  const held = [1.5, 2, 4].flatMap((load) =>
    [4, 10].flatMap((seconds) =>
      Array.from({ length: 30 }, (_, seed) => ({ load, seconds, seed })).filter((one) =>
        isSteady({
          ...{ rate: 300 * load, limit: 300, warmup: 2, seconds, spread: 0.5 },
          chance: seededRandom(one.seed),
        }),
      ),
    ),
  );
  assert.deepEqual(held, []);
});

test('a server below its limit is steady, whatever chance makes of its queue', () => {
  const failed: string[] = [];
  for (const spread of [0, 0.5])
    for (const rate of [50, 300])
      for (const load of [0.7, 0.8, 0.9, 0.95])
        for (const seconds of [4, 5, 10, 20])
          for (let seed = 1; seed <= 40; seed++) {
            const chance = seededRandom(seed).fork(`${spread} ${rate} ${load} ${seconds}`);
            if (!isSteady({ rate, limit: rate / load, warmup: seed % 2, seconds, spread, chance }))
              failed.push(`${rate}/s at ${load}, ${seconds} s, spread ${spread}, seed ${seed}`);
          }
  assert.deepEqual(failed, []);
});

test('a long latency is no queue that grows, as long as the window shows that', () => {
  for (const latency of [0.1, 0.9, 1.5, 3, 5])
    assert.ok(isSteady({ rate: 200, limit: 400, warmup: 5, seconds: 10, latency }), `${latency} s`);
  const [reason] = instabilities(served({ rate: 200, limit: 400, warmup: 0, seconds: 6, latency: 8 }));
  assert.equal(
    reason,
    'the queue grew at the offered rate, to 1200 unanswered at the end: nothing came back in the first 6 of 6 seconds',
  );
});

test('answers that are released in batches are no queue that grows', () => {
  for (const period of [0.3, 0.7, 1.3, 2, 3, 5])
    for (const seconds of [8, 10, 20]) {
      const batches = (end: number) => Math.floor(end / period + 1e-9);
      const result = resultOf(seconds, (second) => ({
        sent: 1000,
        delivered: (batches(second + 1) - batches(second)) * 1000 * period,
      }));
      assert.deepEqual(instabilities(result), [], `every ${period} s, ${seconds} s`);
    }
});

test('what was lost is no queue, whether it is known by the second or only in all', () => {
  const lossy = resultOf(10, () => ({ sent: 500, delivered: 450, lost: 50 }));
  assert.deepEqual(instabilities(lossy), []);
  const intervals = lossy.intervals.map(({ lost, ...older }) => older);
  assert.deepEqual(instabilities({ ...lossy, intervals }), []);
});

test('what was still queued when the drain was over is in the queue, though it counts as lost', () => {
  // As seen: 500/s of a server of 300/s, after 5 s of warm-up and with 5 s of drain.
  const seen = [
    { sent: 500, delivered: 0 },
    { sent: 500, delivered: 0 },
    { sent: 500, delivered: 0 },
    { sent: 500, delivered: 200 },
    { sent: 500, delivered: 300, lost: 200 },
    { sent: 500, delivered: 300, lost: 500 },
  ];
  assert.match(instabilities(resultOf(6, (second) => seen[second]!)).join(), /^the queue grew by 200 /);
});

test('a stage that stopped answering is told as that, with what became of its connections', () => {
  const died = resultOf(10, (second) => ({
    sent: 100,
    ...(second < 4 ? { delivered: 100 } : { lost: 100 }),
  }));
  const connections = { ...died.connections, closedEarly: 20, failures: { CLOSE_1006: 20 } };
  assert.deepEqual(instabilities({ ...died, connections }), [
    'the stage stopped answering: nothing came back after second 4 of 10; 20 of 20 connections ended early (CLOSE_1006 20)',
  ]);
  assert.match(breakdown(died) ?? '', /of 10$/);
  assert.equal(
    breakdown(resultOf(10, (second) => ({ sent: 100, delivered: second === 9 ? 1000 : 0 }))),
    null,
  );
});
