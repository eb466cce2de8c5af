/** Estimates against bills worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../bench/model/plan.ts';
import {
  begunHours,
  begunItems,
  begunNote,
  type CostEstimate,
  costItem,
  dollars,
  estimateOf,
  idleCostPerHour,
  isStanding,
  type Stood,
  standingItems,
  unknownNotes,
} from './cost.ts';
import { assertAffordable, estimateRun, REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { pricesOf, readPrices } from './prices.ts';
import { runsCost } from './run-cost.ts';
import { type StreamShape, shapeOf } from './stack-shape.ts';
import { parseTemplate, readTemplate } from './template.ts';
import { testPlan } from './testing/plan.ts';

const TABLE = readPrices();
const PRICES = pricesOf(TABLE, 'us-east-1');
const REFERENCE = readTemplate(REFERENCE_TEMPLATE_PATH);

function near(actual: number | undefined, expected: number, what: string): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) < 1e-9,
    `${what}: ${actual}, not ${expected}`,
  );
}

function cost({ items }: CostEstimate, label: string): number | undefined {
  return items.find((item) => item.label === label)?.cost;
}

function run(changes: Partial<Plan>, parameters: Readonly<Record<string, string>> = {}): CostEstimate {
  return estimateRun({ region: 'us-east-1', plan: testPlan(changes), parameters }).cost;
}

test('two shards with a fan-out consumer cost six cents an hour idle', () => {
  const idle = idleCostPerHour(shapeOf(REFERENCE, {}), PRICES);
  near(idle.total, 0.06, 'idle');
  assert.deepEqual(
    idle.items.map(({ label, quantity }) => [label, quantity]),
    [
      ['Kinesis shards', 2],
      ['Enhanced fan-out', 2],
    ],
  );
});

test('polling saves the consumer, on demand costs by the stream', () => {
  near(idleCostPerHour(shapeOf(REFERENCE, { Consumer: 'POLLING' }), PRICES).total, 0.03, 'polling');
  near(idleCostPerHour(shapeOf(REFERENCE, { StreamMode: 'ON_DEMAND' }), PRICES).total, 0.04, 'on demand');
});

test('shards that the template does not tell are a note, not a price', () => {
  const text = 'Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !ImportValue x}}}';
  const { total, notes } = idleCostPerHour(shapeOf(parseTemplate(text, 't'), {}), PRICES);
  assert.equal(total, 0);
  assert.match(notes.join(), /shards of S are not known/);
});

test('ten minutes of 1,000 messages/s over 1,000 connections cost what a hand works out', () => {
  const estimate = run({
    load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
    connections: 1000,
  });
  // 600,000 messages there and back; 1,000 connections for 10 minutes and, opening at 500/s, one second more on average.
  near(cost(estimate, 'WebSocket messages, both ways'), 1.2, 'messages');
  near(cost(estimate, 'WebSocket connections'), ((10 + 1 / 60) * 1000 * 0.25) / 1e6, 'connections');
  near(cost(estimate, 'Kinesis writes'), 0.6 * 0.014, 'writes');
  // 256 bytes are 344 in base64, and 128 of envelope.
  near(cost(estimate, 'Enhanced fan-out data'), ((600_000 * 472) / 2 ** 30) * 0.013, 'fan-out');
  near(cost(estimate, 'Kinesis shards'), 2 * 0.015, 'the hour that each shard begins');
  near(cost(estimate, 'Enhanced fan-out'), 2 * 0.015, 'and its consumer');
  near(cost(estimate, 'Data transfer out'), ((600_000 * 256) / 2 ** 30) * 0.09, 'transfer');
  const sum = estimate.items.reduce((total, item) => total + item.cost, 0);
  near(estimate.total, sum, 'total');
  assert.match(
    estimate.notes.join('; '),
    /free tiers .* ignored.*every hour that one begins: 1 of each in about 17 min/,
  );
});

const hoursOf = (life: readonly Stood[]) =>
  Object.fromEntries(
    begunItems(life, PRICES).reduce(
      (sums, { label, quantity }) => sums.set(label, (sums.get(label) ?? 0) + quantity),
      new Map<string, number>(),
    ),
  );
const MINUTES = 60_000;
const stood = (minutes: number, parameters: Readonly<Record<string, string>> = {}): Stood => ({
  shape: shapeOf(REFERENCE, parameters),
  ms: minutes * MINUTES,
});

test('a stack that is deleted within ten minutes costs an hour of each shard and of its consumer', () => {
  assert.deepEqual(hoursOf([stood(9)]), { 'Kinesis shards': 2, 'Enhanced fan-out': 2 });
  assert.deepEqual(hoursOf([stood(60)]), { 'Kinesis shards': 2, 'Enhanced fan-out': 2 });
  assert.deepEqual(hoursOf([stood(60.1)]), { 'Kinesis shards': 4, 'Enhanced fan-out': 4 });
  assert.deepEqual(hoursOf([stood(61, { StreamMode: 'ON_DEMAND' })]), { 'Kinesis stream on demand': 2 });
});

test('what an update replaces begins new hours, and what it leaves goes on', () => {
  // 40 minutes of the same shards are one hour of each; the consumer that comes later has its own.
  const consumer = [stood(20, { Consumer: 'POLLING' }), stood(20)];
  assert.deepEqual(hoursOf(consumer), { 'Kinesis shards': 2, 'Enhanced fan-out': 2 });
  assert.deepEqual(hoursOf([stood(20), stood(20, { Consumer: 'POLLING' }), stood(20)]), {
    'Kinesis shards': 2,
    'Enhanced fan-out': 4,
  });
  assert.deepEqual(hoursOf([stood(5), stood(5, { ShardCount: '4' })]), {
    'Kinesis shards': 2 + 4,
    'Enhanced fan-out': 2 + 4,
  });
});

test('a guard counts what a region without prices may ask', () => {
  const prices = pricesOf(TABLE, 'sa-east-1');
  const guard = (usd: number, maxUsd: number) =>
    assertAffordable({ usd, prices }, maxUsd, 'it would cost about');
  guard(0.05, 0.1);
  assert.throws(() => guard(0.06, 0.1), {
    message:
      'it would cost about $0.0600 at the prices of us-east-1, and up to 2 times that, $0.1200, where it is, for the table has no prices of there, which is more than --max-cost $0.1000 (list prices of us-east-1, as of 2024-07 to 2026-11)',
  });
});

test('runs that share a stack share its hours', () => {
  const plan = testPlan({});
  const options = { runs: [plan, plan, plan], shape: shapeOf(REFERENCE, {}), prices: PRICES };
  const three = runsCost(options);
  near(cost(three, 'Kinesis shards'), 2 * 0.015, 'three times 17 minutes are one hour');
  near(
    cost(three, 'WebSocket messages, both ways'),
    3 * cost(run({}), 'WebSocket messages, both ways')!,
    'messages',
  );
  near(
    cost(runsCost({ ...options, waitsMs: 900_000 }), 'Kinesis shards'),
    2 * 2 * 0.015,
    'a quarter of an hour more',
  );
});

test('messages are billed by 32 KB, records by 25 KB', () => {
  const small = run({ payloadBytes: 32 * 1024 });
  const large = run({ payloadBytes: 32 * 1024 + 1 });
  near(
    cost(large, 'WebSocket messages, both ways')! / cost(small, 'WebSocket messages, both ways')!,
    2,
    'two units',
  );
  // 32 KB are 43 KB in base64: two units.
  near(cost(small, 'Kinesis writes')! / cost(run({}), 'Kinesis writes')!, 2, 'two payload units');
});

test('invocations follow from batches: a slow trickle invokes once a message, a flood fills batches', () => {
  const quantity = (estimate: CostEstimate) =>
    estimate.items.find(({ label }) => label === 'Lambda requests, EchoMapping')?.quantity;
  const slow = run({ load: { kind: 'open', ratePerSecond: 10, arrival: 'constant' } });
  assert.equal(quantity(slow), 6000);
  const flood = { load: { kind: 'open', ratePerSecond: 100_000, arrival: 'constant' } } as const;
  assert.equal(quantity(run(flood)), 600_000);
});

test('warm-up is paid for; a ramp sends just over half of what its rate says; a closed loop is guessed and says so', () => {
  const messages = (estimate: CostEstimate) => cost(estimate, 'WebSocket messages, both ways')!;
  near(messages(run({ warmupMs: 600_000 })) / messages(run({})), 2, 'warm-up');
  const ramp = run({ load: { kind: 'open', ratePerSecond: 1000, arrival: 'ramp' } });
  near(messages(ramp), 0.55 * 1.2, 'ramp');
  const closed = run({ load: { kind: 'closed', inFlight: 1 } });
  assert.match(closed.notes.join('; '), /closed loop .* 100 ms is assumed/);
});

test('a region without prices borrows those of us-east-1 and says so', () => {
  const { note, rates } = pricesOf(TABLE, 'eu-central-1');
  assert.match(
    note ?? '',
    /no prices for eu-central-1: those of us-east-1 .* a limit is held against 2 times/,
  );
  assert.equal(rates.shardHour.usd, 0.015);
  assert.equal(PRICES.note, null);
});

test('every price names AWS’s own page and the date of the copy', () => {
  for (const rates of Object.values(TABLE.regions)) {
    for (const [name, { source, asOf }] of Object.entries(rates)) {
      assert.match(source, /^https:\/\/aws\.amazon\.com\//, name);
      assert.ok(asOf <= TABLE.collectedOn, `${name} is not from the future`);
    }
  }
});

test('each unit costs what its tier does', () => {
  const price = {
    ...PRICES.rates.webSocketMessage,
    tiers: [
      { above: 1e9, usd: 0.8 },
      { above: 2e9, usd: 0.5 },
    ],
  };
  const costs = [5e8, 1e9, 1.5e9, 3e9].map((quantity) => costItem('messages', quantity, price).cost);
  assert.deepEqual(costs, [500, 1000, 1400, 2300]);
});

test('estimates of traced runs charge the stamps', () => {
  const traced = cost(run({ payloadBytes: 32_700, trace: true }), 'WebSocket messages, both ways')!;
  near(
    traced / cost(run({ payloadBytes: 32_700 }), 'WebSocket messages, both ways')!,
    1.5,
    'an echo of two units',
  );
});

test('amounts below a dollar keep four digits', () => {
  assert.deepEqual([0, 0.06, 0.00004, 1.234, 12].map(dollars), [
    '$0.00',
    '$0.0600',
    '$0.0000',
    '$1.23',
    '$12.00',
  ]);
});

const PROVISIONED = { logicalId: 'Events', mode: 'PROVISIONED', shards: 3, fanOutConsumers: 2 } as const;
const ON_DEMAND = { logicalId: 'Audit', mode: 'ON_DEMAND', shards: null, fanOutConsumers: 5 } as const;
const UNKNOWN = { ...PROVISIONED, logicalId: 'Hidden', shards: null } as const;
const shapeWith = (...streams: StreamShape[]) => ({ streams, readers: [], stageRatePerSecond: null });

test('an estimate has the note of its prices first, and none where they have none', () => {
  const items = [
    costItem('shards', 0, PRICES.rates.shardHour),
    costItem('writes', 1e6, PRICES.rates.putUnit),
  ];
  const estimate = (note: string | null) => estimateOf(items, { ...PRICES, note }, ['free tiers']);
  const { total, ...rest } = estimate('borrowed');
  near(total, 0.014, 'total');
  assert.deepEqual(rest, {
    currency: 'USD',
    items: [items[1]],
    pricesAsOf: '2024-07 to 2026-11',
    pricesRegion: 'us-east-1',
    notes: ['borrowed', 'free tiers'],
  });
  assert.deepEqual(estimate(null).notes, ['free tiers']);
});

test('what only stands there is told from what is used by its label', () => {
  const standing = standingItems(shapeWith(PROVISIONED, ON_DEMAND), PRICES, 1.5);
  assert.deepEqual(
    standing.map(({ label, quantity }) => [label, quantity]),
    [
      ['Kinesis shards', 4.5],
      ['Enhanced fan-out', 9],
      ['Kinesis stream on demand', 1.5],
    ],
  );
  assert.ok(standing.every(isStanding));
  assert.equal(isStanding(costItem('Enhanced fan-out data', 1, PRICES.rates.fanOutGigabyte)), false);
});

test('shards that are not known, and a stream on demand, are no items of shards; only the former are a note', () => {
  assert.deepEqual(standingItems(shapeWith(UNKNOWN), PRICES, 1), []);
  assert.deepEqual(begunItems([{ shape: shapeWith(UNKNOWN), ms: 1 }], PRICES), []);
  assert.deepEqual(unknownNotes(shapeWith(PROVISIONED, ON_DEMAND, UNKNOWN)), [
    'the shards of Hidden are not known, so they are not in the estimate',
  ]);
});

test('a stream that comes later, or goes and comes again, is billed for the hours that it stood', () => {
  const life = (...minutes: readonly (readonly [minutes: number, stream?: StreamShape])[]) =>
    hoursOf(
      minutes.map(([each, stream]) => ({
        shape: shapeWith(...(stream === undefined ? [] : [stream])),
        ms: each * MINUTES,
      })),
    );
  assert.deepEqual(life([70], [40, PROVISIONED], [30, PROVISIONED]), {
    'Kinesis shards': 6,
    'Enhanced fan-out': 12,
  });
  assert.deepEqual(life([20, PROVISIONED], [90], [20, PROVISIONED]), {
    'Kinesis shards': 6,
    'Enhanced fan-out': 12,
  });
  assert.deepEqual(life([20, PROVISIONED], [20, { ...PROVISIONED, fanOutConsumers: 1 }]), {
    'Kinesis shards': 3,
    'Enhanced fan-out': 9,
  });
});

test('begun hours are told with the minutes that begin them', () => {
  assert.deepEqual([0, 3_600_000, 3_600_001].map(begunHours), [1, 1, 2]);
  assert.equal(
    begunNote(3_630_001),
    'shards, their consumers and streams on demand are billed for every hour that one begins: 2 of each in about 61 min',
  );
});

test('a dollar has cents', () => {
  assert.deepEqual([0.99999, 1].map(dollars), ['$1.0000', '$1.00']);
});
