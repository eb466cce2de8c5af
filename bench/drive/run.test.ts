/**
 * The production driver on a virtual clock with connections in memory. The peer decides every message's fate, so the
 * truth is known, and what the driver reports must equal it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upperBound95 } from '../judge/ordering-bound.ts';
import { summarise } from '../judge/summary.ts';
import { latencyLog } from '../measure/hlog.ts';
import { seededRandom } from '../measure/random.ts';
import type { RunRecord } from '../measure/record.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import type { Assignment, ShareListener, Stage, Worker } from '../ports.ts';
import { memoryDialer, type Peer } from '../sim/testing/memory-dialer.ts';
import { planWith } from '../sim/testing/plan.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { NothingMeasured } from './probe-stage.ts';
import { run } from './run.ts';
import { ShareDriver } from './share-driver.ts';

interface World {
  readonly plan: Plan;
  readonly peer: Peer;
  readonly connectMs?: number;
  readonly deaths?: ReadonlyMap<number, { readonly atMs: number; readonly code: number }>;
  readonly interruptAtMs?: number;
  /** Metrics of the stage, when it has any. */
  readonly metrics?: Stage['metrics'];
  /** What else the stage can be asked. */
  readonly stage?: Partial<Stage>;
  /** Given the record before the stage is asked. */
  readonly measured?: (record: RunRecord) => void;
  /** Share whose worker ends nothing when it is told to. */
  readonly deaf?: number;
  /** Makes the worker of that share fail at that time. */
  readonly murder?: { readonly share: number; readonly atMs: number };
}

const forever = () => new Promise<never>(() => {});

async function simulate(
  world: World,
): Promise<{ result: RunResult; log: string; violations: readonly unknown[] }> {
  const clock = new VirtualClock(1_700_000_000_000);
  const { plan, peer } = world;
  const interruption = new AbortController();
  if (world.interruptAtMs !== undefined) clock.at(world.interruptAtMs, () => interruption.abort());
  const { connectMs, deaths } = world;
  const dialer = memoryDialer({ clock, peer, ...(connectMs && { connectMs }), ...(deaths && { deaths }) });
  const newWorker = (assignment: Assignment, listener: ShareListener): Worker => {
    const driver = new ShareDriver({ assignment, clock, dialer, listener, health: null });
    if (world.deaf === assignment.share.index) return { ...deaf, open: () => driver.open() };
    return world.murder?.share === assignment.share.index ? murdered(driver, world.murder.atMs) : driver;
  };
  const deaf: Worker = { open: forever, drive: forever, interrupt() {} };
  const murdered = (driver: Worker, atMs: number): Worker => ({
    open: () => driver.open(),
    drive: (start) => {
      void driver.drive(start);
      return new Promise((_, reject) =>
        clock.at(atMs, () => reject(new Error('a driver thread exited with code 1'))),
      );
    },
    interrupt: () => driver.interrupt(),
  });
  const facts = {
    kind: 'url',
    url: plan.stage,
    name: 'memory',
    region: null,
    parameters: {},
    profile: null,
    notes: [],
  } as const;
  const record = await clock.runUntil(
    run({
      plan,
      stage: {
        facts,
        hasMetrics: world.metrics !== undefined,
        answersWithinMs: 120_000,
        ...world.stage,
        metrics: world.metrics ?? (() => Promise.resolve(null)),
        close: () => Promise.resolve(),
      },
      sharesMachine: false,
      id: 'simulated',
      runId: '0123456789abcdef',
      headers: {},
      environment: {
        node: '',
        os: '',
        cpus: '',
        version: '',
        commit: null,
        threads: plan.threads,
        seed: plan.seed,
      },
      clock,
      dialer,
      newWorker,
      hostMeter: () => 0,
      observer: { phase() {} },
      interrupted: interruption.signal,
      ...(world.measured && { measured: world.measured }),
    }),
  );
  return {
    result: summarise(record, []),
    log: latencyLog(record.rollup.seconds(), record.measuredFromMs),
    violations: record.rollup.violations,
  };
}

const constantly =
  (delayMs: number): Peer =>
  () => [delayMs];

test('a stage of constant latency gives that latency at every quantile, and nothing else', async () => {
  const { result } = await simulate({ plan: planWith({}), peer: constantly(40) });
  assert.deepEqual(
    [result.messages.scheduled, result.messages.delivered, result.messages.lost, result.messages.reordered],
    [10_000, 10_000, 0, 0],
  );
  for (const distribution of [result.latency.response, result.latency.service]) {
    for (const name of ['min', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const) {
      assert.ok(Math.abs(distribution[name]! - 40) <= 0.04, `${name} ${distribution[name]}`);
    }
  }
  assert.equal(result.latency.sendLag.max, 0);
  assert.equal(result.ordering.upperBound95, upperBound95(0, 10_000));
  assert.deepEqual(
    (['reordered', 'duplicated', 'lost'] as const).map(
      (kind) => result.ordering.detail?.rates[kind]?.upper95,
    ),
    Array.from({ length: 3 }, () => result.ordering.upperBound95),
    'one bound everywhere',
  );
  assert.equal(result.messages.warmup.delivered, 1000);
  assert.equal(result.intervals.length >= 10, true);
  assert.ok(result.intervals.slice(0, 10).every((interval) => interval.scheduled === 1000));
});

test('a stall of one second at 1,000 messages/s shows in the response percentiles as computed by hand', async () => {
  // Messages due in [5 s, 6 s) of the run are answered at 6 s: 1,000 waits, uniform over a second, among 10,000.
  const stalled: Peer = ({ nowMs }) => [Math.max(1, nowMs >= 5000 && nowMs < 6000 ? 6000 - nowMs : 1)];
  const { result } = await simulate({ plan: planWith({}), peer: stalled });
  const { response } = result.latency;
  // Nine in ten have the latency of the peer; of the tenth that waits, half waits for more than half a second.
  assert.ok(Math.abs(response.p50! - 1) <= 0.01, `p50 ${response.p50}`);
  assert.ok(Math.abs(response.p90! - 1) <= 0.01, `p90 ${response.p90}`);
  assert.ok(Math.abs(response.p95! - 500) <= 5, `p95 ${response.p95}`);
  assert.ok(Math.abs(response.p99! - 900) <= 9, `p99 ${response.p99}`);
  assert.ok(Math.abs(response.p999! - 990) <= 10, `p99.9 ${response.p999}`);
});

test('a peer that loses, duplicates and delays by chance is reported exactly as it says it did', async () => {
  const random = seededRandom(5);
  const truth = { lost: 0, duplicated: 0 };
  const peer: Peer = ({ nowMs }) => {
    const chance = random.next();
    const counted = nowMs >= measuredFromMs;
    if (chance < 0.01) {
      if (counted) truth.lost++;
      return [];
    }
    if (chance < 0.03) {
      if (counted) truth.duplicated++;
      return [5, 9];
    }
    return [5];
  };
  const plan = planWith({ connections: 20, load: { kind: 'open', ratePerSecond: 2000, arrival: 'poisson' } });
  // Connections take 20 ms to dial, the start is announced 250 ms ahead, warm-up lasts a second.
  let measuredFromMs = 0;
  const { result: first } = await simulate({ plan, peer: constantly(5) });
  measuredFromMs = Date.parse(first.measuredFrom) - 1_700_000_000_000;
  const { result, violations } = await simulate({ plan, peer });
  assert.deepEqual({ lost: result.messages.lost, duplicated: result.messages.duplicated }, truth);
  assert.equal(result.messages.reordered, 0);
  assert.ok(truth.lost > 100 && truth.duplicated > 200);
  assert.equal(violations.length, truth.lost + truth.duplicated);
});

test('a message that is held back until the next has passed is one reorder with its witness', async () => {
  const plan = planWith({ connections: 1, load: { kind: 'open', ratePerSecond: 100, arrival: 'constant' } });
  const peer: Peer = ({ number }) => [number === 500 ? 25 : 1];
  const { result, violations } = await simulate({ plan, peer });
  assert.equal(result.messages.reordered, 1);
  assert.deepEqual(result.ordering.where, { ingest: 0, delivery: 0, unknown: 1 });
  assert.deepEqual(violations, [
    {
      kind: 'reordered',
      stream: 0,
      sequence: 500,
      intendedMs: 4000,
      sentMs: 4000,
      arrivedMs: 4025,
      extent: 2,
      lateTimeMs: 14,
      overtakenBy: { sequence: 501, sentMs: 4010, arrivedMs: 4011 },
      where: 'unknown',
    },
  ]);
});

test('the same plan and seed send the same messages on any number of threads, and results add up to the same', async () => {
  const settings = {
    connections: 11,
    load: { kind: 'open', ratePerSecond: 700, arrival: 'poisson' },
  } as const;
  const peer: Peer = ({ nowMs }) => [3 + (Math.floor(nowMs) % 7)];
  const one = await simulate({ plan: planWith(settings), peer });
  for (const threads of [2, 3, 11]) {
    const many = await simulate({ plan: planWith({ ...settings, threads }), peer });
    assert.deepEqual(many.result.messages, one.result.messages);
    assert.deepEqual(many.result.latency, one.result.latency);
    // Threads end their drains at their own times, so only the measured seconds have all connections in them.
    assert.deepEqual(many.result.intervals.slice(0, 10), one.result.intervals.slice(0, 10));
    assert.equal(many.log, one.log);
  }
});

test('the same seed gives the same result twice, byte for byte', async () => {
  const plan = planWith({ load: { kind: 'open', ratePerSecond: 900, arrival: 'poisson' }, seed: 99 });
  const peer: Peer = ({ number }) => [number % 13];
  const [first, second] = [await simulate({ plan, peer }), await simulate({ plan, peer })];
  assert.equal(JSON.stringify(first), JSON.stringify(second));
});

test('answers outstanding on a connection that dies are indeterminate, and what it should send later is refused', async () => {
  const plan = planWith({ connections: 2, load: { kind: 'open', ratePerSecond: 100, arrival: 'constant' } });
  const deaths = new Map([[1, { atMs: 5000, code: 1006 }]]);
  const { result } = await simulate({ plan, peer: constantly(100), deaths });
  const { scheduled, delivered, indeterminate, refused, lost } = result.messages;
  assert.equal(lost, 0);
  // 100 ms of latency at 50 messages/s on the connection: five answers were on their way.
  assert.equal(indeterminate, 5);
  assert.ok(refused > 250);
  assert.equal(scheduled, delivered + indeterminate + refused);
  assert.equal(result.connections.closedEarly, 1);
  assert.deepEqual(result.connections.failures, { CLOSE_1006: 1 });
  assert.equal(result.validity.verdict, 'unknown');
});

test('a closed loop keeps its number outstanding, and a lost message does not stop its connection', async () => {
  const plan = planWith({
    connections: 4,
    load: { kind: 'closed', inFlight: 3 },
    warmupMs: 0,
    drainMs: 1000,
  });
  const { result } = await simulate({ plan, peer: constantly(10) });
  // 4 connections × 3 in flight ÷ 10 ms.
  assert.ok(
    Math.abs(result.throughput.deliveredPerSecond - 1200) <= 12,
    String(result.throughput.deliveredPerSecond),
  );
  const lossy: Peer = ({ connection, number }) => (connection === 2 && number < 3 ? [] : [10]);
  const { result: second } = await simulate({ plan, peer: lossy });
  assert.equal(second.messages.lost, 3);
  assert.ok(second.messages.delivered > 10_500, String(second.messages.delivered));
});

test('an interrupted run keeps what was measured, says so, and calls open answers indeterminate', async () => {
  const { result } = await simulate({ plan: planWith({}), peer: constantly(500), interruptAtMs: 5000.5 });
  assert.equal(result.partial, true);
  assert.ok(result.messages.delivered > 2000 && result.messages.delivered < 4000);
  assert.equal(result.messages.indeterminate, 500);
  assert.ok(result.warnings.some(({ code }) => code === 'partial'));
});

test('a run interrupted before anything was measured has no result', async () => {
  await assert.rejects(
    simulate({ plan: planWith({}), peer: constantly(5), interruptAtMs: 200 }),
    (error) => error instanceof NothingMeasured,
  );
});

test('a worker that dies takes only its last second with it, and the result is partial', async () => {
  const plan = planWith({ connections: 10, threads: 2 });
  const { result } = await simulate({ plan, peer: constantly(1), murder: { share: 1, atMs: 6000 } });
  assert.equal(result.partial, true);
  assert.match(result.warnings[0]!.text, /thread exited/);
  assert.ok(result.messages.delivered > 4000);
});

test('at a low rate the window lasts to its end, so rates are right and the last answer has time to come', async () => {
  const load = { kind: 'open', ratePerSecond: 0.4, arrival: 'constant' } as const;
  const plan = planWith({ connections: 1, load, warmupMs: 0, durationMs: 10_000, drainMs: 0 });
  const { result } = await simulate({ plan, peer: constantly(500) });
  assert.deepEqual([result.messages.scheduled, result.messages.delivered, result.partial], [4, 4, false]);
  assert.equal(result.throughput.offeredPerSecond, 0.4);
});

test('answers that are still coming when the drain ends are a warning, because lost may mean late', async () => {
  const plan = planWith({ drainMs: 1000 });
  const { result } = await simulate({ plan, peer: ({ nowMs }) => [Math.max(1, nowMs / 4)] });
  assert.ok(result.messages.lost > 0, 'the backlog outlasts the drain');
  assert.ok(
    result.warnings.some(({ code }) => code === 'answersStillArriving'),
    'the warning is given',
  );
});

const noSeries = { source: 'cloudwatch', periodMs: 60_000, series: [] } as const;

test('metrics are asked for with the whole traffic and what it should come to', async () => {
  const windows: [number, number][] = [];
  const metrics: Stage['metrics'] = (start, end, reading) => {
    windows.push([start, end]);
    return Promise.resolve({ ...noSeries, incomingRecords: reading!.expectedRecords });
  };
  const { result } = await simulate({ plan: planWith({}), peer: constantly(5), metrics });
  const { traffic } = result;
  assert.deepEqual(windows, [[traffic?.startEpochMs, traffic?.endEpochMs]]);
  assert.equal(traffic?.expectedRecords, result.messages.sent + result.messages.warmup.sent);
  assert.equal(result.metrics?.complete, true);
});

test('an interruption while metrics are waited for costs neither the run nor the metrics', async () => {
  const metrics: Stage['metrics'] = (_, __, reading) =>
    new Promise((resolve) => {
      reading!.waiting({ what: 'they are late', untilMs: 0 });
      const answer = { ...noSeries, incomingRecords: 5, problems: ['interrupted'] };
      reading!.interrupted.addEventListener('abort', () => resolve(answer));
    });
  const world = { plan: planWith({}), peer: constantly(5), metrics, interruptAtMs: 60_000 };
  const { result } = await simulate(world);
  assert.deepEqual([result.partial, result.messages.delivered], [false, 10_000]);
  assert.deepEqual([result.metrics?.complete, result.validity.verdict], [false, 'unknown']);
});

const mute = { changed: forever, faults: forever, answersWithinMs: undefined } as unknown as Partial<Stage>;

test('a stage that answers nothing is asked when the run is safe, and for 20 s altogether', async () => {
  const safe: RunResult[] = [];
  const measured = (record: RunRecord) => void safe.push(summarise(record, []));
  const world = { plan: planWith({}), peer: constantly(5), metrics: forever, stage: mute, measured };
  const { result } = await simulate(world);
  const [early] = safe;
  assert.deepEqual(early?.messages, result.messages);
  assert.deepEqual(early?.latency, result.latency);
  assert.match(JSON.stringify(early?.warnings), /the driver ended before the metrics were read/);
  assert.equal(Date.parse(result.endedAt) - Date.parse(early!.endedAt), 20_000);
  assert.match(JSON.stringify(result.warnings), /metrics could not be read: no answer within 20 s/);
  assert.equal(result.partial, false);
});

test('after an interruption such a stage gets 5 s, whenever that comes', async () => {
  for (const interruptAtMs of [5_000, 16_000]) {
    const safe: RunResult[] = [];
    const measured = (record: RunRecord) => void safe.push(summarise(record, []));
    const world = { plan: planWith({}), peer: constantly(5), metrics: forever, stage: mute, measured };
    const { result } = await simulate({ ...world, interruptAtMs });
    const endedMs = Date.parse(safe[0]!.endedAt) - 1_700_000_000_000;
    const waitedMs = Date.parse(result.endedAt) - Date.parse(safe[0]!.endedAt);
    assert.equal(waitedMs, 5_000 + Math.max(0, interruptAtMs - endedMs));
    assert.match(JSON.stringify(result.warnings), /no answer within 5 s of the interruption/);
  }
});

test('a worker that does not end when it is interrupted is given up, and what the others measured is kept', async () => {
  const plan = planWith({ threads: 2, connections: 2 });
  const { result } = await simulate({ plan, peer: constantly(5), deaf: 1, interruptAtMs: 5_000 });
  assert.equal(result.partial, true);
  assert.ok(result.messages.delivered > 1_000, `${result.messages.delivered} delivered`);
  assert.match(JSON.stringify(result.warnings), /no answer within 10 s of the interruption/);
});

test('the metrics of a run that was cut do not call missing what was in flight', async () => {
  const checkWith = async (notInStream: number) => {
    const metrics: Stage['metrics'] = (_, __, reading) =>
      Promise.resolve({ ...noSeries, incomingRecords: reading!.expectedRecords - notInStream });
    const world = { plan: planWith({}), peer: constantly(500), metrics, interruptAtMs: 5000.5 };
    const { result } = await simulate(world);
    assert.deepEqual([result.messages.lost, result.messages.indeterminate], [0, 500]);
    return result.validity.checks.find(({ name }) => name === 'metrics completeness')!.evidence;
  };
  assert.match(await checkWith(100), /100 fewer, in flight at the cut: 500, /);
  assert.match(await checkWith(501), /in flight at the cut: 500: at least 1 was lost on the way/);
});

test('metrics that can’t be read cost the run its metrics, and it says why', async () => {
  const metrics = () => Promise.reject(new Error('Rate exceeded'));
  const { result } = await simulate({ plan: planWith({}), peer: constantly(5), metrics });
  assert.equal(result.metrics, null);
  const check = result.validity.checks.find(({ name }) => name === 'metrics completeness');
  assert.deepEqual(
    [check?.verdict, check?.evidence],
    ['unknown', 'metrics could not be read: Rate exceeded'],
  );
});

test('an interruption while the probe waits for a handshake is an interruption, and ends the dial', async () => {
  const interruption = new AbortController();
  const clock = new VirtualClock();
  let closed = 0;
  const connection = {
    isOpen: () => false,
    backlogBytes: () => 0,
    send: () => {},
    close: () => void closed++,
  };
  const outcome = run({
    ...{ plan: planWith({}), id: 'x', runId: '0123456789abcdef', headers: {}, clock, sharesMachine: false },
    stage: {
      facts: {
        ...{ kind: 'url', url: 'ws://stage/', name: 'stage', region: null, parameters: {}, profile: null },
        notes: [],
      },
      ...{ hasMetrics: false, metrics: () => Promise.resolve(null), close: () => Promise.resolve() },
    },
    environment: { node: '', os: '', cpus: '', version: '', commit: null, threads: 1, seed: 1 },
    dialer: { dial: () => connection },
    newWorker: () => assert.fail('nothing is driven'),
    hostMeter: () => 0,
    observer: { phase() {} },
    interrupted: interruption.signal,
  });
  interruption.abort();
  await assert.rejects(outcome, NothingMeasured);
  assert.equal(closed, 1);
});
