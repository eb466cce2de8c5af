/** What a fleet's run is said to cost before it is submitted, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../../stack/aws/fleet-cost.ts';
import { testPlan } from '../../stack/aws/testing/plan.ts';
import type { Engine, EngineName } from '../fleet/engine.ts';
import { OperatingError } from '../model/failure.ts';
import { foreseenCost } from './fleet-cost.ts';
import { fleetCosts } from './fleet-plan.ts';
import type { OpenStage } from './stage.ts';

const MACHINE: Machine = { vcpus: 1, memoryMib: 2048, architecture: 'X86_64', hasPublicAddress: true };

/** Opens in 2.4 + 3 s, drives 120 s and drains 5: with 11 minutes of waiting and one to collect 852 s; 972 with the pull. */
const PLAN = testPlan({
  ...{ connections: 1000, connectRatePerSecond: 500 },
  ...{ durationMs: 120_000, drainMs: 4600 },
});

interface Case {
  readonly name?: EngineName;
  /** Left out, the engine has none. */
  readonly machine?: Machine | string;
  readonly region?: string;
  readonly stage?: OpenStage | null;
  readonly maxCostUsd?: number | null;
}

async function foreseen({
  name = 'aws-batch',
  machine,
  region = 'us-east-1',
  stage = null,
  maxCostUsd = null,
}: Case) {
  const engine = {
    name,
    region: async () => region,
    ...(machine === undefined ? {} : { machine: async () => machine }),
  } as unknown as Engine;
  const flags = { workers: 8, patience: 600_000, maxCost: maxCostUsd, engine: name };
  const options = { plan: PLAN, flags };
  const { lines: said, priced } = await foreseenCost({ options, engine, stage });
  return { said, priced };
}

const STACK = {
  facts: { kind: 'aws', name: 'demo', region: 'us-east-1', parameters: {} },
} as unknown as OpenStage;

test('workers are said to cost what they may live for, with whose prices and of when', async () => {
  const { said, priced } = await foreseen({ machine: MACHINE });
  // 8 × 970 s are 2.1556 h: × 0.04048 and × 2 × 0.004445, and 8 × 0.005.
  const total = ((8 * 970) / 3600) * (0.04048 + 2 * 0.004445) + 0.04;
  assert.deepEqual(said, [
    `estimated cost of the workers $${total.toFixed(4)}: 8 workers of 1 vCPU, 2 GB, X86_64, public address for 17 min each at the most, list prices of us-east-1, as of 2024-07 to 2026-11`,
  ]);
  assert.equal(priced?.machine, MACHINE);
});

test('a fleet that would cost more than --max-cost is refused: its workers, its messages and the stack’s hours', async () => {
  const message = async (given: Case) => {
    try {
      await foreseen(given);
      return 'no refusal';
    } catch (error) {
      assert.ok(error instanceof OperatingError);
      return error.message;
    }
  };
  assert.equal(await message({ machine: MACHINE, maxCostUsd: 0.2 }), 'no refusal');
  assert.match(
    await message({ machine: MACHINE, maxCostUsd: 0.14 }),
    /^the fleet’s run would cost about \$0\.14\d\d, which is more than --max-cost \$0\.1400 \(list prices of us-east-1/,
  );
  // With the stack: two shards and their consumer for an hour are 6 cents, and messages besides.
  assert.match(
    await message({ machine: MACHINE, stage: STACK, maxCostUsd: 0.2 }),
    /would cost about \$0\.4\d\d\d, which/,
  );
  // Of the workers' region there are no prices.
  assert.match(
    await message({ machine: MACHINE, region: 'sa-east-1', maxCostUsd: 0.2 }),
    /about \$0\.14\d\d at the prices of us-east-1, and up to 2 times that, \$0\.29\d\d, where it is/,
  );
});

test('machines without a price are said to have none, and what can’t be held is not begun', async () => {
  const { said, priced } = await foreseen({ name: 'slurm', stage: STACK, maxCostUsd: 1 });
  assert.equal(priced, null);
  assert.match(
    said[0]!,
    /^the machines of slurm have no price that is known: they are not in any cost here$/,
  );
  assert.match(said[1]!, /^estimated cost of the run on demo \$0\.\d+, list prices of us-east-1, as of /);
  await assert.rejects(
    foreseen({ name: 'slurm', stage: STACK, maxCostUsd: 0.05 }),
    /more than --max-cost \$0\.0500/,
  );
  const reason = 'its job definition is not for Fargate';
  assert.match(
    (await foreseen({ machine: reason })).said[0]!,
    /no price that is known \(its job definition is not/,
  );
  await assert.rejects(
    foreseen({ machine: reason, maxCostUsd: 100 }),
    /--max-cost can't be held: what the workers cost is not known \(its job definition is not for Fargate\)/,
  );
});

test('a plan’s workers are priced on Fargate by its threads, for both kinds of processors', () => {
  const costs = fleetCosts({ ...PLAN, threads: 3 }, 2);
  assert.deepEqual(
    costs.map(({ machine, workers, total }) => [machine, workers, Number(total.toFixed(6))]),
    [
      // 2 × 970 s of 4 vCPU and 8 GB.
      [
        '4 vCPU, 8 GB, X86_64, public address',
        2,
        Number(((1940 / 3600) * (4 * 0.04048 + 8 * 0.004445) + 0.01).toFixed(6)),
      ],
      [
        '4 vCPU, 8 GB, ARM64, public address',
        2,
        Number(((1940 / 3600) * (4 * 0.03238 + 8 * 0.00356) + 0.01).toFixed(6)),
      ],
    ],
  );
});
