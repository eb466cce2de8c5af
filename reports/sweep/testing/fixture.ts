/** Sweeps for tests: figures made by a formula, so that every effect is known beforehand. */

import { recommend } from '../../../bench/judge/sweep/recommendation.ts';
import type { Plan } from '../../../bench/model/plan.ts';
import type { SweepCell, SweepResult, SweepRun } from '../../../bench/model/sweep.ts';
import { fixture } from '../../testing/fixture.ts';

export const SWEEP_KINDS = ['whole', 'unmet', 'partial', 'invalid', 'hostile', 'single'] as const;
export type SweepKind = (typeof SWEEP_KINDS)[number];

const HOSTILE = '</script><img src=x onerror="globalThis.hacked=1">';

/** Shards halve p99, small batches raise it by a half, parallel invocations take a fifth; block 2 is a tenth slower. */
const SHARDS: Readonly<Record<string, number>> = { 1: 1, 2: 0.5, 4: 0.25 };
const BATCHES: Readonly<Record<string, number>> = { 16: 1.5, 100: 1 };
const PARALLEL: Readonly<Record<string, number>> = { 1: 1, 4: 0.8 };

const VARY = [
  { name: 'ShardCount', kind: 'parameter', values: ['1', '2', '4'] },
  { name: 'BatchSize', kind: 'parameter', values: ['16', '100'] },
  { name: 'ParallelizationFactor', kind: 'parameter', values: ['1', '4'] },
] as const;

const boundOf = (kind: SweepKind): number => (kind === 'unmet' ? 10 : 250);

/** A sweep of a kind. */
export function sweepFixture(kind: SweepKind): SweepResult {
  const { plan, environment, stage } = fixture('valid').result;
  const vary = kind === 'single' ? VARY.slice(0, 1) : VARY;
  const goals = kind === 'hostile' ? [] : [`latency.response.p99 < ${boundOf(kind)}`];
  const all = cellsOf(plan, vary, kind);
  const cells =
    kind === 'partial' ? all.map((cell, index) => (index < 5 ? cell : { ...cell, runs: [] })) : all;
  return {
    schema: 1,
    kind: 'sweep',
    id: '20260101T000000Z-fixture-sweep',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:09:10.000Z',
    partial: kind === 'partial',
    name: kind === 'hostile' ? HOSTILE : 'fixture',
    plan,
    place: 'local',
    stackPrefix: null,
    vary,
    repeats: 2,
    orderSeed: 1,
    goals,
    environment,
    stage,
    cells,
    stacks: [],
    cost: null,
    recommendation: {
      ...recommend({ cells, goals, repeats: 2 }),
      ...(kind === 'hostile' ? { sentence: HOSTILE } : {}),
    },
  };
}

function cellsOf(plan: Plan, vary: SweepResult['vary'], kind: SweepKind): SweepCell[] {
  const combinations = vary.reduce<Record<string, string>[]>(
    (cells, { name, values }) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
  return combinations.map((settings, index) => {
    const id = Object.entries(settings)
      .map(([name, value]) => `${name}-${value}`)
      .join('_');
    const runs = [1, 2].map((repeat) => runOf({ id, settings, repeat, kind, index }));
    return { id, settings, plan, runs };
  });
}

interface Place {
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly repeat: number;
  readonly kind: SweepKind;
  readonly index: number;
}

function runOf({ id, settings, repeat, kind, index }: Place): SweepRun {
  const common = { repeat, startedAt: '2026-01-01T00:00:00.000Z', tookMs: 20_000 };
  if (kind === 'hostile' && index === 0) return { ...common, status: 'failed', error: HOSTILE };
  const { ShardCount = '1', BatchSize = '100', ParallelizationFactor = '1' } = settings;
  const noise = 1 + 0.02 * ((index + repeat) % 2 === 0 ? 1 : -1);
  const block = repeat === 2 ? 1.1 : 1;
  const p99 =
    400 * SHARDS[ShardCount]! * BATCHES[BatchSize]! * PARALLEL[ParallelizationFactor]! * noise * block;
  const percentiles = { p50: p99 / 3, p90: p99 / 2, p99 };
  const invalid = kind === 'invalid' || (kind === 'whole' && index === 11);
  return {
    ...common,
    status: 'done',
    directory: `cells/${id}/${repeat}`,
    figures: {
      verdict: invalid ? 'invalid' : 'valid',
      response: percentiles,
      service: percentiles,
      offeredPerSecond: 400,
      deliveredPerSecond: Math.min(400, 180 * Number(ShardCount)),
      delivered: 4000,
      lost: 0,
      lossRatio: 0,
      reordered: index,
      reorderedRatio: index / 4000,
      costUsd: 0.01,
      perMillionRoundTripsUsd: 2 + 0.1 * Number(ShardCount) + (BatchSize === '16' ? 0.2 : 0),
      perMonthUsd: 500 + 30 * Number(ShardCount),
      goals: [{ expression: `latency.response.p99 < ${boundOf(kind)}`, value: p99, ok: p99 < boundOf(kind) }],
    },
  };
}
