import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fleetCheck } from '../judge/fleet-check.ts';
import { summarise } from '../judge/summary.ts';
import { type FleetPartial, PARTIAL_SCHEMA, partialName } from '../measure/fleet/partial.ts';
import { connectionsOf } from '../measure/fleet/worker-share.ts';
import { addHealth, emptyHealth } from '../measure/health.ts';
import { Recorder } from '../measure/recorder.ts';
import { Rollup } from '../measure/rollup.ts';
import { emptyOpening } from '../measure/share.ts';
import { parsePlan } from '../node/plan-file.ts';
import { planWith } from '../sim/testing/plan.ts';
import { collect, NothingToMerge } from './collect.ts';
import { putRun, putStart } from './fleet-files.ts';
import { planHashOf, settingsOfPlan, travelProblems } from './fleet-plan-file.ts';
import { openStore } from './open-store.ts';
import { packPartial, readPartial, unzipped } from './partial-file.ts';
import type { Store } from './store.ts';
import { unpackedPart } from './testing/unpacked-part.ts';

const RUN_ID = '0123456789abcdef';
const START_MS = Date.UTC(2030, 0, 1);
const PLAN = planWith({
  connections: 10,
  durationMs: 2000,
  warmupMs: 0,
  load: { kind: 'open', ratePerSecond: 100, arrival: 'constant' },
});
const HASH = planHashOf(PLAN);

/** Each worker has deliveries of its own length: 10 ms and its index. */
function partial(index: number, changes: Partial<FleetPartial['identity']> = {}): FleetPartial {
  const of = changes.of ?? 4;
  const recorder = new Recorder({ violationLimit: 10 });
  const sum = new Rollup();
  const opened = connectionsOf(PLAN.connections, { index, of });
  sum.add({ kind: 'opening', ...emptyOpening(), opened, attempts: opened, failures: {}, connect: null });
  for (const second of [0, 1]) {
    const messages = opened * 10;
    for (let message = 0; message < messages; message++) {
      recorder.due(second);
      recorder.arrival(true);
      recorder.time('response', 10 + index);
    }
    Object.assign(recorder.tallies.measured, { scheduled: messages, sent: messages, delivered: messages });
    sum.add(recorder.flush(second, opened, null));
  }
  addHealth(sum.health, { ...emptyHealth(), seconds: 2, pacings: new Set(['metronome']) });
  return {
    schema: PARTIAL_SCHEMA,
    kind: 'fleet partial',
    identity: { runId: RUN_ID, planHash: HASH, index, of, startMs: START_MS, ...changes },
    plan: settingsOfPlan(PLAN),
    headerNames: [],
    host: `node${index}`,
    environment: { node: 'v20', os: 'Linux', cpus: '2 × x', version: '0', commit: null, threads: 1, seed: 1 },
    clock: { lowMs: -1 - index, highMs: 1, probes: 5 },
    times: {
      startedMs: START_MS - 5000,
      readyMs: START_MS - 1000,
      latenessMs: 0,
      trafficEndedMs: START_MS + 4000,
      measuredMs: 2000,
    },
    run: {
      interruption: null,
      stage: {
        kind: 'url',
        url: PLAN.stage,
        name: 'x',
        region: null,
        parameters: {},
        profile: null,
        notes: [],
      },
      probes: 1,
      stageChange: null,
      sharesMachine: false,
      hostBusy: 0.2,
      stealShare: null,
    },
    part: sum.toPart(),
  };
}

async function storeFor(t: TestContext): Promise<Store> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'fleet-store-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  return openStore(place);
}

async function merged(store: Store) {
  const { merge, file } = await collect(store);
  const { record, fleet } = merge.finish({ id: 'x', probed: file?.probed });
  const result = summarise(record, []);
  return { result, fleet, check: fleetCheck(fleet, result) };
}

const put = async (store: Store, one: FleetPartial, name = partialName(one.identity.index)) =>
  store.put(name, await packPartial(one));

test('partials survive being written and read', async () => {
  const before = partial(1);
  const { partial: after } = readPartial(await unzipped(await packPartial(before)));
  assert.deepEqual({ ...after, part: unpackedPart(after.part) }, before);
});

test('four whole partials are the run: counts add, percentiles come of all of them', async (t) => {
  const store = await storeFor(t);
  for (const index of [3, 1, 0, 2]) await put(store, partial(index));
  const { result, fleet, check } = await merged(store);
  assert.deepEqual([result.messages.scheduled, result.messages.delivered, result.partial], [200, 200, false]);
  assert.equal(result.connections.opened, 10);
  assert.deepEqual([result.latency.response.min, result.latency.response.max], [10, 13]);
  assert.deepEqual(
    fleet.workers.map(({ index, response }) => [index, response.count, response.max]),
    [0, 1, 2, 3].map((index) => [index, index < 2 ? 60 : 40, 10 + index]),
  );
  assert.equal(fleet.clockSpreadMs, 5);
  assert.equal(check.verdict, 'valid', check.evidence);
});

test('a partial that contradicts its share of the plan is not merged', async (t) => {
  const store = await storeFor(t);
  const [first, second, third, fourth] = [0, 1, 2, 3].map((index) => partial(index));
  const opening = { ...first!.part.opening, opened: 1_000, attempts: 1_000 };
  await put(store, { ...first!, part: { ...first!.part, opening } });
  await put(store, { ...second!, part: { ...second!.part, seconds: second!.part.seconds.slice(1) } });
  await put(store, { ...third!, times: { ...third!.times, measuredMs: 60_000 } });
  await put(store, fourth!);
  const { fleet, check } = await merged(store);
  assert.deepEqual(
    fleet.rejected.map(({ name, verdict, reason }) => [name.slice(0, 12), verdict, reason]),
    [
      ['worker-00000', 'unbalanced', '1000 connections opened or failed, and its share of the plan is 3'],
      ['worker-00001', 'unbalanced', '30 messages scheduled, and its share of the plan is 60'],
      ['worker-00002', 'unbalanced', 'it measured 60000 ms, and the plan is 2000 ms long'],
    ],
  );
  assert.deepEqual([fleet.missing, check.verdict], [[0, 1, 2], 'invalid']);
});

test('workers whose clocks were surely seconds apart did not drive together, and their programs are told', async (t) => {
  const store = await storeFor(t);
  for (const index of [0, 1, 2]) await put(store, partial(index));
  const last = partial(3);
  const environment = { ...last.environment, version: '1' };
  await put(store, { ...last, environment, clock: { lowMs: 5_000, highMs: 5_010, probes: 5 } });
  const { fleet, check } = await merged(store);
  assert.deepEqual([fleet.clocksApartMs, fleet.clockSpreadMs], [4_999, 5_013]);
  assert.deepEqual(fleet.programs, ['0, Node v20', '1, Node v20']);
  assert.equal(check.verdict, 'invalid');
});

test('a worker that is missing is named with its share, and nothing is made up for it', async (t) => {
  const store = await storeFor(t);
  for (const index of [0, 2, 3]) await put(store, partial(index));
  const { result, fleet, check } = await merged(store);
  assert.deepEqual(fleet.missing, [1]);
  assert.deepEqual(fleet.missingShare, {
    connections: 3,
    connectionsOfAll: 10,
    messages: 60,
    messagesOfAll: 200,
  });
  assert.deepEqual([result.messages.scheduled, result.partial, check.verdict], [140, true, 'invalid']);
  assert.match(
    result.warnings[0]!.text,
    /worker 1 of 4 did not report: 3 of 10 connections and 60 of 200 messages/,
  );
});

test('what does not belong is named, each for its own reason, and changes nothing', async (t) => {
  const store = await storeFor(t);
  for (const index of [0, 1, 2, 3]) await put(store, partial(index));
  await put(store, partial(1), partialName(1, 'copy'));
  const again = partial(2);
  await put(store, { ...again, host: 'elsewhere' }, partialName(2, 'again'));
  await put(store, partial(0, { runId: 'fedcba9876543210' }), partialName(0, 'other-run'));
  await put(store, partial(0, { of: 5 }), partialName(0, 'other-of'));
  await put(store, partial(0, { startMs: START_MS + 1 }), partialName(0, 'other-start'));
  await put(store, partial(0, { planHash: 'f'.repeat(64) }), partialName(0, 'other-plan'));
  await store.put(partialName(3, 'cut'), (await packPartial(partial(3))).subarray(0, 300));
  await store.put(partialName(3, 'text'), new TextEncoder().encode('{"schema":2}'));
  const broken = partial(3);
  const [second] = broken.part.seconds;
  const arrivals = { warmup: 0, measured: 7 };
  await put(
    store,
    {
      ...broken,
      identity: { ...broken.identity, index: 3 },
      part: { ...broken.part, seconds: [{ ...second!, arrivals }] },
    },
    partialName(3, 'unbalanced'),
  );
  const { result, fleet, check } = await merged(store);
  const verdicts = Object.fromEntries(
    fleet.rejected.map(({ name, verdict }) => [name.split('.')[1], verdict]),
  );
  assert.deepEqual(verdicts, {
    'other-run': 'foreign',
    'other-of': 'foreign',
    'other-start': 'foreign',
    'other-plan': 'unreadable',
    copy: 'duplicate',
    again: 'conflict',
    cut: 'unreadable',
    text: 'unreadable',
    unbalanced: 'conflict',
  });
  assert.equal(result.messages.scheduled, 200);
  assert.equal(check.verdict, 'invalid', 'a share that was driven twice is no valid run');
});

test('a partial whose counts contradict each other is not added, and its worker is missing', async (t) => {
  const store = await storeFor(t);
  for (const index of [0, 1, 2]) await put(store, partial(index));
  const broken = partial(3);
  const seconds = broken.part.seconds.map((one) => ({ ...one, arrivals: { warmup: 0, measured: 0 } }));
  await put(store, { ...broken, part: { ...broken.part, seconds } });
  const { fleet } = await merged(store);
  assert.deepEqual([fleet.missing, fleet.rejected[0]?.verdict], [[3], 'unbalanced']);
});

test('the run that the store says it holds is merged, were it the minority', async (t) => {
  const store = await storeFor(t);
  await putRun(store, { runId: RUN_ID, planHash: HASH, of: 4, engine: 'slurm', job: '7' });
  await putStart(store, RUN_ID, START_MS);
  await put(store, partial(0));
  for (const index of [1, 2, 3]) await put(store, partial(index, { runId: 'fedcba9876543210' }));
  const { fleet } = await merged(store);
  assert.deepEqual([fleet.runId, fleet.missing, fleet.rejected.length], [RUN_ID, [1, 2, 3], 3]);
});

test('a store without partials, or with as many of one run as of another, is refused', async (t) => {
  const store = await storeFor(t);
  await assert.rejects(collect(store), NothingToMerge);
  await put(store, partial(0));
  await put(store, partial(1, { runId: 'fedcba9876543210' }));
  await assert.rejects(collect(store), /keep one run in a directory/);
});

test('a store that fails while many files of it are being read says how, once', async (t) => {
  const store = await storeFor(t);
  for (let index = 0; index < 20; index++) await put(store, partial(index % 4), partialName(index));
  const failing: Store = Object.assign(Object.create(store), {
    get: (name: string) =>
      name.startsWith('worker-') ? Promise.reject(new Error('access denied')) : Promise.resolve(null),
    list: (prefix: string) => store.list(prefix),
  });
  await assert.rejects(collect(failing), /access denied/);
});

test('clocks that are not known cast doubt, and a worker that comes after the window makes the run invalid', async (t) => {
  const store = await storeFor(t);
  const late = partial(3);
  for (const index of [0, 1, 2]) await put(store, partial(index));
  await put(store, { ...late, clock: null });
  assert.equal((await merged(store)).check.verdict, 'unknown');
  await put(store, { ...late, times: { ...late.times, latenessMs: 2500 }, clock: null });
  const { check } = await merged(store);
  assert.equal(check.verdict, 'invalid');
  assert.match(
    check.evidence,
    /1 came late, the last by 2500\.00 ms; how far their clocks are apart is not known/,
  );
});

test('a plan that travels is the same plan when it arrives', () => {
  for (const plan of [
    PLAN,
    planWith({
      load: { kind: 'closed', inFlight: 3 },
      reconnect: true,
      stage: 'my-stack',
      region: 'eu-west-1',
    }),
  ]) {
    const arrived = parsePlan(settingsOfPlan(plan), {}).plan;
    assert.deepEqual(arrived, plan);
    assert.equal(planHashOf(arrived), planHashOf(plan));
  }
  assert.notEqual(planHashOf(PLAN), planHashOf({ ...PLAN, seed: 2 }));
  assert.equal(travelProblems({ ...PLAN, stage: 'local' }, 4).length, 1);
  assert.equal(travelProblems(PLAN, 11).length, 1);
});

test('a store adds a file once, replaces what is put, and tells its clock', async (t) => {
  const store = await storeFor(t);
  assert.equal(await store.add('a', new Uint8Array([1])), true);
  assert.equal(await store.add('a', new Uint8Array([2])), false);
  assert.deepEqual([...(await store.get('a'))!], [1]);
  await store.put('a', new Uint8Array([3]));
  assert.deepEqual([...(await store.get('a'))!], [3]);
  assert.equal(await store.get('b'), null);
  const told = await store.clock('probe');
  assert.ok(Math.abs(told - Date.now()) < 60_000, `${told}`);
  assert.deepEqual(await store.list(''), ['a']);
});

test('what was sent to see that the stage is ready is entered, unless it ended minutes before the workers began', async (t) => {
  const trafficWith = async (endedBeforeMs: number) => {
    const store = await storeFor(t);
    const toMs = START_MS - 5000 - endedBeforeMs;
    const probed = { fromMs: toMs - 3000, toMs, sent: 20, unanswered: 7, throttled: 3 };
    await putRun(store, { runId: RUN_ID, planHash: HASH, of: 2, engine: 'slurm', job: '1', probed });
    for (const index of [0, 1]) {
      const one = partial(index, { of: 2 });
      await put(store, { ...one, run: { ...one.run, unansweredProbes: index } });
    }
    const { startEpochMs, expectedRecords, probes } = (await merged(store)).result.traffic!;
    return { startEpochMs, expectedRecords, probes };
  };
  assert.deepEqual(await trafficWith(1000), {
    startEpochMs: START_MS - 9000,
    expectedRecords: 200 + 22,
    probes: { sent: 22, unanswered: 8, throttled: 3 },
  });
  assert.deepEqual(await trafficWith(120_000), {
    startEpochMs: START_MS - 5000,
    expectedRecords: 200 + 2,
    probes: { sent: 2, unanswered: 1 },
  });
});
