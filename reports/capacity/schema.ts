/**
 * The schema of capacity.json, version 1, as zod: what the reports of a capacity search need of it is checked, the rest is
 * kept. Unknown versions are refused, so that an old tool never misreads a new result.
 */
import { z } from 'zod';
import type { CapacityResult } from '../../bench/core/capacity.ts';
import { parseData } from '../saved-data.ts';

const amount = z.number();
const maybe = amount.nullable();
const text = z.string();
const instant = text.refine((value) => !Number.isNaN(Date.parse(value)), 'not a time in ISO 8601');
const culprit = z.enum(['stage', 'shard writes', 'driver', 'machine']);

const basis = z.enum(['billed', 'as on AWS']).nullable();

const probe = z.looseObject({
  index: z.int().nonnegative(),
  phase: z.enum(['warm-up', 'bracket', 'bisect', 'confirm', 'second look']),
  ratePerSecond: z.number().positive(),
  offeredPerSecond: amount,
  deliveredPerSecond: amount,
  p50: maybe,
  p99: maybe,
  max: maybe,
  slos: z.array(z.looseObject({ expression: text, value: maybe, ok: z.boolean() })),
  validity: z.enum(['valid', 'unknown', 'invalid']),
  verdict: z.enum(['held', 'failed', 'invalid', 'not judged']),
  limitedBy: culprit.nullable(),
  reasons: z.array(text),
  directory: text.regex(/^probes\/\d[\w.-]*$/, 'not a directory of a probe'),
  tookMs: amount,
  drainedAfterMs: maybe,
  cost: z
    .looseObject({
      total: amount,
      perMillionRoundTrips: maybe,
      perMonth: maybe,
      pricesAsOf: text,
      pricesRegion: text.optional(),
      basis,
    })
    .nullable()
    .optional(),
});

const capacityResult = z.looseObject({
  schema: z.literal(1),
  kind: z.literal('capacity'),
  id: text,
  name: text,
  startedAt: instant,
  endedAt: instant,
  partial: z.boolean(),
  plan: z.looseObject({ connections: amount, warmupMs: amount, payloadBytes: amount, threads: amount }),
  environment: z.looseObject({ node: text, os: text, cpus: text, version: text, commit: text.nullable() }),
  stage: z.looseObject({
    kind: z.enum(['local', 'aws', 'url']),
    name: text,
    region: text.nullable(),
    profile: text.nullable(),
    notes: z.array(text),
  }),
  slos: z.array(text),
  search: z.looseObject({
    minRatePerSecond: amount,
    maxRatePerSecond: amount,
    precision: amount,
    confirmations: amount,
    budgetMs: amount,
  }),
  probes: z.array(probe),
  answer: z.looseObject({
    ratePerSecond: maybe,
    isLowerBound: z.boolean(),
    end: z.enum(['found', 'max rate', 'nothing held', 'budget', 'probes', 'interrupted', 'stage failed']),
    limitedBy: z.enum([...culprit.options, 'max rate', 'search', 'nothing']),
    evidence: z.array(text),
    failsAtPerSecond: maybe,
    unjudgedAtPerSecond: amount.optional(),
    failure: text.optional(),
    precision: maybe,
    confirmedBy: amount,
    isConfirmed: z.boolean(),
    contradictions: z.array(z.looseObject({ failedPerSecond: amount, heldPerSecond: amount })),
    sentence: text,
  }),
  cost: z
    .looseObject({
      currency: z.literal('USD'),
      total: maybe,
      perMillionRoundTrips: maybe,
      perMonth: maybe,
      pricesAsOf: text,
      pricesRegion: text.optional(),
      basis,
    })
    .nullable()
    .optional(),
});

/**
 * Parses the text of a capacity.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseCapacityResult(json: string): CapacityResult {
  // Of plan, stage and environment only what is shown was checked; the rest is carried and not read.
  return parseData(capacityResult, json, 'the result of a capacity search') as unknown as CapacityResult;
}
