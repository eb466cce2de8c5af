/**
 * What a run's result is to say, field by field, from a record in which every number is different: a percentile for
 * another, a series for another, a count divided by another's time all come to a wrong value here. What is expected is
 * worked out from the table of the record by the plainest means: sums of columns, and samples sorted one by one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { assertGolden } from '../../reports/testing/golden.ts';
import {
  CONNECT_SAMPLES,
  COST,
  type DistinctRun,
  evenRun,
  MEASURED_FROM_MS,
  oddRun,
  type Samples,
  thresholdsOf,
} from '../measure/testing/distinct-run.ts';
import type { Interval, Quantiles, RunResult } from '../model/result.ts';
import { RUN_RESULT } from '../model/result.ts';
import { upperBound95 } from './ordering-bound.ts';
import { withCost } from './priced.ts';
import { summarise } from './summary.ts';

function resultOf({ record }: DistinctRun): RunResult {
  return withCost(summarise(record, thresholdsOf(record)), COST);
}

/** All samples one by one, in order. */
function sorted(samples: Samples): number[] {
  return samples.flatMap(([value, count]) => Array<number>(count).fill(value)).sort((a, b) => a - b);
}

/** By its definition: the value at or below which the share of the samples lies; null with fewer than ten beyond it. */
function at(values: readonly number[], perMille: number, unit: number): number | null {
  const beyond = (values.length * (1000 - perMille)) / 1000;
  return beyond < 10 ? null : values[Math.ceil((values.length * perMille) / 1000) - 1]! / unit;
}

function quantiles(samples: Samples = [], unit = 1000): Quantiles {
  const values = sorted(samples);
  return {
    count: values.length,
    min: values[0]! / unit,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length / unit,
    p50: at(values, 500, unit),
    p90: at(values, 900, unit),
    p95: at(values, 950, unit),
    p99: at(values, 990, unit),
    p999: at(values, 999, unit),
    max: values.at(-1)! / unit,
  };
}

function intervals(run: DistinctRun, seconds: number, strange: Readonly<Record<number, object>>): Interval[] {
  return Array.from({ length: seconds }, (_, second) => {
    const rows = run.rows.filter((row) => row.second === second);
    const sum = (name: Exclude<keyof (typeof rows)[number], 'shape'>) =>
      rows.reduce((total, row) => total + row[name], 0);
    const response = sorted(run.samplesIn('response', second));
    const service = sorted(run.samplesIn('service', second));
    return {
      second,
      scheduled: sum('due'),
      sent: sum('sent'),
      delivered: sum('delivered'),
      lost: 0,
      reordered: sum('reordered'),
      duplicated: sum('duplicated'),
      unexpected: 0,
      refused: sum('refused'),
      connections: sum('connections'),
      p50: at(response, 500, 1000),
      p90: at(response, 900, 1000),
      p99: at(response, 990, 1000),
      max: response.length === 0 ? null : response.at(-1)! / 1000,
      serviceP50: at(service, 500, 1000),
      serviceP99: at(service, 990, 1000),
      ...strange[second],
    };
  });
}

const HOPS_MEAN_MS = 0.151 + 0.459 + 0.263 + 0.179;

function hopsOf({ samples }: DistinctRun, negative: number, offsetBoundMs: number | null) {
  return {
    ingest: quantiles(samples.get('ingest')),
    queue: quantiles(samples.get('queue')),
    process: quantiles(samples.get('process')),
    deliver: quantiles(samples.get('deliver')),
    negative,
    offsetBoundMs,
    shares: {
      ingest: 0.151 / HOPS_MEAN_MS,
      queue: 0.459 / HOPS_MEAN_MS,
      process: 0.263 / HOPS_MEAN_MS,
      deliver: 0.179 / HOPS_MEAN_MS,
    },
    sum: {
      samples: 20_011,
      hopsMeanMs: HOPS_MEAN_MS,
      serviceMeanMs: 1.053,
      differenceMs: -0.001,
      toleranceMs: 0.003,
    },
  };
}

const rate = (count: number, of: number) => ({ count, of, upper95: upperBound95(count, of) });

/** Of the 25 streams those with most violations, which grow with the index by eight in all. */
const WORST = Array.from({ length: 20 }, (_, rank) => {
  const index = 24 - rank;
  return {
    stream: 3000 + 7 * ((index * 11) % 25),
    delivered: 9000 + 13 * index,
    reordered: 6101 + index,
    duplicated: 6203 + 3 * index,
    lost: 6400 - index,
    unexpected: 6500 + 5 * index,
  };
});

/** The health of eleven reports, of which the last is the worst, and a hundredth and a tenth apart. */
const DRIVER = {
  seconds: 11,
  utilizationMean: 0.451,
  utilizationMax: 0.501,
  loopDelayP99Ms: 4.67,
  loopDelayMaxMs: 6.73,
  gcCount: 11 * 379 + 55,
  gcMs: 11 * 8.25 + 55 / 4,
  gcMaxMs: 2.99,
  cpuCoresMax: 1.497,
  backlogMaxBytes: 40_019,
  stealShare: 0.0173,
};

/** All but the sentences of judgement, which are a golden text. */
type Figures = Omit<RunResult, 'validity' | 'warnings'>;

const iso = (sinceMs: number) => new Date(MEASURED_FROM_MS + sinceMs).toISOString();

function identity({ record: { plan, environment, stage } }: DistinctRun) {
  const schema: 1 = 1;
  const named = { schema, id: 'run-of-distinct-numbers', name: 'distinct' };
  const times = { startedAt: iso(-31_013), endedAt: iso(17_209), measuredFrom: iso(0) };
  return { ...named, ...times, plan, environment, stage, driver: DRIVER };
}

/** What was driven, and how long the driver took for it, in ms. */
const perSecond = (count: number) => count / 9.103;

function expectedOfOdd(run: DistinctRun): Figures {
  const { samples, record } = run;
  const [fault, lasting] = record.plan.faults!.faults;
  return {
    ...identity(run),
    partial: true,
    connections: {
      ...{ requested: 12_757, opened: 12_007 + 257, failed: 419 + 5, closedEarly: 353 + 359 },
      ...{ attempts: 14_011 + 311, failedAttempts: 1201 + 7, throttled: 421 + 37, reconnects: 431 + 19 },
      ...{ churned: 479 + 23, reopened: 439 + 17, churnMissed: 443 + 31, refusedInChurn: 53 + 11 },
      failures: { HTTP_429: 457 + 2, ECONNREFUSED: 461, CLOSE_1006: 353, PROTOCOL_RSV1: 359 },
      details: { HTTP_429: 'it answered 429', CLOSE_1006: 'gone' },
      connect: quantiles(CONNECT_SAMPLES),
    },
    messages: {
      ...{ scheduled: 23_424, sent: 23_113, refused: 311, delivered: 22_609, lost: 379 },
      // 31 were reported; 94 more were sent by a worker that died before it settled them.
      indeterminate: 31 + 94,
      ...{ duplicated: 1543, reordered: 929 },
      unexpected: {
        ...{ gatewayError: 193, corrupt: 197, otherStream: 203, otherRun: 211, unsent: 223, expired: 227 },
      },
      warmup: {
        ...{ scheduled: 4057, sent: 3946, refused: 111, indeterminate: 21, delivered: 3902, lost: 23 },
        ...{ duplicated: 173, reordered: 371, unexpected: { gatewayError: 373, foreign: 191 } },
      },
    },
    throughput: {
      offeredPerSecond: perSecond(23_424),
      sentPerSecond: perSecond(23_113),
      deliveredPerSecond: perSecond(22_609),
    },
    latency: {
      response: quantiles(samples.get('response')),
      service: quantiles(samples.get('service')),
      sendLag: quantiles(samples.get('sendLag')),
      hops: hopsOf(run, 383, null),
    },
    ordering: {
      reorderedRatio: 929 / 22_609,
      extent: quantiles(samples.get('extent'), 1),
      lateTime: quantiles(samples.get('lateTime')),
      duplicatedRatio: 1543 / 22_609,
      lossRatio: 379 / 23_113,
      upperBound95: null,
      where: { ingest: 313, delivery: 317, unknown: 331 },
      detail: {
        rates: {
          reordered: rate(929, 22_609),
          duplicated: rate(1543, 22_609),
          lost: rate(379, 23_113),
          corrupt: rate(197, 22_609 + 1543 + 1254),
          otherStream: rate(203, 22_609 + 1543 + 1254),
          otherRun: rate(211, 22_609 + 1543 + 1254),
          unsent: rate(223, 22_609 + 1543 + 1254),
        },
        nReordering: quantiles(samples.get('nReordering'), 1),
        nReordered: Array.from(
          { length: 16 },
          (_, index) => sorted(samples.get('nReordering') ?? []).filter((degree) => degree > index).length,
        ),
        runs: quantiles(samples.get('runs'), 1),
        gaps: quantiles(samples.get('gaps'), 1),
        waitingMs: 3907,
        streams: { affected: 29, of: 12_264 + 450 + 456, worst: WORST, unranked: 4 },
        shards: [
          { shard: 'shardId-000000000000', delivered: 10_343, reordered: 8123, duplicated: 8147 },
          { shard: 'shardId-000000000001', delivered: 10_337, reordered: 8111, duplicated: 8117 },
        ],
      },
    },
    faults: [
      {
        fault: fault!,
        fromMs: 3137,
        untilMs: 3137 + 1291,
        tally: { touched: 1409, lost: 1423, duplicated: 1427, reordered: 1429 },
        // Second 7 is the first that ends with no more outstanding, second 6 the first of three that are as fast.
        recovery: {
          backlogMs: 3000,
          p99Ms: 1000,
          p99BeforeMs: at(
            sorted([0, 1, 2].flatMap((second) => run.samplesIn('response', second))),
            990,
            1000,
          )!,
        },
      },
      {
        ...{ fault: lasting!, fromMs: 6151, untilMs: null, recovery: null },
        tally: { touched: 1433, lost: null, duplicated: null, reordered: null },
      },
    ],
    intervals: intervals(run, 11, { 3: { unexpected: 1254, lost: 167 }, 4: { lost: 212 } }),
    metrics: { ...record.metrics!, complete: false },
    cost: COST,
    traffic: {
      startEpochMs: MEASURED_FROM_MS - 31_013,
      endEpochMs: MEASURED_FROM_MS + 13_163,
      // Less the gateway's errors, and with what the fault doubled and dropped on the way in.
      expectedRecords: 3946 + 23_113 + 1283 - 373 - 193 + 1427 - 1423,
      probes: { sent: 1283, unanswered: 19, throttled: 31 },
    },
    losses: {
      lost: 379,
      // Of the 280 and 205 that were refused, 23 + 21 + 125 + 19 may have been others.
      refused: { atLeast: 280 - 188, atMost: 280 },
      throttled: { atLeast: 205 - 188, atMost: 205 },
    },
    thresholds: [
      { expression: 'latency.response.p99 < 1.4', value: quantiles(samples.get('response')).p99, ok: true },
      { expression: 'messages.lost == 0', value: 379, ok: false },
      { expression: 'metrics.iteratorAge.max < 1400', value: 1373, ok: true },
      { expression: 'cost.total < 1', value: 0.8831, ok: true },
    ],
  };
}

/** What a run in which nothing goes wrong has otherwise. */
function expectedOfEven(run: DistinctRun) {
  const { samples, record } = run;
  const p90BeforeMs = at(
    sorted([0, 1, 2].flatMap((second) => run.samplesIn('response', second))),
    900,
    1000,
  )!;
  return {
    ...identity(run),
    partial: false,
    throughput: {
      offeredPerSecond: perSecond(7698),
      sentPerSecond: perSecond(7698),
      deliveredPerSecond: perSecond(7530),
    },
    latency: {
      response: quantiles(samples.get('response')),
      service: quantiles(samples.get('service')),
      sendLag: quantiles(samples.get('sendLag')),
      // The fastest delivery took longer than the fastest ingest; a stamp is a millisecond.
      hops: hopsOf(run, 0, 1 + quantiles(samples.get('deliver')).min!),
    },
    intervals: intervals(run, 11, {}),
    metrics: { ...record.metrics!, complete: true },
    losses: undefined,
    upperBound95: 1 - 0.05 ** (1 / 7530),
    recovery: { backlogMs: 3000, p99Ms: 0, p99BeforeMs: p90BeforeMs, percentile: 'p90' },
  };
}

/** To twelve digits: which of two orders of a sum was taken is nobody's concern. */
function rounded<Value>(value: Value): Value {
  const round = (_: string, one: unknown) => (typeof one === 'number' ? Number(one.toPrecision(12)) : one);
  return JSON.parse(JSON.stringify(value, round)) as Value;
}

test('every figure of a run in which everything happens is what its table says', () => {
  const run = oddRun();
  const { validity: _, warnings: __, ...figures } = resultOf(run);
  assert.deepEqual(rounded(figures), rounded(expectedOfOdd(run)));
});

test('every figure of a run in which nothing goes wrong is what its table says', () => {
  const run = evenRun();
  const { ordering, faults, ...result } = resultOf(run);
  const expected = expectedOfEven(run);
  const { losses } = result;
  const found = { ...result, losses, upperBound95: ordering.upperBound95, recovery: faults?.[0]?.recovery };
  const picked = Object.fromEntries(
    Object.keys(expected).map((name) => [name, found[name as keyof typeof found]]),
  );
  assert.deepEqual(rounded(picked), rounded(expected));
});

test('metrics are complete only where nothing is missing, nothing else was said, and nothing is half-open', () => {
  const { record } = evenRun();
  const completeWith = (changes: Partial<typeof record>) =>
    summarise({ ...record, ...changes }, []).metrics?.complete;
  const metrics = record.metrics!;
  const [first, second] = record.faultTallies!;
  assert.deepEqual(
    {
      asItIs: completeWith({}),
      problems: completeWith({
        metrics: { ...metrics, problems: ['CloudWatch had nothing of one function.'] },
      }),
      fewer: completeWith({ metrics: { ...metrics, incomingRecords: metrics.incomingRecords! - 1 } }),
      unknown: completeWith({ metrics: { ...metrics, incomingRecords: null } }),
      halfOpen: completeWith({ faultTallies: [first!, { ...second!, touched: 1 }] }),
      uncounted: completeWith({ faultTallies: [first!] }),
    },
    { asItIs: true, problems: false, fewer: false, unknown: false, halfOpen: false, uncounted: false },
  );
});

test('what is said of both runs has the figures of its own sentence', () => {
  const lines = [oddRun(), evenRun()].flatMap((run) => {
    const { validity, warnings, partial } = resultOf(run);
    return [
      `partial ${partial}: ${validity.verdict}`,
      ...validity.checks.map(({ name, verdict, evidence }) => `${verdict}, ${name}: ${evidence}`),
      ...warnings.flatMap(({ code, text, advice }) => [`${code}: ${text}`, `    ${advice}`]),
    ];
  });
  assertGolden('judgement', lines);
});

/** Paths of the leaves of a value: elements of lists are `[]`, and entries of records too. */
function leavesOf(value: unknown, at = ''): Map<string, unknown[]> {
  const leaves = new Map<string, unknown[]>();
  const walk = (one: unknown, path: string): void => {
    if (typeof one !== 'object' || one === null) leaves.set(path, [...(leaves.get(path) ?? []), one]);
    else
      for (const [name, inner] of Object.entries(one))
        walk(inner, `${path}.${Array.isArray(one) ? '[]' : name}`);
  };
  walk(value, at);
  return leaves;
}

/** Paths of everything that the schema declares, in the same form. Entries of records end in `*`. */
function declaredIn(schema: z.core.$ZodType, at = ''): string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, inner]) => declaredIn(inner, `${at}.${name}`));
  if (schema instanceof z.ZodArray) return declaredIn(schema.element, `${at}.[]`);
  if (schema instanceof z.ZodRecord) return declaredIn(schema.valueType, `${at}.*`);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => declaredIn(option, at));
  const inner = 'innerType' in schema._zod.def ? (schema._zod.def.innerType as z.core.$ZodType) : undefined;
  return inner === undefined ? [at] : declaredIn(inner, at);
}

/** Copied whole from what the run was given, as the first tests say. */
const GIVEN = /^\.(plan|environment|stage|faults\.\[\]\.fault)\./;

/** Where its sentences are: the golden text. */
const SENTENCES = /^\.(validity|warnings)\./;

/** Whether a path is what is declared: `*` stands for the name of any entry. */
function isAt(path: string, declared: string): boolean {
  const [names, pattern] = [path.split('.'), declared.split('.')];
  return (
    names.length === pattern.length && pattern.every((one, index) => one === '*' || one === names[index])
  );
}

test('every field that a result declares has an expected value above, and every field expected is declared', () => {
  const even = expectedOfEven(evenRun());
  const expected = leavesOf(expectedOfOdd(oddRun()));
  const { upperBound95: _, recovery, ...others } = even;
  const more = leavesOf({ ...others, ordering: { upperBound95: even.upperBound95 }, faults: [{ recovery }] });
  for (const [path, values] of more) expected.set(path, [...(expected.get(path) ?? []), ...values]);
  const known = [...expected]
    .filter(([, values]) => values.some((value) => value !== null && value !== undefined))
    .map(([path]) => path);
  const declared = [...new Set(declaredIn(RUN_RESULT))];
  const missing = declared.filter(
    (path) => !GIVEN.test(path) && !SENTENCES.test(path) && !known.some((one) => isAt(one, path)),
  );
  assert.deepEqual(missing, [], 'declared, and no test has a value for it');
  const unknown = known.filter((path) => !declared.some((one) => isAt(path, one)));
  assert.deepEqual(unknown, [], 'expected, and not declared in the schema');
});

/** What is the same number for being the same fact, or for numbering something. */
const SAME_FACT = [
  /^\.(schema|intervals\.\[\]\.second|faults\.\[\]\.(fault\..*|fromMs)|metrics\.(series\.\[\]\.timestamps\.\[\]|window\..*))$/,
  /^\.(plan|environment)\./,
  /^\.(thresholds\.\[\]\.value|losses\.lost|ordering\.detail\.rates\.\w+\.(count|of)|latency\.response\.count)$/,
  /^\.latency\.hops\.sum\.toleranceMs$/,
  // Degrees are small, and few of them are told apart.
  /^\.ordering\.detail\.nReorder(ing\.\w+|ed\.\[\])$/,
];

test('no two numbers of the run are equal but where they are one fact, nor any two within its seconds', () => {
  const { intervals: seconds, ...rest } = resultOf(oddRun());
  for (const part of [{ ...rest }, { intervals: seconds }]) {
    const pathsOf = new Map<unknown, string[]>();
    for (const [path, values] of leavesOf(part))
      for (const value of values)
        if (typeof value === 'number' && value !== 0 && !SAME_FACT.some((same) => same.test(path)))
          pathsOf.set(value, [...(pathsOf.get(value) ?? []), path]);
    assert.deepEqual(
      [...pathsOf].filter(([, paths]) => paths.length > 1),
      [],
    );
  }
});
