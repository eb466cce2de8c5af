/** What a sweep's stacks will cost, against hours counted by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import { usageItems } from '../../stack/aws/run-cost.ts';
import { readTemplate } from '../../stack/aws/template.ts';
import { testPlan } from '../../stack/aws/testing/plan.ts';
import { budgetOf } from './sweep-budget.ts';

const BUDGET = budgetOf(readTemplate(REFERENCE_TEMPLATE_PATH), 'us-east-1', null);
/** With what goes before and after it a run takes about 8 minutes. */
const cellOf = (parameters: Readonly<Record<string, string>>) => ({
  plan: testPlan({ parameters, durationMs: 120_000 }),
});
const ONE = cellOf({ ShardCount: '1' });
const FOUR = cellOf({ ShardCount: '4' });

/** Dollars of the stacks alone; runs are 1.5 cents for each shard and as much for its consumer, an hour. */
function stacksUsd(
  cells: readonly (typeof ONE)[],
  order: readonly [cell: number, repeat: number][],
  lanes = 1,
) {
  const pending = order.map(([cell, repeat]) => ({ cell, repeat }));
  const runsUsd = pending.reduce((sum, { cell }) => {
    const { plan } = cells[cell]!;
    const items = usageItems(plan, BUDGET.shapeOf(plan), BUDGET.prices);
    return sum + items.reduce((all, { cost }) => all + cost, 0);
  }, 0);
  return Number((BUDGET.pendingUsd(cells, pending, lanes) - runsUsd).toFixed(6));
}

test('a sweep pays the begun hours of every stack that it makes', () => {
  assert.equal(stacksUsd([ONE], [[0, 1]]), 0.03, 'one run, one hour');
  const seven = Array.from({ length: 7 }, (_, at): [number, number] => [0, at + 1]);
  assert.equal(stacksUsd([ONE], seven), 0.03, '56 minutes on one stack');
  assert.equal(stacksUsd([ONE], [...seven, [0, 8]]), 0.06, '64 minutes on one stack');
  // Shards are kept for a stack's life, so one shard, four, four again, and one again are three stacks.
  const blocks: [number, number][] = [
    [0, 1],
    [1, 1],
    [0, 2],
    [1, 2],
  ];
  assert.equal(stacksUsd([ONE, FOUR], blocks), 0.03 + 0.12 + 0.03);
  assert.equal(stacksUsd([ONE, FOUR], blocks, 2), 0.03 + 0.12, 'two at a time, each kept');
});
