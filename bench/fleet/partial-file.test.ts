import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FleetPartial, PARTIAL_SCHEMA } from '../measure/fleet/partial.ts';
import { emptyHealth } from '../measure/health.ts';
import { newHistogram, type SparseHistogram, sparseOf } from '../measure/histogram.ts';
import { emptyOrder } from '../measure/ordering-report.ts';
import type { PackedHistogram } from '../measure/packed-histogram.ts';
import { Rollup } from '../measure/rollup.ts';
import type { Second } from '../measure/second.ts';
import { SERIES } from '../measure/second.ts';
import type { SharePart } from '../measure/share.ts';
import { emptyOpening } from '../measure/share.ts';
import { emptyTally } from '../measure/tally.ts';
import { PACINGS } from '../model/plan.ts';
import { packPartial, readPartial, UnreadablePartial, unzipped } from './partial-file.ts';
import { unpackedPart } from './testing/unpacked-part.ts';

/** Objects like those of JSON and of literals. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const few = fc.integer({ min: 0, max: 3 });
const countsLike = <T extends object>(zeros: T) =>
  record(Object.fromEntries(Object.keys(zeros).map((name) => [name, few]))) as unknown as fc.Arbitrary<T>;
const named = <Name extends string>(...names: Name[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 2 ** 40 }), { noNullPrototype: true });
const bySecond = fc
  .dictionary(fc.nat({ max: 30 }).map(String), fc.nat(), { noNullPrototype: true })
  .map((counts) => counts as Record<number, number>);

const sparse: fc.Arbitrary<SparseHistogram> = fc
  .array(fc.integer({ min: 0, max: 3_600_000_000 }), { minLength: 1, maxLength: 5 })
  .map((samples) => {
    const histogram = newHistogram(32);
    for (const sample of samples) histogram.recordValue(sample);
    return sparseOf(histogram)!;
  });

const second: fc.Arbitrary<Second> = record({
  second: fc.integer({ min: -5, max: 30 }),
  warmup: countsLike(emptyTally()),
  measured: countsLike(emptyTally()),
  arrivals: countsLike({ warmup: 0, measured: 0 }),
  unexpected: named('unsent', 'expired'),
  unexpectedInWarmup: named('foreign'),
  where: countsLike({ ingest: 0, delivery: 0, unknown: 0 }),
  anomalies: countsLike({ clipped: 0, negative: 0, negativeHops: 0 }),
  closedEarly: named('1001', '1006'),
  connections: few,
  histograms: fc.dictionary(fc.constantFrom(...SERIES), sparse, { maxKeys: 3, noNullPrototype: true }),
}) as fc.Arbitrary<Second>;

const STREAM = { delivered: 0, reordered: 0, duplicated: 0, lost: 0, unexpected: 0 };

const part: fc.Arbitrary<SharePart> = record({
  opening: fc
    .tuple(countsLike(emptyOpening()), named('refused', '429'), fc.option(sparse))
    .map(([counts, failures, connect]) => ({ ...counts, failures, connect })),
  seconds: fc
    .uniqueArray(second, { selector: (one) => one.second, maxLength: 6 })
    .map((seconds) => seconds.sort((left, right) => left.second - right.second)),
  due: bySecond,
  order: record({
    affected: few,
    streams: fc
      .array(fc.tuple(fc.nat(), countsLike(STREAM)), { maxLength: 4 })
      .map((pairs) => new Map(pairs)),
    shards: fc
      .array(fc.tuple(fc.string(), countsLike({ delivered: 0, reordered: 0, duplicated: 0 })), {
        maxLength: 3,
      })
      .map((pairs) => new Map(pairs)),
    lostDue: bySecond,
    shortestWaitMs: fc.constantFrom(Number.POSITIVE_INFINITY, 12.5),
    hops: countsLike(emptyOrder().hops),
  }),
  health: fc.tuple(few, fc.subarray([...PACINGS])).map(([seconds, pacings]) => ({
    ...emptyHealth(),
    ...{ seconds, utilizationSum: seconds / 3, gcMs: 0.25 },
    pacings: new Set(pacings),
  })),
  violations: fc.constant([]),
});

const NO_PART: SharePart = new Rollup().toPart();

function partialWith(given: SharePart, host = 'node'): FleetPartial {
  return {
    schema: PARTIAL_SCHEMA,
    kind: 'fleet partial',
    identity: { runId: '0123456789abcdef', planHash: 'f'.repeat(64), index: 0, of: 1, startMs: 0 },
    plan: {},
    headerNames: [],
    host,
    environment: { node: 'v20', os: 'x', cpus: 'x', version: '0', commit: null, threads: 1, seed: 1 },
    clock: null,
    times: { startedMs: 0, readyMs: 0, latenessMs: 0, trafficEndedMs: 1, measuredMs: 1 },
    run: {
      interruption: null,
      stage: {
        ...{ kind: 'url', url: 'ws://x', name: 'x', region: null, parameters: {}, profile: null, notes: [] },
      },
      ...{ probes: 0, stageChange: null, sharesMachine: false, hostBusy: null, stealShare: null },
    },
    part: given,
  };
}

async function travelled(given: SharePart, host?: string): Promise<FleetPartial<PackedHistogram>> {
  return readPartial(await unzipped(await packPartial(partialWith(given, host)))).partial;
}

test('whatever a worker can have counted survives being written and read', async () => {
  await fc.assert(
    fc.asyncProperty(part, async (given) =>
      assert.deepEqual(unpackedPart((await travelled(given)).part), given),
    ),
    { numRuns: 60 },
  );
  assert.equal((await travelled(NO_PART, 'Zürich – 東京')).host, 'Zürich – 東京');
});

test('many parts that were read, more than are added together, add up as if none had been packed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async (parts) => {
      const plain = new Rollup();
      const packed = new Rollup();
      for (const given of parts) {
        const read = (await travelled(given)).part;
        for (let copy = 0; copy < 25; copy++) {
          packed.addPart(read);
          // Its sums are asked for each time, so that each is added by itself.
          plain.addPart(given);
          plain.toPart();
        }
      }
      assert.deepEqual(packed.toPart(), plain.toPart());
    }),
    { numRuns: 10 },
  );
});

/** A part with something in every place that is a column. */
const COUNTED: SharePart = {
  ...NO_PART,
  seconds: [0, 1].map((at) => ({
    second: at,
    ...{ warmup: emptyTally(), measured: { ...emptyTally(), sent: 2 } },
    arrivals: { warmup: 0, measured: 2 },
    unexpected: { unsent: 1 },
    unexpectedInWarmup: {},
    where: { ingest: 0, delivery: 0, unknown: 0 },
    anomalies: { clipped: 0, negative: 0, negativeHops: 0 },
    closedEarly: {},
    connections: 3,
    histograms: { response: { buckets: [5, 2], max: 5 } },
  })),
  due: { 0: 2, 1: 2 },
  order: {
    ...emptyOrder(),
    streams: new Map([1, 2].map((stream) => [stream, STREAM])),
  },
};

/** What is set in the file, and what is then said. */
const DAMAGES: readonly (readonly [path: string, value: unknown, message: string])[] = [
  ['schema', 1, 'it is of schema 1, and this program reads schema 2'],
  ['schema', 3, 'it is of schema 3, and this program reads schema 2'],
  ['times.measuredMs', -4, 'times.measuredMs: Too small: expected number to be >=0'],
  ['clock', { lowMs: 9, highMs: -9, probes: 5 }, 'clock: its lower bound is above the upper one'],
  ['part.seconds.measured.sent', [2, -1], 'part.seconds.measured.sent: -1 at 1 is no count'],
  ['part.seconds.measured.sent', [2, 0.5], 'part.seconds.measured.sent: 0.5 at 1 is no count'],
  ['part.seconds.measured.sent', ['2', 2], 'part.seconds.measured.sent: "2" at 0 is no count'],
  ['part.seconds.measured.sent', { 0: 2 }, 'part.seconds.measured.sent: must be an array of whole numbers'],
  [
    'part.seconds.measured.sent',
    [2],
    'part.seconds.measured.sent: must have a value for each of the 2 seconds',
  ],
  ['part.seconds.connections', [3], 'part.seconds.connections: must have a value for each of the 2 seconds'],
  [
    'part.seconds.unexpected.unsent',
    [1, 1, 1],
    'part.seconds.unexpected.unsent: must have a value for each of the 2 seconds',
  ],
  ['part.seconds.second', [1, 1], 'part.seconds.second: must be in order'],
  ['part.seconds.second', [0, 1e9], 'part.seconds.second: a run has no second beyond 259200'],
  ['part.seconds.second', [0, null], 'part.seconds.second: null at 1 is no whole number'],
  [
    'part.seconds.histograms.response',
    'AA==',
    'part.seconds.histograms.response: must have a value for each of the 2 seconds',
  ],
  [
    'part.seconds.histograms.response',
    'AQ==',
    'part.seconds.histograms.response: it ends within a histogram',
  ],
  ['part.seconds.histograms.response', 'AQ!F', 'part.seconds.histograms.response: it is no base64'],
  ['part.opening.connect', '', 'part.opening.connect: must be one histogram'],
  ['part.due.count', [2], 'part.due.count: must have one for each second'],
  ['part.due.second', [1, 1], 'part.due.second: must be different seconds'],
  ['part.order.streams.lost', [0], 'part.order.streams.lost: must have a value for each stream'],
  ['part.order.streams.stream', [1, 1], 'part.order.streams.stream: must be different streams'],
  [
    'part.order.shards',
    Array(2).fill(['a', { delivered: 0, reordered: 0, duplicated: 0 }]),
    'part.order.shards: must be different shards',
  ],
  ['part.opening.opened', -1, 'part.opening.opened: Too small: expected number to be >=0'],
  ['part.seconds.histograms.sideways', '', 'part.seconds.histograms: Unrecognized key: "sideways"'],
];

test('a file with anything wrong is refused with the name of the field', async () => {
  const text = (await unzipped(await packPartial(partialWith(COUNTED)))).toString();
  readPartial(Buffer.from(text));
  for (const [path, value, message] of DAMAGES) {
    const damaged = JSON.parse(text);
    const names = path.split('.');
    const last = names.pop()!;
    names.reduce((place, name) => place[name], damaged)[last] = value;
    assert.throws(
      () => readPartial(Buffer.from(JSON.stringify(damaged))),
      (error) => {
        assert.ok(error instanceof UnreadablePartial, `${path}: ${String(error)}`);
        const fields = `it has wrong fields: ${message}. Copy it from its worker again`;
        assert.equal(error.message, path === 'schema' ? message : fields);
        return true;
      },
    );
  }
});
