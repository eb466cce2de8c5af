/**
 * The schema of comparison.json, version 1, as zod: all of what is shown is checked, unknown fields are kept, and unknown
 * versions are refused, so that an old tool never misreads a new comparison.
 */
import { z } from 'zod';
import { amount, count, instant, maybe, text, verdict } from '../../bench/model/saved.ts';
import { parseData } from '../saved-data.ts';
import type { Comparison } from './comparison.ts';

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
  scope: z.enum(['within runs', 'between runs']).optional(),
  verdict: changeVerdict,
});

/** comparison.json. */
export const COMPARISON = z.looseObject({
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
  return parseData(COMPARISON, json, 'a comparison');
}
