/** Bills worked out by hand, item by item, at prices and for a stack in which every number is different. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSeries, RunResult } from '../../bench/model/result.ts';
import { type CostEstimate, dollars, idleCostPerHour } from './cost.ts';
import { measuredCost } from './measured-cost.ts';
import type { Price, Rates, RegionPrices } from './prices.ts';
import {
  assumedInvocations,
  LAMBDA_ASSUMED,
  meanRatePerSecond,
  NO_TIERS,
  runsCost,
  streamItems,
  TIERS_APPLIED,
  tierNote,
} from './run-cost.ts';
import type { StackShape } from './stack-shape.ts';
import { testPlan } from './testing/plan.ts';

const GIB = 1024 ** 3;

const price = (usd: number, per: number, tiers: Price['tiers'] = []): Price => ({
  ...{ usd, per, unit: `${usd} units`, tiers },
  ...{ source: 'https://example.test/', asOf: '2026-01' },
});

const RATES: Rates = {
  webSocketMessage: price(2, 1009, [{ above: 10_000, usd: 1 }]),
  webSocketConnectionMinute: price(3, 1013),
  shardHour: price(5, 7),
  putUnit: price(11, 1019),
  fanOutShardHour: price(13, 17),
  fanOutGigabyte: price(19, 23),
  onDemandStreamHour: price(29, 31),
  onDemandGigabyteIn: price(37, 41),
  onDemandGigabyteOut: price(43, 47),
  onDemandFanOutGigabyte: price(53, 59),
  lambdaRequest: price(61, 1021),
  lambdaX86GigabyteSecond: price(67, 1031),
  lambdaArmGigabyteSecond: price(71, 1033),
  metricRequested: price(73, 1039),
  internetGigabyteOut: price(79, 83),
};

const PRICES: RegionPrices = {
  ...{ rates: RATES, region: 'eu-west-1', guardFactor: 1 },
  ...{ asOf: '2025-11 to 2026-01', note: null },
};

const READER = { batchSize: 97, windowSeconds: 0, parallelization: 1, postConcurrency: null };

/** Three shards with two consumers, and a stream on demand with five, which a function polls too. */
const SHAPE: StackShape = {
  streams: [
    { logicalId: 'Events', mode: 'PROVISIONED', shards: 3, fanOutConsumers: 2 },
    { logicalId: 'Audit', mode: 'ON_DEMAND', shards: null, fanOutConsumers: 5 },
  ],
  readers: [
    {
      ...{ logicalId: 'EchoMapping', functionId: 'EchoFunction', stream: 'Events', isFanOut: true },
      ...{ memoryMb: 640, architecture: 'arm64', ...READER },
    },
    {
      ...{ logicalId: 'AuditMapping', functionId: 'AuditFunction', stream: 'Audit', isFanOut: false },
      ...{ memoryMb: 896, architecture: 'x86_64', ...READER },
    },
  ],
  stageRatePerSecond: null,
};

function series(id: string, values: number[]): MetricSeries {
  return { id, label: id, unit: id, stat: 'Sum', timestamps: values.map((_, index) => index * 1000), values };
}

const COUNTS = { scheduled: 1, refused: 1, indeterminate: 1, lost: 1, reordered: 1 };

/** Two hours; a message there is one unit of 32 KB, back with its trace it is two, and its record is three of 25 KB. */
const RUN = {
  plan: testPlan({ connections: 997, connectRatePerSecond: 4, payloadBytes: 32_700, trace: true }),
  stage: { kind: 'aws', region: 'eu-west-1', pipeline: { functions: [{ logicalId: 'EchoFunction' }] } },
  messages: {
    ...{ ...COUNTS, sent: 5003, delivered: 4001, duplicated: 401, unexpected: { corrupt: 43 } },
    warmup: { ...COUNTS, sent: 503, delivered: 409, duplicated: 41, unexpected: { unsent: 11 } },
  },
  connections: { opened: 720 },
  throughput: { offeredPerSecond: 0.83, sentPerSecond: 0.71, deliveredPerSecond: 0.59 },
  metrics: {
    series: [
      series('incomingRecords', [10]),
      series('incomingBytes', [600_000]),
      series('invocations', [101, 103]),
      series('duration', [5.5, 7]),
      series('auditFunctionInvocations', [107]),
      series('auditFunctionDuration', [13]),
    ],
  },
  traffic: { startEpochMs: 0, endEpochMs: 7_200_000, expectedRecords: 5413 },
} as unknown as RunResult;

const ARRIVALS = 4001 + 401 + 43 + 409 + 41 + 11;
const ECHO_BYTES = 32_700 + 309;
const RECORD_BYTES = 60_000;
const ECHO_SECONDS = (101 * 6 + 103 * 7) / 1000;

type Items = readonly (readonly [label: string, quantity: number, usd: number])[];

/** What so many messages, arrivals, records and invocations cost, at so many times the run's. */
function byMessage(times: number, messagesUsd: number): Items {
  const units = (5506 + ARRIVALS * 2) * times;
  const provisioned = (5413 * times * RECORD_BYTES) / GIB;
  const onDemand = (5413 * times * 59 * 1024) / GIB;
  return [
    ['WebSocket messages, both ways', units, messagesUsd],
    [
      'Data transfer out',
      (ARRIVALS * times * ECHO_BYTES) / GIB,
      ((ARRIVALS * times * ECHO_BYTES) / GIB / 83) * 79,
    ],
    ['Kinesis writes', 5413 * times * 3, ((5413 * times * 3) / 1019) * 11],
    ['Enhanced fan-out data', provisioned * 2, ((provisioned * 2) / 23) * 19],
    ['Kinesis writes on demand', onDemand, (onDemand / 41) * 37],
    ['Kinesis reads on demand', onDemand, (onDemand / 47) * 43],
    ['Enhanced fan-out data on demand', onDemand * 5, ((onDemand * 5) / 59) * 53],
    ['Lambda requests, EchoMapping', 204 * times, ((204 * times) / 1021) * 61],
    ['Lambda time, EchoMapping', ECHO_SECONDS * times * 0.625, ((ECHO_SECONDS * times * 0.625) / 1033) * 71],
    ['Lambda requests, AuditMapping', 107 * times, ((107 * times) / 1021) * 61],
    ['Lambda time, AuditMapping', 1.391 * times * 0.875, ((1.391 * times * 0.875) / 1031) * 67],
  ];
}

function standing(hours: number): Items {
  return [
    ['Kinesis shards', 3 * hours, ((3 * hours) / 7) * 5],
    ['Enhanced fan-out', 3 * 2 * hours, ((3 * 2 * hours) / 17) * 13],
    ['Kinesis stream on demand', hours, (hours / 31) * 29],
  ];
}

const total = (items: Items): number => items.reduce((sum, [, , usd]) => sum + usd, 0);

const rounded = (number: number): number => Number(number.toPrecision(10));

function assertItems({ items, total: sum }: Pick<CostEstimate, 'items' | 'total'>, expected: Items): void {
  assert.deepEqual(
    items.map(({ label, quantity, cost }) => [label, rounded(quantity), rounded(cost)]),
    expected.map(([label, quantity, usd]) => [label, rounded(quantity), rounded(usd)]),
  );
  assert.equal(rounded(sum), rounded(total(expected)));
}

/** The first 10,000 at 2 dollars per 1,009, the rest at one. */
const messagesUsd = (units: number): number => (10_000 / 1009) * 2 + (units - 10_000) / 1009;

test('a run that was made costs, item by item, what was counted at the price of just that', () => {
  const cost = measuredCost({ run: RUN, shape: SHAPE, prices: PRICES });
  // It took 720 connections at 4/s three minutes to open, so on average they were there for a minute and a half less.
  const minutes = 720 * (120 - 1.5);
  assertItems(cost, [
    ...byMessage(1, messagesUsd(5506 + ARRIVALS * 2)),
    ['WebSocket connections', minutes, (minutes / 1013) * 3],
    ...standing(2),
    ['CloudWatch metrics', 30, (30 / 1039) * 73],
  ]);
  assert.deepEqual(
    cost.items.map(({ unit }) => Number.parseInt(unit, 10)),
    [2, 79, 11, 19, 37, 43, 53, 61, 71, 61, 67, 3, 5, 13, 29, 73],
    'each has the unit of its price',
  );
  const { currency, pricesAsOf, pricesRegion, basis } = cost;
  assert.deepEqual(
    { currency, pricesAsOf, pricesRegion, basis },
    { currency: 'USD', pricesAsOf: '2025-11 to 2026-01', pricesRegion: 'eu-west-1', basis: 'billed' },
  );
});

test('a month is of what was sent, and a million round trips of what came back', () => {
  const cost = measuredCost({ run: RUN, shape: SHAPE, prices: PRICES });
  const times = (0.71 * 730 * 3600) / 5506;
  const connected = 720 * 730 * 60;
  const month =
    total(byMessage(times, messagesUsd((5506 + ARRIVALS * 2) * times))) +
    (connected / 1013) * 3 +
    total(standing(730));
  assert.equal(rounded(cost.perMonth ?? 0), rounded(month));
  assert.equal(rounded(cost.perMillionRoundTrips ?? 0), rounded((month / (0.59 * 730 * 3600)) * 1e6));
});

test('an hour in which nothing is sent costs its shards and each of their consumers', () => {
  assertItems(idleCostPerHour(SHAPE, PRICES), standing(1));
});

test('a run that is to be made costs, item by item, what its plan comes to', () => {
  const plan = testPlan({
    ...{ connections: 720, connectRatePerSecond: 4, payloadBytes: 32_700, trace: true },
    ...{ load: { kind: 'open', ratePerSecond: 20, arrival: 'constant' } },
    ...{ warmupMs: 20_000, durationMs: 480_000, drainMs: 40_000 },
  });
  const estimate = runsCost({ runs: [plan], shape: SHAPE, prices: PRICES });
  // Opening takes 180 s, sending 500 s and the drain 40 s: a fifth of an hour.
  const [messages, hours] = [10_000, 0.2];
  const recordBytes = 4 * 10_900 + 128;
  const [provisioned, onDemand] = [(messages * recordBytes) / GIB, (messages * 43 * 1024) / GIB];
  const minutes = 720 * (hours * 60 - 1.5);
  const out = (messages * ECHO_BYTES) / GIB;
  const seconds = messages * 0.005;
  assertItems(estimate, [
    ['WebSocket messages, both ways', 30_000, messagesUsd(30_000)],
    ['Data transfer out', out, (out / 83) * 79],
    ['WebSocket connections', minutes, (minutes / 1013) * 3],
    ['Kinesis writes', messages * 2, ((messages * 2) / 1019) * 11],
    ['Enhanced fan-out data', provisioned * 2, ((provisioned * 2) / 23) * 19],
    ['Kinesis writes on demand', onDemand, (onDemand / 41) * 37],
    ['Kinesis reads on demand', onDemand, (onDemand / 47) * 43],
    ['Enhanced fan-out data on demand', onDemand * 5, ((onDemand * 5) / 59) * 53],
    ['Lambda requests, EchoMapping', messages, (messages / 1021) * 61],
    ['Lambda time, EchoMapping', seconds * 0.625, ((seconds * 0.625) / 1033) * 71],
    ['Lambda requests, AuditMapping', messages, (messages / 1021) * 61],
    ['Lambda time, AuditMapping', seconds * 0.875, ((seconds * 0.875) / 1031) * 67],
    ['CloudWatch metrics', 200, (200 / 1039) * 73],
    // With the six minutes of what goes before and after it: an hour that is begun.
    ...standing(1),
  ]);
});

test('a plan’s rate is that of its load: a closed loop’s by its round trips, a ramp’s on average', () => {
  const rate = (load: ReturnType<typeof testPlan>['load']) =>
    meanRatePerSecond(testPlan({ connections: 30, load }));
  assert.equal(rate({ kind: 'closed', inFlight: 7 }), 2100);
  assert.equal(rate({ kind: 'open', ratePerSecond: 80, arrival: 'ramp' }), 44);
  assert.equal(rate({ kind: 'open', ratePerSecond: 80, arrival: 'poisson' }), 80);
});

test('one closed loop among several runs is a note, and none is none', () => {
  const closed = testPlan({ load: { kind: 'closed', inFlight: 2 } });
  const notes = (...runs: Parameters<typeof runsCost>[0]['runs']) =>
    runsCost({ runs, shape: SHAPE, prices: PRICES }).notes ?? [];
  assert.equal(notes(testPlan({}), closed).filter((note) => /closed loop/.test(note)).length, 1);
  assert.deepEqual(
    notes(testPlan({})),
    notes(closed).filter((note) => !/closed loop/.test(note)),
  );
});

test('higher tiers are applied where the table has some', () => {
  const plain = { ...PRICES, rates: { ...RATES, webSocketMessage: price(2, 1009) } };
  assert.deepEqual([tierNote(PRICES), tierNote(plain)], [TIERS_APPLIED, NO_TIERS]);
});

test('reads on demand are billed for each function that polls that very stream', () => {
  const [echo, audit] = SHAPE.readers as [(typeof SHAPE.readers)[number], (typeof SHAPE.readers)[number]];
  const readers = [{ ...echo, isFanOut: false }, audit, audit, { ...audit, isFanOut: true }];
  const traffic = { messages: 4096, hours: 1, sendingSeconds: 1, recordBytes: 1024 ** 2 };
  const reads = streamItems({ ...SHAPE, readers }, traffic, PRICES).filter(({ label }) =>
    /reads/.test(label),
  );
  assert.deepEqual(
    reads.map(({ quantity }) => quantity),
    [4 * 2],
  );
});

test('an invocation takes what comes in its window or while the last one ran, lane by lane', () => {
  const reader = {
    ...SHAPE.readers[0]!,
    ...{ batchSize: 97, windowSeconds: 0.05, parallelization: 2, postConcurrency: 10 },
  };
  const of = (messages: number, changes: Partial<StackShape['readers'][number]> = {}) => {
    const traffic = { messages, hours: 1, sendingSeconds: 10, recordBytes: 1 };
    const { invocations, seconds } = assumedInvocations({ ...reader, ...changes }, SHAPE, traffic);
    return [invocations, rounded(seconds)];
  };
  // Six lanes of 100/s: five in a window, posted in one round of 10 ms after 5 ms.
  assert.deepEqual(of(6000), [1200, 18]);
  assert.deepEqual(of(6000, { postConcurrency: 2 }), [1200, 42], 'in three rounds');
  assert.deepEqual(of(6000, { postConcurrency: null }), [1200, 6], 'without posts');
  assert.deepEqual(of(6000, { parallelization: 1 }), [600, 9], 'ten in a window');
  assert.deepEqual(of(60_000), [619, 64.995], 'a full batch of 97, in ten rounds');
  assert.deepEqual(of(6000, { stream: 'unknown', parallelization: 6 }), [1200, 18], 'one shard');
});

test('what was not counted is taken from the plan and the clock, and said', () => {
  const bare = {
    ...RUN,
    plan: testPlan({ ...RUN.plan, warmupMs: 40_000, durationMs: 60_000, payloadBytes: 300 }),
    stage: { kind: 'local', region: null },
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:30:00Z',
    metrics: null,
    traffic: null,
  } as unknown as RunResult;
  const readers = SHAPE.readers.map((reader) => ({ ...reader, windowSeconds: 1 }));
  const { items, notes } = measuredCost({ run: bare, shape: { ...SHAPE, readers }, prices: PRICES });
  const quantity = (label: string) => rounded(items.find((one) => one.label === label)!.quantity);
  assert.equal(quantity('Kinesis shards'), 1.5);
  assert.equal(quantity('Kinesis writes'), 5003 + 503);
  assert.equal(quantity('Enhanced fan-out data'), rounded((5506 * 528 * 2) / GIB));
  // 5,506 in 100 s over three lanes, a second each: 18.35 at a time. The other stream's shards are not known.
  assert.equal(quantity('Lambda requests, EchoMapping'), 300);
  assert.equal(quantity('Lambda requests, AuditMapping'), 100);
  assert.ok(!items.some(({ label }) => label === 'CloudWatch metrics'));
  assert.deepEqual(notes?.slice(0, 1), [
    'nothing was billed: this is what the same run would cost on AWS (us-east-1)',
  ]);
  assert.ok(notes?.includes(LAMBDA_ASSUMED));
});

test('of one function measured and one not, the other is assumed; both series are needed, and records that are none tell no size', () => {
  const cost = (...ids: string[]) => {
    const kept = RUN.metrics!.series.filter(({ id }) => ids.includes(id));
    const zero = [series('incomingRecords', [0]), series('incomingBytes', [900])];
    const metrics = { ...RUN.metrics!, source: 'cloudwatch' as const, series: [...kept, ...zero] };
    return measuredCost({ run: { ...RUN, metrics }, shape: SHAPE, prices: PRICES });
  };
  const all = cost('invocations', 'duration', 'auditFunctionInvocations', 'auditFunctionDuration');
  assert.ok(!all.notes?.includes(LAMBDA_ASSUMED) && /those of CloudWatch/.test(all.notes?.join() ?? ''));
  assert.equal(
    rounded(all.items.find(({ label }) => label === 'Kinesis writes')!.quantity),
    5413 * 2,
    'two units of 25 KB by the plan',
  );
  for (const ids of [
    ['invocations', 'duration'],
    ['invocations', 'duration', 'auditFunctionInvocations'],
    ['invocations', 'duration', 'auditFunctionDuration'],
  ]) {
    const { items, notes } = cost(...ids);
    const requests = items.filter(({ label }) => label.startsWith('Lambda requests'));
    assert.deepEqual([requests[0]!.quantity, requests[1]!.quantity === 107], [204, false], ids.join());
    assert.ok(notes?.includes(LAMBDA_ASSUMED), ids.join());
  }
});

test('without a pipeline the plain series are of the only function that has none of its own', () => {
  const stage = { ...RUN.stage, pipeline: undefined } as unknown as RunResult['stage'];
  const requests = (readers: StackShape['readers']) =>
    measuredCost({ run: { ...RUN, stage }, shape: { ...SHAPE, readers }, prices: PRICES })
      .items.filter(({ label }) => label.startsWith('Lambda requests'))
      .map(({ quantity }) => quantity);
  const [echo, audit] = SHAPE.readers;
  assert.deepEqual(requests([echo!, audit!]), [204, 107]);
  assert.deepEqual(requests([audit!, echo!, { ...audit!, functionId: null }]).slice(0, 2), [107, 204]);
  const third = { ...echo!, functionId: 'Third' };
  assert.ok(!requests([echo!, third]).includes(204), 'two may be meant');
});

test('what a local stage would have begun on AWS is told with its price', () => {
  const told = (startEpochMs: number) => {
    const traffic = { startEpochMs, endEpochMs: 7_200_000, expectedRecords: 5413 };
    const { notes } = measuredCost({ run: { ...RUN, traffic } as RunResult, shape: SHAPE, prices: PRICES });
    return /one begins: (\S+) where/.exec(notes?.join(' ') ?? '')![1];
  };
  assert.equal(told(7_200_000 - 1_800_000), dollars(total(standing(1))));
  assert.equal(told(1_800_000), dollars(total(standing(2))));
});

test('a run in which nothing was sent costs what stands for a month', () => {
  const { warmup } = RUN.messages;
  const nothing = {
    ...RUN,
    messages: { ...RUN.messages, sent: 0, warmup: { ...warmup, sent: 0 } },
    traffic: { ...RUN.traffic, expectedRecords: 0 },
    throughput: { offeredPerSecond: 1, sentPerSecond: 0, deliveredPerSecond: 0 },
  } as unknown as RunResult;
  const { perMonth, perMillionRoundTrips } = measuredCost({ run: nothing, shape: SHAPE, prices: PRICES });
  const connected = ((720 * 730 * 60) / 1013) * 3;
  assert.equal(rounded(perMonth ?? 0), rounded(connected + total(standing(730))));
  assert.equal(perMillionRoundTrips, null);
});
