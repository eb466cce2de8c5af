/**
 * The schema of comparison.json, version 1, as zod: all of what is shown is checked, unknown fields are kept, and unknown
 * versions are refused, so that an old tool never misreads a new comparison.
 */
import { z } from 'zod';
import { UnreadableResult } from '../schema.ts';
import { amount, count, instant, maybe, text, verdict } from '../schema-parts.ts';
import type { Comparison } from './comparison.ts';

/** Problems listed before the rest is only counted. */
const MAX_PROBLEMS = 8;

const changeVerdict = z.enum(['better', 'worse', 'same', 'cannot tell']);

const run = z.looseObject({
  directory: text,
  id: text,
  name: text,
  startedAt: instant,
  deliveredMessages: count,
  validity: verdict,
  partial: z.boolean(),
});

const curve = z.array(z.looseObject({ percentile: amount, valueMs: amount, beyond: amount }));

const side = z.looseObject({
  label: text,
  runs: z.array(run).min(1),
  curves: z.looseObject({ response: curve, service: curve }),
});

const change = z.looseObject({
  estimate: amount,
  interval: z.looseObject({ low: amount, high: amount }),
});

const metric = z.looseObject({
  id: text,
  label: text,
  unit: z.enum(['ms', '/s', 'ratio']),
  base: maybe,
  candidate: maybe,
  change: change.nullable(),
  difference: change.nullable(),
  p: maybe,
  adjustedP: maybe,
  verdict: changeVerdict,
});

const contest = z.looseObject({
  candidate: side,
  differences: z.array(
    z.looseObject({ setting: text, base: text, candidate: text, isIncomparable: z.boolean() }),
  ),
  warnings: z.array(text),
  metrics: z.array(metric),
  verdict: changeVerdict,
});

const comparison = z.looseObject({
  schema: z.literal(1),
  kind: z.literal('comparison'),
  options: z.looseObject({
    smallestEffect: amount,
    smallestRatio: amount,
    seed: amount,
    forced: z.boolean(),
  }),
  base: side,
  contests: z.array(contest).min(1),
});

/**
 * Parses the text of a comparison.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseComparison(json: string): Comparison {
  return parseData(comparison, json);
}

/** Parses saved data by its schema. @throws UnreadableResult with what is wrong, the first problems of it */
export function parseData<Data>(schema: z.ZodType<Data>, json: string): Data {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UnreadableResult(`it is not JSON, or cut short (${(error as Error).message}).`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new UnreadableResult(describe(parsed.error));
  return parsed.data;
}

function describe(error: z.ZodError): string {
  const problems = error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  const more = problems.length - MAX_PROBLEMS;
  return `it has wrong fields: ${problems.slice(0, MAX_PROBLEMS).join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
