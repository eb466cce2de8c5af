/**
 * The schema of history.json, version 1, as zod: all of what is shown is checked, unknown fields are kept, and unknown versions
 * are refused, so that an old tool never misreads a new history.
 */
import { z } from 'zod';
import { amount, count, instant, maybe, text } from '../../bench/model/saved.ts';
import { parseData } from '../saved-data.ts';
import type { History } from './history.ts';

const run = z.looseObject({ directory: text, id: text, startedAt: instant });

const entry = z.looseObject({
  directory: text,
  startedAt: instant,
  commit: text.nullable(),
  version: text,
  runs: z.array(run).min(1),
});

const change = z.looseObject({
  entry: count,
  previous: count,
  before: amount,
  after: amount,
  change: maybe,
  p: amount,
  adjustedP: amount,
  judgement: z.enum(['worse', 'better', 'small']),
  state: z.enum(['standing', 'partly recovered', 'recovered']).nullable(),
  pointsAfter: count,
  isProvisional: z.boolean(),
  beside: z.array(z.looseObject({ setting: text, base: text, candidate: text, isIncomparable: z.boolean() })),
});

const metric = z.looseObject({
  id: text,
  label: text,
  unit: z.enum(['ms', '/s', 'ratio', 'USD']),
  better: z.enum(['less', 'more']),
  points: z
    .array(z.looseObject({ entry: count, value: amount, low: amount, high: amount, runs: count }))
    .min(1),
  segments: z.array(z.looseObject({ from: count, to: count, mean: amount })).min(1),
  changes: z.array(change),
  rise: z
    .looseObject({
      from: count,
      to: count,
      best: amount,
      newest: amount,
      change: maybe,
      p: amount,
      adjustedP: amount,
      isDrift: z.boolean(),
      steps: count,
      isCertain: z.boolean(),
    })
    .nullable()
    .default(null),
  pending: z.looseObject({ newest: count, mean: amount, before: amount, change: maybe }).nullable(),
  isTested: z.boolean(),
});

/** Every entry that a metric names is there, or the page would have a hole where it says what changed. */
function isWhole({ entries, metrics }: { entries: unknown[]; metrics: z.infer<typeof metric>[] }): boolean {
  return metrics.every(({ points, segments, changes, rise }) =>
    [
      ...points.map((point) => point.entry),
      ...segments.flatMap(({ from, to }) => [from, to]),
      ...changes.flatMap((found) => [found.entry, found.previous]),
      ...(rise === null ? [] : [rise.from, rise.to]),
    ].every((index) => index < entries.length),
  );
}

const group = z
  .looseObject({
    label: text,
    settings: z.array(z.looseObject({ setting: text, value: text })),
    entries: z.array(entry).min(1),
    olderLeftOut: count,
    metrics: z.array(metric),
    needed: z.looseObject({ middle: count, end: count }),
  })
  .refine(isWhole, 'names entries that it does not hold');

/** history.json. */
export const HISTORY = z.looseObject({
  schema: z.literal(1),
  kind: z.literal('history'),
  directory: text,
  options: z.looseObject({ smallestEffect: amount, seed: amount, last: count, metrics: z.array(text) }),
  verdict: z.enum(['regression', 'no regression', 'too few']),
  groups: z.array(group).min(1),
  leftOut: z.array(z.looseObject({ directory: text, reason: text })),
});

/**
 * Parses the text of a history.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseHistory(json: string): History {
  return parseData(HISTORY, json, 'a history');
}
