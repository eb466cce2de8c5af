/** A job's one budget, against figures worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERENCE_TEMPLATE_PATH } from '../stack/aws/preflight.ts';
import { pricesOf, readPrices } from '../stack/aws/prices.ts';
import { shapeOf } from '../stack/aws/stack-shape.ts';
import { readTemplate } from '../stack/aws/template.ts';
import { testPlan } from '../stack/aws/testing/plan.ts';
import { PerformanceBudget } from './performance-budget.ts';

/**
 * Ten minutes of 1,000 messages/s over 1,000 connections: 1.2 dollars for messages and a few cents besides, 1.24 together.
 * A run takes the stack 16 minutes, so three of them with creation and deletion take one hour, four two. Two shards and
 * their consumer are 6 cents an hour.
 */
const PLAN = testPlan({
  load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
  connections: 1000,
});
const budgetOf = (limitUsd: number, region = 'us-east-1') =>
  new PerformanceBudget({
    ...{ limitUsd, plan: PLAN },
    ...{ shape: shapeOf(readTemplate(REFERENCE_TEMPLATE_PATH), {}), prices: pricesOf(readPrices(), region) },
  });
const MINUTE_MS = 60_000;

/** What a run was counted to have cost: three cents, and its share of the stack, which is not counted twice. */
const CHEAP = {
  items: [
    { label: 'WebSocket messages, both ways', quantity: 30_000, unit: 'messages', cost: 0.03 },
    { label: 'Kinesis shards', quantity: 0.5, unit: 'shard hours', cost: 100 },
  ],
};

function figuresIn(problem: string | null): string[] {
  return [...(problem ?? '').matchAll(/\$([\d.]+)/g)].map(([, usd]) => usd!);
}

test('a job begins only when its stack and all its repeats fit in the limit', () => {
  assert.equal(budgetOf(4).ofAll(3), null);
  const [all, runs, stack, limit] = figuresIn(budgetOf(3).ofAll(3)).map(Number);
  assert.equal(limit, 3);
  assert.equal(stack, 0.06, 'one begun hour, once for all repeats');
  assert.ok(Math.abs(runs! - 3 * 1.24) < 0.05, `${runs}`);
  assert.ok(Math.abs(all! - runs! - stack!) < 0.011, `${all}`);
  assert.equal(figuresIn(budgetOf(3).ofAll(4))[2], '0.1200', 'four take the stack two hours');
  assert.match(
    budgetOf(3).ofAll(3)!,
    /^the job would cost about \$3\.\d\d \(\$3\.\d\d for 3 runs to come, \$0\.0600 for its stack, 1 begun hour of each shard\), which is more than --max-cost \$3\.00 \(list prices of us-east-1, as of /,
  );
});

test('before each repeat what was spent and what comes next have to fit', () => {
  const budget = budgetOf(1.5);
  assert.equal(budget.ofNext([], 5 * MINUTE_MS), null);
  assert.equal(budget.ofNext([CHEAP, CHEAP], 40 * MINUTE_MS - 1), null, 'less was sent than was feared');
  assert.match(
    budget.ofNext([CHEAP, null], 40 * MINUTE_MS)!,
    /^with another repeat the job would cost about \$2\.\d\d \(\$1\.2\d for what was sent so far, \$1\.2\d for 1 run to come, \$0\.1200 for its stack, 2 begun hours of each shard\)/,
  );
});

test('where the region has no prices, twice as much has to fit', () => {
  assert.equal(budgetOf(8, 'sa-east-1').ofAll(3), null);
  assert.match(
    budgetOf(7, 'sa-east-1').ofAll(3)!,
    /, and \$7\.\d\d where it is \(the table has no prices for sa-east-1: those of us-east-1 stand in/,
  );
});
