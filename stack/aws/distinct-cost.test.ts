/** Bills worked out by hand, item by item, at prices and for a stack in which every number is different. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSeries, RunResult } from '../../bench/core/result.ts';
import { type CostEstimate, idleCostPerHour } from './cost.ts';
import { measuredCost } from './measured-cost.ts';
import { testPlan } from './plan-fixture.ts';
import type { Price, Rates, RegionPrices } from './prices.ts';
import { runsCost } from './run-cost.ts';
import type { StackShape } from './stack-shape.ts';

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
