/**
 * A made-up run in which every number is different, so that one that is shown in another's place, summed into another or
 * divided by another comes to a wrong value. Counts are rows of a table, times are primes below 2,048 µs, which histograms
 * hold exactly. It keeps the laws that counts obey and would otherwise never happen. {@link oddRun} has something of
 * everything that can go wrong; {@link evenRun} is the same without violations, and shorter.
 */

import { parseThreshold, type Threshold } from '../../judge/threshold.ts';
import { type Fault, PLAIN_FAULT } from '../../model/fault.ts';
import type { Plan } from '../../model/plan.ts';
import { initialPlan } from '../../model/plan-settings.ts';
import type { MetricSeries, RunCost, RunResult, StageFacts, StageMetrics } from '../../model/result.ts';
import type { Violation } from '../../model/violation.ts';
import { newHistogram, type SparseHistogram, sparseOf } from '../histogram.ts';
import type { HopSums, OrderReport, ShardCounts, StreamCounts } from '../ordering-report.ts';
import { emptyOrder } from '../ordering-report.ts';
import type { RunRecord } from '../record.ts';
import { Rollup } from '../rollup.ts';
import { SERIES, type Series } from '../second.ts';
import type { OpeningReport, SecondReport, ShareEvent } from '../share.ts';
import type { Tally } from '../tally.ts';

/** UTC milliseconds of the start of measurement. */
export const MEASURED_FROM_MS = Date.UTC(2026, 3, 5, 6, 7, 8, 91);

/** Samples as pairs of a value and how often it came. */
export type Samples = readonly (readonly [value: number, count: number])[];

const PRIMES = Array.from({ length: 2048 }, (_, number) => number).filter(
  (number) => number > 1 && !upToRoot(number).some((divisor) => number % divisor === 0),
);

/** From 2 on. */
function upToRoot(number: number): number[] {
  return Array.from({ length: Math.floor(Math.sqrt(number)) - 1 }, (_, index) => index + 2);
}

/** Primes of each of the seven levels of a distribution. */
const PER_LEVEL = 44;

/** In thousandths, what lies at or below each level: every percentile that is shown falls on a level of its own. */
const CALM = [50, 700, 930, 975, 995, 999.6, 1000];
/** The same where the fault is at work: the 99th percentile is a level higher. */
const UPSET = [50, 700, 930, 975, 983, 999.6, 1000];

/** `count` samples on the levels that belong to the slot, of which there are 44. */
function samplesOf(slot: number, count: number, shape: readonly number[] = CALM): Samples {
  const upTo = shape.map((share) => Math.round((share * count) / 1000));
  return upTo.map((end, level) => [PRIMES[level * PER_LEVEL + slot]!, end - (upTo[level - 1] ?? 0)]);
}

/** One report of a worker: its counts, and how many times of each kind it has. */
interface Row extends Omit<Tally, 'scheduled'> {
  readonly second: number;
  readonly due: number;
  readonly connections: number;
  readonly shape: readonly number[];
}

type Columns = readonly [
  second: number,
  due: number,
  sent: number,
  refused: number,
  indeterminate: number,
  delivered: number,
  lost: number,
  duplicated: number,
  reordered: number,
  connections: number,
];

/** What was measured. Seconds 3 to 5 are those of a fault; second 10 is in the drain; the last row is another worker's. */
// biome-ignore format: a table
const TABLE: readonly Columns[] = [
  [0, 2503, 2417, 11, 2, 2207, 0, 109, 59, 1201],
  [1, 2521, 2423, 13, 3, 2371, 0, 113, 67, 1213],
  [2, 2531, 2437, 17, 5, 2393, 0, 127, 71, 1217],
  [3, 2539, 2441, 19, 7, 1301, 0, 131, 73, 1223],
  [4, 2543, 2447, 23, 0, 1409, 0, 137, 79, 1229],
  [5, 2549, 2459, 29, 0, 2803, 0, 139, 83, 1231],
  [6, 2551, 2467, 37, 0, 2999, 0, 149, 89, 1237],
  [7, 2557, 2473, 41, 0, 3803, 0, 151, 97, 1249],
  [8, 2579, 2477, 43, 0, 2029, 0, 157, 101, 1259],
  [10, 61, 53, 47, 14, 281, 379, 163, 103, 1277],
  [1, 1031, 1019, 31, 0, 1013, 0, 167, 107, 1279],
];

function rowOf([second, due, sent, refused, indeterminate, delivered, lost, ...rest]: Columns): Row {
  const [duplicated, reordered, connections] = rest;
  const counts = { due, sent, refused, indeterminate, delivered, lost, duplicated, reordered, connections };
  return { second, ...counts, shape: second >= 3 && second <= 5 ? UPSET : CALM };
}

/** A third of it without anything that went wrong. */
function evenRow({ due, sent, delivered, connections, ...row }: Row): Row {
  const third = (count: number) => Math.floor(count / 3);
  const none = { refused: 0, indeterminate: 0, lost: 0, duplicated: 0, reordered: 0 };
  return { ...row, ...none, due: third(due), sent: third(sent), delivered: third(delivered), connections };
}

const WARMUP: Tally = {
  scheduled: 4057,
  sent: 3946,
  refused: 111,
  indeterminate: 21,
  delivered: 3902,
  lost: 23,
  duplicated: 173,
  reordered: 371,
};

/** Arrivals that were no answers, by kind. */
const UNEXPECTED = {
  warmup: { gatewayError: 373, foreign: 191 },
  measured: { gatewayError: 193, corrupt: 197, otherStream: 203, otherRun: 211, unsent: 223, expired: 227 },
};

/** Sums of hops in whole microseconds. */
const HOPS: HopSums = {
  samples: 20_011,
  ingest: 20_011 * 151,
  queue: 20_011 * 459,
  process: 20_011 * 263,
  deliver: 20_011 * 179,
  service: 20_011 * 1053,
};

/** Of 25 streams the 20 with most violations are told of, and 4 more are counted without being kept. */
const STREAMS = new Map<number, StreamCounts>(
  Array.from({ length: 25 }, (_, index) => {
    const stream = 3000 + 7 * ((index * 11) % 25);
    const [reordered, duplicated] = [6101 + index, 6203 + 3 * index];
    const [lost, unexpected] = [6400 - index, 6500 + 5 * index];
    return [stream, { delivered: 9000 + 13 * index, reordered, duplicated, lost, unexpected }];
  }),
);

const SHARDS = new Map<string, ShardCounts>([
  ['shardId-000000000001', { delivered: 10_337, reordered: 8111, duplicated: 8117 }],
  ['shardId-000000000000', { delivered: 10_343, reordered: 8123, duplicated: 8147 }],
]);

function orderOf(second: number): OrderReport {
  if (second === 2)
    return { ...emptyOrder(), affected: 13, hops: HOPS, lostDue: { 3: 167 }, shortestWaitMs: 3907 };
  if (second === 3)
    return { ...emptyOrder(), affected: 16, streams: STREAMS, shards: SHARDS, lostDue: { 4: 212 } };
  return emptyOrder();
}

/** Every fourth slot is that of a series which is not kept by the second: so far apart that three digits tell them apart. */
const otherSlot = (series: number) => series * 4;

/** Slots of the series that are kept by the second, latest second first, so that the 99th percentile falls as time goes on. */
const BY_SECOND = ['response', 'service', 'sendLag'] as const;
const FREE = Array.from({ length: PER_LEVEL }, (_, slot) => slot).filter((slot) => slot % 4 !== 0);
const slotOf = (row: number, series: number) => FREE[(BY_SECOND.length - series) * TABLE.length - 1 - row]!;

/** Degrees of reordering, of which those up to 16 are told apart. */
const DEGREES: Samples = [
  [1, 503],
  [2, 6521],
  [4, 2309],
  [6, 449],
  [9, 199],
  [15, 47],
  [22, 5],
];

/** Samples of the series that are not kept by the second, all of them in one report. */
function otherSamples(): [Series, Samples][] {
  const others = SERIES.filter((series) => !(BY_SECOND as readonly string[]).includes(series));
  return others.map((series, index) => [
    series,
    series === 'nReordering' ? DEGREES : samplesOf(otherSlot(index), 10_039 + 34 * index),
  ]);
}

export const CONNECT_SAMPLES = samplesOf(otherSlot(9), 12_743);

/** A second's samples. Not all arrivals have a time of each kind, so that the numbers of samples differ too. */
function samplesIn({ second, delivered, shape }: Row, row: number): [Series, Samples][] {
  const own = BY_SECOND.map((series, index): [Series, Samples] => [
    series,
    samplesOf(slotOf(row, index), delivered - index, shape),
  ]);
  return second === 2 ? [...own, ...otherSamples()] : own;
}

function sparse(samples: Samples): SparseHistogram {
  const histogram = newHistogram(32);
  for (const [value, count] of samples) if (count > 0) histogram.recordValueWithCount(value, count);
  return sparseOf(histogram)!;
}

const NO_TALLY: Tally = {
  scheduled: 0,
  sent: 0,
  refused: 0,
  indeterminate: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
};

function reportOf(row: Row, index: number, isOdd: boolean): SecondReport {
  const { second, due, connections, shape: _, ...counts } = row;
  const isSecond3 = isOdd && second === 3;
  const unexpected = isSecond3 ? UNEXPECTED.measured : {};
  return {
    kind: 'second',
    second,
    warmup: NO_TALLY,
    measured: { scheduled: counts.sent + counts.refused, ...counts },
    due: { [second]: due },
    arrivals: { warmup: 0, measured: counts.delivered + counts.duplicated + total(unexpected) },
    unexpected,
    unexpectedInWarmup: {},
    where: isSecond3 ? { ingest: 313, delivery: 317, unknown: 331 } : { ingest: 0, delivery: 0, unknown: 0 },
    order: isOdd ? orderOf(second) : second === 2 ? { ...emptyOrder(), hops: HOPS } : emptyOrder(),
    histograms: Object.fromEntries(
      samplesIn(row, index).map(([series, samples]) => [series, sparse(samples)]),
    ),
    anomalies: isSecond3 ? { clipped: 337, negative: 347, negativeHops: 383 } : NO_ANOMALIES,
    violations: isSecond3 ? VIOLATIONS : [],
    connections,
    closedEarly: isSecond3 ? { CLOSE_1006: 353, PROTOCOL_RSV1: 359 } : {},
    health: {
      utilization: (401 + index * 10) / 1000,
      loopDelayP99Ms: 3.67 + index / 10,
      loopDelayMaxMs: 5.73 + index / 10,
      gcCount: 379 + index,
      gcMs: 8.25 + index / 4,
      gcMaxMs: 2.89 + index / 100,
      cpuCores: 1.397 + index / 100,
      pacing: index === 7 ? 'timer' : 'metronome',
      backlogBytes: 40_009 + index,
    },
  };
}

const NO_ANOMALIES = { clipped: 0, negative: 0, negativeHops: 0 };

function warmupReport(isOdd: boolean): SecondReport {
  const { delivered, duplicated } = WARMUP;
  const unexpected = isOdd ? UNEXPECTED.warmup : {};
  const base = reportOf(rowOf([-1, 0, 0, 0, 0, 0, 0, 0, 0, 1187]), 0, isOdd);
  const even: Tally = { ...NO_TALLY, scheduled: 811, sent: 811, delivered: 811 };
  return {
    ...base,
    warmup: isOdd ? WARMUP : even,
    due: {},
    histograms: {},
    arrivals: { warmup: isOdd ? delivered + duplicated + total(unexpected) : 811, measured: 0 },
    unexpected: {},
    unexpectedInWarmup: unexpected,
    violations: [],
    closedEarly: {},
  };
}

const OPENINGS: readonly OpeningReport[] = [
  {
    ...{
      kind: 'opening',
      opened: 12_007,
      failed: 419,
      attempts: 14_011,
      failedAttempts: 1201,
      throttled: 421,
    },
    ...{ reconnects: 431, churned: 479, reopened: 439, churnMissed: 443, refusedInChurn: 53 },
    failures: { HTTP_429: 457, ECONNREFUSED: 461 },
    details: { HTTP_429: 'it answered 429' },
    connect: sparse(CONNECT_SAMPLES),
  },
  {
    ...{ kind: 'opening', opened: 257, failed: 5, attempts: 311, failedAttempts: 7, throttled: 37 },
    ...{ reconnects: 19, churned: 23, reopened: 17, churnMissed: 31, refusedInChurn: 11 },
    ...{ failures: { HTTP_429: 2 }, details: { HTTP_429: 'second', CLOSE_1006: 'gone' }, connect: null },
  },
];

const EVEN_OPENING: OpeningReport = {
  ...{ kind: 'opening', opened: 12_743, failed: 0, attempts: 12_743, failedAttempts: 0, throttled: 0 },
  ...{ reconnects: 0, churned: 0, reopened: 0, churnMissed: 0, refusedInChurn: 0 },
  ...{ failures: {}, connect: sparse(CONNECT_SAMPLES) },
};

const FAULT: Fault = {
  ...PLAIN_FAULT,
  name: 'slow shard',
  where: 'ingest',
  do: 'delay',
  atMs: 3137,
  forMs: 1291,
  ratio: 0.41,
  ratePerSecond: 1.7,
  delayMs: 743,
  functionId: 'EchoFunction',
  shard: 1,
  status: 503,
};

const LASTING: Fault = {
  ...FAULT,
  name: 'half a link',
  where: 'connection',
  do: 'half-open',
  atMs: 6151,
  forMs: null,
};

/** How the run was to be. */
const PLAN: Plan = {
  ...initialPlan(),
  name: 'distinct',
  stage: 'orders-test',
  region: 'eu-west-1',
  connections: 12_757,
  connectRatePerSecond: 467,
  reconnect: true,
  churnPerSecond: 1.31,
  localAddresses: ['127.0.0.2'],
  load: { kind: 'open', ratePerSecond: 2749, arrival: 'constant' },
  warmupMs: 1759,
  durationMs: 9871,
  drainMs: 4021,
  payloadBytes: 269,
  trace: true,
  parameters: { ShardCount: '2' },
  template: 'template.yaml',
  faults: { faults: [FAULT, LASTING] },
  headerNames: ['Authorization'],
  thresholds: [
    'latency.response.p99 < 1.4',
    'messages.lost == 0',
    'metrics.iteratorAge.max < 1400',
    'cost.total < 1',
  ],
  threads: 6,
  seed: 90_001,
};

const STAGE: StageFacts = {
  kind: 'aws',
  url: 'wss://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1',
  name: 'orders-test',
  region: 'eu-west-1',
  parameters: { ShardCount: '2' },
  profile: 'calibrated',
  notes: ['The profile is a model.'],
  stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders-test/0c1d',
  pipeline: {
    api: { apiId: 'a1b2c3', stageName: 'v1' },
    streams: [{ logicalId: 'EventStream', name: 'orders-stream' }],
    consumers: [{ logicalId: 'EchoConsumer', name: 'orders-echo', streamName: 'orders-stream' }],
    functions: [{ logicalId: 'EchoFunction', name: 'orders-function' }],
    mappings: [{ logicalId: 'EchoMapping', name: 'orders-mapping' }],
  },
};

const ENVIRONMENT: RunResult['environment'] = {
  node: 'v20.19.1',
  os: 'Linux 6.7 x64',
  cpus: '8 × made up',
  version: '0.1.0',
  commit: '2019bec4a1f0c2d3e4b5a69788796a5b4c3d2e1f',
  threads: 6,
  seed: 90_001,
  calibration: {
    transport: 'tls',
    pacing: 'metronome',
    timerLagP50Ms: 0.127,
    timerLagP99Ms: 0.373,
    loopFloorMs: { p50: 0.0457, p99: 0.0863 },
    ceilingPerSecond: 1523,
    cores: 5,
    takenMs: 1181,
  },
};

const SERIES_VALUES: readonly (readonly [id: string, stat: string, values: readonly number[]])[] = [
  ['incomingRecords', 'Sum', [13_003, 12_101]],
  ['incomingBytes', 'Sum', [9_000_011, 8_000_009]],
  ['iteratorAge', 'Maximum', [1367, 1373]],
  ['invocations', 'Sum', [1381, 1399]],
  ['duration', 'Average', [11.3, 13.7]],
  ['integrationErrors', 'Sum', [139, 141]],
  ['writeThrottles', 'Sum', [98, 107]],
];

function metricsOf(isOdd: boolean): StageMetrics {
  const startMs = MEASURED_FROM_MS - 8091;
  const isTold = (id: string) => isOdd || !/Errors|Throttles/.test(id);
  return {
    source: 'cloudwatch',
    periodMs: 60_000,
    incomingRecords: isOdd ? 25_013 : 9796,
    series: SERIES_VALUES.filter(([id]) => isTold(id)).map(
      ([id, stat, values]): MetricSeries => ({
        ...{ id, label: `label of ${id}`, unit: `unit of ${id}`, stat, values },
        timestamps: [startMs, startMs + 60_000],
      }),
    ),
    health: {
      seconds: 26,
      utilizationMean: 0.6437,
      utilizationMax: 0.877,
      loopDelayP99Ms: 7.27,
      loopDelayMaxMs: 19.7,
      machineBusyMean: 0.733,
      saturatedSeconds: isOdd ? 8 : 0,
    },
    window: { startEpochMs: startMs, endEpochMs: startMs + 120_000 },
    ...(isOdd ? { problems: ['CloudWatch had nothing of one function.'] } : {}),
  };
}

const HOP_TIMES = { arrivedMs: 3311.7, startedMs: 3323.9, postedMs: 3337.1 };

const VIOLATIONS: readonly Violation[] = [
  {
    ...{
      kind: 'reordered',
      stream: 3007,
      sequence: 41,
      intendedMs: 3203.3,
      sentMs: 3209.1,
      arrivedMs: 3407.9,
    },
    ...{ extent: 2, lateTimeMs: 61.3, where: 'ingest' },
    overtakenBy: { sequence: 42, sentMs: 3251.7, arrivedMs: 3346.6 },
    hops: { shard: 'shardId-000000000001', record: '77001', ...HOP_TIMES },
  },
  {
    kind: 'duplicated',
    stream: 3014,
    sequence: 43,
    arrivedMs: 3511.3,
    sentMs: 3301.9,
    firstArrivedMs: 3413.7,
  },
  { kind: 'lost', stream: 3021, sequence: 47, intendedMs: 3517.1, sentMs: 3527.3 },
  { kind: 'unexpected', stream: 3028, what: 'corrupt', arrivedMs: 3533.9, excerpt: 'not as it was sent' },
];

/** What the run cost. */
export const COST: RunCost = {
  currency: 'USD',
  total: 0.8831,
  items: [{ label: 'Kinesis writes', quantity: 887.3, unit: 'units', cost: 0.9071 }],
  pricesAsOf: '2026-01-17',
  pricesRegion: 'eu-north-1',
  basis: 'billed',
  perMonth: 911.3,
  perMillionRoundTrips: 9.191,
  notes: ['free tiers are ignored'],
};

/** Its goals. */
export function thresholdsOf({ plan }: RunRecord): Threshold[] {
  return plan.thresholds.map((expression) => parseThreshold(expression) as Threshold);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A run as it was reported, and what is known of it beforehand. */
export interface DistinctRun {
  readonly record: RunRecord;
  /** What workers reported, the last of it the second worker's. */
  readonly events: readonly ShareEvent[];
  readonly rows: readonly Row[];
  /** All samples of a series, as they were recorded. */
  readonly samples: ReadonlyMap<Series, Samples>;
  readonly samplesIn: (series: 'response' | 'service', second: number) => Samples;
}

/** The run in which everything happens. */
export function oddRun(): DistinctRun {
  return distinctRun(true);
}

/** The run in which nothing goes wrong. */
export function evenRun(): DistinctRun {
  return distinctRun(false);
}

function distinctRun(isOdd: boolean): DistinctRun {
  const rows = TABLE.map(rowOf).map((row) => (isOdd ? row : evenRow(row)));
  const events = [
    ...(isOdd ? OPENINGS : [EVEN_OPENING]),
    warmupReport(isOdd),
    ...rows.map((row, index) => reportOf(row, index, isOdd)),
  ];
  const rollup = new Rollup();
  for (const event of events) rollup.add(event);
  rollup.close();
  const all = rows.flatMap((row, index) =>
    samplesIn(row, index).map(([series, samples]) => ({ second: row.second, series, samples })),
  );
  const of = (series: Series, second?: number) =>
    all
      .filter((one) => one.series === series && (second === undefined || one.second === second))
      .flatMap(({ samples }) => samples);
  return {
    record: recordOf(rollup, isOdd),
    events,
    rows,
    samples: new Map(SERIES.map((series) => [series, of(series)])),
    samplesIn: of,
  };
}

function recordOf(rollup: Rollup, isOdd: boolean): RunRecord {
  return {
    id: 'run-of-distinct-numbers',
    plan: PLAN,
    environment: ENVIRONMENT,
    stage: STAGE,
    startedAtMs: MEASURED_FROM_MS - 31_013,
    trafficEndedAtMs: MEASURED_FROM_MS + 13_163,
    endedAtMs: MEASURED_FROM_MS + 17_209,
    measuredFromMs: MEASURED_FROM_MS,
    measuredMs: 9103,
    interruption: isOdd ? 'its driver was stopped' : null,
    rollup,
    metrics: metricsOf(isOdd),
    metricsProblem: null,
    stageHasMetrics: true,
    probes: 1283,
    unansweredProbes: 19,
    throttledProbes: 31,
    hostBusy: 0.521,
    stealShare: 0.0173,
    stageChange: isOdd ? 'ShardCount went from 2 to 4' : null,
    faultTallies: [
      { touched: 1409, lost: 1423, duplicated: 1427, reordered: 1429 },
      { touched: isOdd ? 1433 : 0, lost: null, duplicated: null, reordered: null },
    ],
    sharesMachine: false,
  };
}
