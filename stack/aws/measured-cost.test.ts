/** Costs of runs that were made, against bills worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSeries, RunResult } from '../../bench/model/result.ts';
import { measuredCost } from './measured-cost.ts';
import { pricesOf, readPrices } from './prices.ts';
import { shapeOf } from './stack-shape.ts';
import { readTemplate } from './template.ts';
import { testPlan } from './testing/plan.ts';

const PRICES = pricesOf(readPrices(), 'us-east-1');
const TEMPLATE = readTemplate(new URL('../template.yaml', import.meta.url).pathname);
const HOUR = 3_600_000;

const NOTHING = {
  scheduled: 0,
  sent: 0,
  refused: 0,
  indeterminate: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  unexpected: {},
};

function near(actual: number | null | undefined, expected: number, what: string): void {
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < 1e-9 * Math.max(1, expected),
    `${what}: ${actual}, not ${expected}`,
  );
}

function series(id: string, values: number[], stat = 'Sum'): MetricSeries {
  return { id, label: id, unit: 'Count', stat, timestamps: values.map((_, index) => index * 1000), values };
}

/** An hour in which a million messages went there and came back over 1,000 connections that opened at once. */
function run(changes: Partial<RunResult> = {}): RunResult {
  const result = {
    plan: testPlan({ connections: 1000, connectRatePerSecond: 1e12 }),
    stage: { kind: 'local', region: 'us-east-1', parameters: {}, notes: [] },
    messages: { ...NOTHING, sent: 1_000_000, delivered: 1_000_000, warmup: NOTHING },
    connections: { opened: 1000 },
    throughput: { sentPerSecond: 1_000_000 / 3600, deliveredPerSecond: 1_000_000 / 3600 },
    metrics: null,
    traffic: { startEpochMs: 0, endEpochMs: HOUR, expectedRecords: 1_000_000 },
    ...changes,
  };
  return result as unknown as RunResult;
}

const costOf = (changes: Partial<RunResult> = {}, parameters: Record<string, string> = {}) =>
  measuredCost({ run: run(changes), shape: shapeOf(TEMPLATE, parameters), prices: PRICES });

const item = ({ items }: ReturnType<typeof costOf>, label: string) =>
  items.find((one) => one.label === label)?.cost;

test('an hour of a million round trips costs what a hand works out', () => {
  const cost = costOf();
  near(item(cost, 'WebSocket messages, both ways'), 2, 'messages');
  near(item(cost, 'WebSocket connections'), 0.015, '60,000 minutes');
  near(item(cost, 'Kinesis writes'), 0.014, 'put units');
  near(item(cost, 'Kinesis shards'), 0.03, 'two shards');
  near(item(cost, 'Enhanced fan-out'), 0.03, 'their consumer');
  near(
    cost.total,
    cost.items.reduce((sum, one) => sum + one.cost, 0),
    'total',
  );
  assert.equal(cost.basis, 'as on AWS');
  assert.match(
    cost.notes?.join('; ') ?? '',
    /nothing was billed.*free tiers.*Lambda is billed on the assumption/,
  );
});

/** Of 1.46 billion messages there and back in a month, those above a billion cost 0.8 dollars a million. */
const HIGHER_TIER = 460 * 0.2;

test('at a steady load a month is 730 such hours but for the higher tier, and a million round trips cost what the hour does', () => {
  const cost = costOf();
  near(cost.perMonth, cost.total * 730 - HIGHER_TIER, 'month');
  near(cost.perMillionRoundTrips, cost.total - HIGHER_TIER / 730, 'million');
  assert.match(cost.notes?.join('; ') ?? '', /prices of higher tiers are applied/);
});

test('a throttled run’s month is of what was priced: two thirds that the quota refused cost their message and no more', () => {
  const third = 1_000_000 / 3;
  const throttled = {
    messages: { ...NOTHING, sent: 1_000_000, delivered: third, warmup: NOTHING },
    throughput: { offeredPerSecond: 0, sentPerSecond: 1_000_000 / 3600, deliveredPerSecond: third / 3600 },
    traffic: { startEpochMs: 0, endEpochMs: HOUR, expectedRecords: third },
  } as unknown as Partial<RunResult>;
  const cost = costOf(throttled);
  // 730 million there and a third of them back are below a billion: no higher tier.
  near(cost.perMonth, cost.total * 730, 'month');
});

test('a traced echo is charged at its real size: near 32 KB it is another message', () => {
  const traced = (payloadBytes: number, trace: boolean) => {
    const cost = costOf({
      plan: testPlan({ connections: 1000, connectRatePerSecond: 1e12, payloadBytes, trace }),
    });
    return [item(cost, 'WebSocket messages, both ways'), item(cost, 'Data transfer out')];
  };
  const gigabytes = (bytes: number) => ((bytes * 1_000_000) / 2 ** 30) * 0.09;
  near(traced(256, false)[1], gigabytes(256), 'plain');
  near(traced(256, true)[1], gigabytes(565), 'traced');
  near(traced(32_700, false)[0], 2, 'one unit there, one back');
  near(traced(32_700, true)[0], 3, 'one unit there, two back');
});

test('half the load leaves shards and connections as dear: a million round trips cost more, a month less', () => {
  const [full, half] = [
    costOf(),
    costOf({
      throughput: { offeredPerSecond: 0, sentPerSecond: 500_000 / 3600, deliveredPerSecond: 500_000 / 3600 },
    }),
  ];
  const standing = 0.015 + 0.03 + 0.03;
  near(half.perMillionRoundTrips, full.total + standing, 'standing cost twice');
  near(half.perMonth, (full.total - (full.total - standing) / 2) * 730, 'month, below the higher tier');
});

test('Lambda is billed by the stage’s own invocations and durations where it has them', () => {
  const metrics = {
    source: 'local' as const,
    periodMs: 1000,
    incomingRecords: null,
    complete: true,
    series: [
      series('invocations', [100, 300]),
      series('duration', [10, 20], 'Average'),
      series('auditFunctionInvocations', [50]),
      series('auditFunctionDuration', [4], 'Average'),
    ],
  };
  const cost = costOf({ metrics });
  near(item(cost, 'Lambda requests, EchoMapping'), 400 * 0.2e-6, 'requests');
  // 100 × 10 ms and 300 × 20 ms are 7 s, of half a gigabyte.
  near(item(cost, 'Lambda time, EchoMapping'), 3.5 * 0.000_013_333_4, 'time');
  near(item(cost, 'Lambda time, AuditMapping'), 0.1 * 0.000_013_333_4, 'the other function');
  near(item(cost, 'CloudWatch metrics'), (4 * 5 * 0.01) / 1000, 'their reading');
  assert.match(cost.notes?.join('; ') ?? '', /durations are those of the stage’s own metrics/);
});

test('an invocation is billed by the millisecond that it began', () => {
  const metrics = {
    source: 'local' as const,
    periodMs: 1000,
    incomingRecords: null,
    complete: true,
    series: [
      series('invocations', [1000, 1000]),
      series('duration', [1.2, 3], 'Average'),
      series('auditFunctionInvocations', [50]),
      series('auditFunctionDuration', [4], 'Average'),
    ],
  };
  near(
    item(costOf({ metrics }), 'Lambda time, EchoMapping'),
    (2 + 3) * 0.5 * 0.000_013_333_4,
    '2 ms and 3 ms',
  );
});

test('records are billed at the size the stream counted, and answers that came twice are billed twice', () => {
  const metrics = {
    source: 'cloudwatch' as const,
    periodMs: 60_000,
    incomingRecords: null,
    complete: true,
    series: [series('incomingBytes', [30 * 1024 * 10]), series('incomingRecords', [10])],
  };
  const messages = {
    ...NOTHING,
    sent: 1_000_000,
    delivered: 1_000_000,
    duplicated: 500_000,
    warmup: NOTHING,
  };
  const cost = costOf({ metrics, messages });
  near(item(cost, 'Kinesis writes'), 0.028, 'two units of 25 KB each');
  near(item(cost, 'WebSocket messages, both ways'), 2.5, 'messages');
});

test('a run in which nothing came back has no price per round trip', () => {
  const cost = costOf({ throughput: { offeredPerSecond: 1, sentPerSecond: 1, deliveredPerSecond: 0 } });
  assert.equal(cost.perMillionRoundTrips, null);
  assert.ok((cost.perMonth ?? 0) > 0, 'shards stand all the same');
});
