/**
 * The schema of sweep.json, version 1, as zod. A sweep goes on from this file, so what it needs for that is checked as well as
 * what is shown; unknown fields are kept, and unknown versions refused.
 */
import { z } from 'zod';
import { PLAN } from '../../bench/core/plan.ts';
import { amount, count, instant, maybe, text, texts, verdict } from '../../bench/core/saved.ts';
import { cellsOf } from '../../bench/core/sweep/grid.ts';
import type { SweepResult } from '../../bench/core/sweep/result.ts';
import { parseData } from '../saved-data.ts';

const percentiles = z.looseObject({ p50: maybe, p90: maybe, p99: maybe });

/** Which list prices a cost is at; left out of older sweeps. */
const priced = { pricesAsOf: text.optional(), pricesRegion: text.optional() };

const figures = z.looseObject({
  verdict,
  response: percentiles,
  service: percentiles,
  offeredPerSecond: amount,
  deliveredPerSecond: amount,
  delivered: count,
  lost: count,
  lossRatio: amount,
  reordered: count,
  reorderedRatio: amount,
  costUsd: maybe,
  perMillionRoundTripsUsd: maybe,
  perMonthUsd: maybe,
  ...priced,
  goals: z.array(z.looseObject({ expression: text, value: maybe, ok: z.boolean() })),
});

const runBase = { repeat: z.int().positive(), startedAt: instant, tookMs: amount };

/** Nothing that leads out of the sweep's directory. */
const place = text.regex(/^cells\/[\w-][\w.-]*\/\d+$/, 'not a directory of a run');

const run = z.discriminatedUnion('status', [
  z.looseObject({ ...runBase, status: z.literal('done'), directory: place, figures }),
  z.looseObject({ ...runBase, status: z.literal('failed'), error: text }),
]);

const sweep = z
  .looseObject({
    schema: z.literal(1),
    kind: z.literal('sweep'),
    id: text,
    name: text,
    startedAt: instant,
    endedAt: instant,
    partial: z.boolean(),
    plan: PLAN,
    place: z.enum(['local', 'aws', 'url']),
    stackPrefix: text.nullable(),
    vary: z.array(
      z.looseObject({ name: text, kind: z.enum(['parameter', 'plan']), values: z.array(text).min(1) }),
    ),
    repeats: z.int().positive(),
    orderSeed: amount,
    goals: z.array(text),
    environment: z.looseObject({ node: text, os: text, cpus: text, version: text, commit: text.nullable() }),
    stage: z
      .looseObject({
        kind: text,
        name: text,
        region: text.nullable(),
        profile: text.nullable(),
        notes: z.array(text),
      })
      .nullable(),
    cells: z
      .array(
        z.looseObject({
          id: text.regex(/^[\w-][\w.-]*$/),
          settings: texts,
          plan: PLAN,
          runs: z.array(run),
        }),
      )
      .min(1),
    stacks: z.array(text),
    stackIds: texts.optional(),
    home: z.looseObject({ account: text, region: text }).optional(),
    leftOver: z.array(text).optional(),
    cost: z.looseObject({ spentUsd: amount, estimatedUsd: amount, ...priced }).nullable(),
    recommendation: z.looseObject({ cell: text.nullable(), sentence: text, holding: z.array(text) }),
  })
  .check(({ value, issues }) => {
    for (const message of gridProblems(value as unknown as Grid))
      issues.push({ code: 'custom', path: ['cells'], message, input: value.cells });
  });

type Grid = Pick<SweepResult, 'vary' | 'cells' | 'repeats'>;

/** What of its grid the sweep has not, or has twice. */
function gridProblems({ vary, cells, repeats }: Grid): string[] {
  const planned = cellsOf(vary).map(({ id }) => id);
  const there = cells.map(({ id }) => id);
  const missing = planned.filter((id) => !there.includes(id));
  const foreign = there.filter((id, index) => !planned.includes(id) || there.indexOf(id) !== index);
  const odd = cells.filter(({ runs }) => {
    const own = runs.map(({ repeat }) => repeat);
    return new Set(own).size < own.length || own.some((repeat) => repeat > repeats);
  });
  return [
    ...(missing.length === 0
      ? []
      : [`${missing.join(', ')} of the grid ${missing.length === 1 ? 'is' : 'are'} missing`]),
    ...(foreign.length === 0 ? [] : [`${foreign.join(', ')} not of the grid, or there twice`]),
    ...(odd.length === 0 ? [] : [`${odd.map(({ id }) => id).join(', ')} with repeats that were not planned`]),
  ];
}

/**
 * Parses the text of a sweep.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseSweepResult(json: string): SweepResult {
  // Of plans, stage and environment only what is used was checked; the rest is carried.
  return parseData(sweep, json, 'the result of a sweep') as unknown as SweepResult;
}
