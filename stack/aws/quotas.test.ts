/** Every warning fires alone, at the figure that AWS documents, and not just below it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../bench/model/plan.ts';
import { assertAffordable, REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { pricesOf, readPrices } from './prices.ts';
import { defaultQuotas, planQuotaWarnings, stackQuotaWarnings } from './quotas.ts';
import { shapeOf } from './stack-shape.ts';
import { readTemplate } from './template.ts';
import { testPlan } from './testing/plan.ts';

const REFERENCE = readTemplate(REFERENCE_TEMPLATE_PATH);

function warnings(
  plan: Partial<Plan>,
  parameters: Readonly<Record<string, string>> = {},
  quotas = defaultQuotas('us-east-1'),
): string[] {
  const ample = { ShardCount: '100', ThrottlingRateLimit: '1000000', ...parameters };
  return planQuotaWarnings(
    testPlan({ connectRatePerSecond: 400, ...plan }),
    shapeOf(REFERENCE, ample),
    quotas,
  );
}

const open = (ratePerSecond: number): Plan['load'] => ({ kind: 'open', ratePerSecond, arrival: 'constant' });

const CASES: readonly {
  readonly what: string;
  readonly below: Partial<Plan>;
  readonly above: Partial<Plan>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly warning: RegExp;
}[] = [
  {
    what: 'connecting faster than 500/s',
    below: { connectRatePerSecond: 450 },
    above: { connectRatePerSecond: 501 },
    warning: /^501 new connections\/s exceed the default quota of 500\/s .* 429/,
  },
  {
    what: 'messages and echoes above 10,000 requests/s',
    below: { load: open(5000) },
    above: { load: open(5001) },
    warning: /^5,001 messages\/s with their echoes take 10,002 requests\/s/,
  },
  {
    what: 'more than the stage accepts',
    below: { load: open(2000) },
    above: { load: open(2001) },
    parameters: { ThrottlingRateLimit: '2000' },
    warning: /^2,001 messages\/s exceed the stage's own limit of 2,000\/s/,
  },
  {
    what: 'more than one frame',
    below: { payloadBytes: 32_768 },
    above: { payloadBytes: 32_769 },
    warning: /^messages of 32,769 bytes are sent as one frame/,
  },
  {
    what: 'a run longer than a connection lives',
    below: { connections: 800, durationMs: 7_198_000 },
    above: { connections: 800, durationMs: 7_199_000 },
    warning: /ends every connection after 120/,
  },
  {
    what: 'connections that idle',
    below: { connections: 600, connectRatePerSecond: 400, load: open(1) },
    above: { connections: 601, connectRatePerSecond: 400, load: open(1) },
    warning: /^a connection sends every 601 s/,
  },
  {
    what: 'records above a shard’s 1,000/s',
    below: { load: open(1000) },
    above: { load: open(1001) },
    parameters: { ShardCount: '1' },
    warning: /busiest of 1 shards of EventStream is likely to get 1,001 records\/s/,
  },
  {
    what: 'bytes above a shard’s 1 MB/s',
    below: { load: open(800), payloadBytes: 768 },
    above: { load: open(900), payloadBytes: 768 },
    parameters: { ShardCount: '1' },
    warning: /is likely to get 1\.04 MB\/s \(records of 1,152 bytes\)/,
  },
  {
    what: 'more than a new on-demand stream takes',
    below: { load: open(4000) },
    above: { load: open(4001) },
    parameters: { StreamMode: 'ON_DEMAND' },
    warning: /^4,001 records\/s .* on-demand stream \(EventStream\) starts with/,
  },
];

for (const { what, below, above, parameters, warning } of CASES) {
  test(`warns of ${what}, alone, with the page, and not just below`, () => {
    assert.deepEqual(warnings(below, parameters), []);
    const found = warnings(above, parameters);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, warning);
    assert.match(found[0]!, /: https:\/\/docs\.aws\.amazon\.com\/\S+$/);
  });
}

test('few connections spread unevenly, so the busiest shard is judged', () => {
  const shards = { ShardCount: '4' };
  assert.equal(warnings({ load: open(3800), connections: 4, payloadBytes: 64 }, shards).length, 1);
  assert.equal(warnings({ load: open(3800), connections: 100_000 }, shards).length, 0);
});

function stackWarnings(parameters: Readonly<Record<string, string>>, region = 'us-east-1'): string[] {
  return stackQuotaWarnings(shapeOf(REFERENCE, parameters), region);
}

test('a stack is judged by the region’s shards and by the functions it can run at once', () => {
  assert.deepEqual(stackWarnings({ ShardCount: '500' }), []);
  assert.match(stackWarnings({ ShardCount: '501' }).join(), /^the mappings can run 1,002 functions at once/);
  const alone = { AuditService: 'false', ShardCount: '1001' };
  assert.equal(stackWarnings(alone).length, 1);
  assert.equal(stackWarnings({ ...alone, ShardCount: '6000' }, 'eu-central-1').length, 1);
  assert.match(
    stackWarnings({ ...alone, ShardCount: '6001' }, 'eu-central-1').join('\n'),
    /6,001 shards exceed the default quota of 6,000 in eu-central-1/,
  );
  assert.match(
    stackWarnings(alone, 'sa-east-1').join('\n'),
    /1,001 shards exceed the default quota of 1,000/,
  );
});

test('an estimate above the limit is refused, one at it is not', () => {
  const prices = pricesOf(readPrices(), 'us-east-1');
  assertAffordable({ usd: 0.06, prices }, 0.06, 'it costs');
  assertAffordable({ usd: 100, prices }, null, 'it costs');
  assert.throws(
    () => assertAffordable({ usd: 0.06, prices }, 0.05, 'it costs'),
    /it costs \$0\.0600, which is more than --max-cost \$0\.0500 \(list prices of us-east-1, as of 2024-07 to 2026-11\)/,
  );
});

test('connecting near a quota is told, since others connect too', () => {
  assert.deepEqual(
    warnings({ connectRatePerSecond: 451 }).map((line) => line.slice(0, 90)),
    ['451 new connections/s are above 90 % of the default quota of 500/s an account and region, '],
  );
  const raised = {
    ...defaultQuotas('us-east-1'),
    connectsPerSecond: { value: 5000, are: "the account's quota" },
  } as const;
  assert.deepEqual(warnings({ connectRatePerSecond: 4000 }, {}, raised), []);
  assert.match(
    warnings({ connectRatePerSecond: 5001 }, {}, raised)[0] ?? '',
    /the account's quota of 5,000\/s/,
  );
});

test('in thirteen regions an account has a quarter of the requests', () => {
  const hyderabad = defaultQuotas('ap-south-2');
  assert.deepEqual(warnings({ load: open(1250) }, {}, hyderabad), []);
  assert.match(
    warnings({ load: open(1251) }, {}, hyderabad)[0] ?? '',
    /take 2,502 requests\/s, and the default quota is 2,500\/s/,
  );
});

test('of a stage of which nothing is known the gateway’s quotas are told', () => {
  const plan = testPlan({ connectRatePerSecond: 600, connections: 400_000, load: open(2_000) });
  assert.deepEqual(
    planQuotaWarnings(plan, null, defaultQuotas('mx-central-1')).map(
      (line) => line.split(/ exceed|, and/)[0],
    ),
    [
      '600 new connections/s',
      '2,000 messages/s with their echoes take 4,000 requests/s',
      'opening takes 667 s',
    ],
  );
});
