/**
 * The history of runs as data: history.json, version 1. Everything its document shows is in it. An entry is a run, or a set of
 * repeats; a group is a series of entries of one setting. Only within a group are figures compared.
 */
import { z } from 'zod';
import { amount, count, instant, maybe, saved, text } from './saved.ts';
import { SETTING_DIFFERENCE } from './setting-difference.ts';

/** What is one point in every chart. */
const ENTRY = saved({
  /** Of the run, or the one that holds the repeats; below the directory that was searched. */
  directory: text,
  /** Of the first run. */
  startedAt: instant,
  commit: text.nullable(),
  version: text,
  runs: z
    .array(saved({ directory: text, id: text, startedAt: instant }))
    .min(1)
    .readonly(),
});
export type HistoryEntry = Readonly<z.output<typeof ENTRY>>;

/** A metric's value in an entry: the median of its runs, and how far they lie apart. */
const POINT = saved({
  /** Index of the entry. */
  entry: count,
  value: amount,
  low: amount,
  high: amount,
  /** Runs of the entry that have the metric. */
  runs: count,
});
export type HistoryPoint = Readonly<z.output<typeof POINT>>;

/** A stretch of entries without a change between them. */
const SEGMENT = saved({
  /** Indices of its first and last entry. */
  from: count,
  to: count,
  /** Of the points; geometric where all of the metric's values are above zero, ratios excepted. */
  mean: amount,
});
export type Segment = Readonly<z.output<typeof SEGMENT>>;

const CHANGE = saved({
  /** Index of the first entry after the change, and of the one before it: it happened between the two. */
  entry: count,
  previous: count,
  /** Means of the segments on both sides. */
  before: amount,
  after: amount,
  /** Relative (0.1: a tenth more), of a ratio absolute (0.001: one in a thousand more); null from zero to something. */
  change: maybe,
  /** Of the permutation test, and corrected for the number of metrics tested (Bonferroni). */
  p: amount,
  adjustedP: amount,
  /** `small`: certain, and less than the smallest effect. */
  judgement: z.enum(['worse', 'better', 'small']),
  /**
   * Null unless worse. `standing` as long as no better change follows and the newest entries are still worse by the smallest
   * effect than those before it.
   */
  state: z.enum(['standing', 'partly recovered', 'recovered']).nullable(),
  /** Points from it to the next change, or to the end. */
  pointsAfter: count,
  /** So few points follow, and none after them, that its place and its size may still move. */
  isProvisional: z.boolean(),
  /** What of the environment, the commit apart, changed there too. */
  beside: z.array(SETTING_DIFFERENCE).readonly(),
});
export type HistoryChange = Readonly<z.output<typeof CHANGE>>;
export type ChangeJudgement = HistoryChange['judgement'];
export type ChangeState = NonNullable<HistoryChange['state']>;

/**
 * The newest level is worse than the best one before it by the smallest effect, in one step or in many, or by a drift. Where
 * it is certain, the history is a regression.
 */
const RISE = saved({
  /** Indices of the last entry of the best level and of the first of the newest; of a drift the first and the last of all. */
  from: count,
  to: count,
  best: amount,
  newest: amount,
  /** As of changes. */
  change: maybe,
  /** Of the test for a trend, and the same for any of the group's metrics (Westfall and Young). */
  p: amount,
  adjustedP: amount,
  /** A straight line tells it better than steps do. */
  isDrift: z.boolean(),
  /** Changes for the worse between the two levels. */
  steps: count,
  isCertain: z.boolean(),
});
export type Rise = Readonly<z.output<typeof RISE>>;

/** The newest points lie beyond all of the segment they would belong to, and are too few for a test. */
const PENDING = saved({
  /** Points. */
  newest: count,
  mean: amount,
  before: amount,
  change: maybe,
});
export type Pending = Readonly<z.output<typeof PENDING>>;

const METRIC = saved({
  /** Path in result.json, such as `latency.response.p99`. */
  id: text,
  label: text,
  unit: z.enum(['ms', '/s', 'ratio', 'USD']),
  better: z.enum(['less', 'more']),
  points: z.array(POINT).min(1).readonly(),
  segments: z.array(SEGMENT).min(1).readonly(),
  changes: z.array(CHANGE).readonly(),
  rise: RISE.nullable(),
  pending: PENDING.nullable(),
  /** Enough points, and not all alike. */
  isTested: z.boolean(),
});
export type MetricHistory = Readonly<z.output<typeof METRIC>>;
export type HistoryUnit = MetricHistory['unit'];

/** Entries below which nothing can be found, even if the change is as plain as can be. */
const NEEDED = saved({
  /** With the change in the middle. */
  middle: count,
  /** With only so many entries after it as a segment has at the least. */
  end: count,
});
export type EntriesNeeded = Readonly<z.output<typeof NEEDED>>;

const GROUP = saved({
  label: text,
  /** Settings by which this group differs from others; empty when it is the only one. */
  settings: z.array(saved({ setting: text, value: text })).readonly(),
  entries: z.array(ENTRY).min(1).readonly(),
  /** Entries before these that `--last` left out. */
  olderLeftOut: count,
  metrics: z.array(METRIC).readonly(),
  needed: NEEDED,
}).refine(isWhole, 'names entries that it does not hold');
export type HistoryGroup = Readonly<z.output<typeof GROUP>>;

/** Every entry that a metric names is there, or the page would have a hole where it says what changed. */
function isWhole({
  entries,
  metrics,
}: {
  readonly entries: readonly unknown[];
  readonly metrics: readonly MetricHistory[];
}): boolean {
  return metrics.every(({ points, segments, changes, rise }) =>
    [
      ...points.map((point) => point.entry),
      ...segments.flatMap(({ from, to }) => [from, to]),
      ...changes.flatMap((found) => [found.entry, found.previous]),
      ...(rise === null ? [] : [rise.from, rise.to]),
    ].every((index) => index < entries.length),
  );
}

export const HISTORY = saved({
  schema: z.literal(1),
  kind: z.literal('history'),
  /** As it was named. */
  directory: text,
  options: saved({
    smallestEffect: amount,
    seed: amount,
    /** Newest entries of each group that are looked at. */
    last: count,
    /** Metrics, or beginnings of their paths; empty for all. */
    metrics: z.array(text).readonly(),
  }),
  verdict: z.enum(['regression', 'no regression', 'too few']),
  groups: z.array(GROUP).min(1).readonly(),
  /** What is in no figure, and why. */
  leftOut: z.array(saved({ directory: text, reason: text })).readonly(),
});
export type History = Readonly<z.output<typeof HISTORY>>;
export type HistoryOptions = History['options'];
export type HistoryVerdict = History['verdict'];
export type LeftOut = History['leftOut'][number];
