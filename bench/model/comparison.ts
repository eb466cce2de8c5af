/**
 * A comparison as data: comparison.json, version 1. Everything its document shows is in it. `change` is relative for latencies
 * and rates (0.1: a tenth more) and absolute for ratios of messages (0.001: one in a thousand more); intervals are of 95 %.
 */
import { z } from 'zod';
import { amount, count, instant, maybe, saved, text, verdict } from './saved.ts';
import { SETTING_DIFFERENCE } from './setting-difference.ts';

const VERDICT = z.enum(['better', 'worse', 'same', 'cannot tell']);

/** A run of a side, as far as it is shown. */
const RUN = saved({
  directory: text,
  id: text,
  name: text,
  startedAt: instant,
  deliveredMessages: count,
  validity: verdict,
  partial: z.boolean(),
});
export type RunFacts = Readonly<z.output<typeof RUN>>;

const CURVE = z.array(saved({ percentile: amount, valueMs: amount, beyond: amount })).readonly();

/** One setting's runs together. */
const SIDE = saved({
  /** As it was named on the command line. */
  label: text,
  runs: z.array(RUN).min(1).readonly(),
  /** Percentile curves of all runs together. */
  curves: saved({ response: CURVE, service: CURVE }),
});
export type SideFacts = Readonly<z.output<typeof SIDE>>;

const CHANGE = saved({ estimate: amount, interval: saved({ low: amount, high: amount }) });

const METRIC = saved({
  /** Path in result.json, such as `latency.response.p99`. */
  id: text,
  label: text,
  unit: z.enum(['ms', '/s', 'ratio']),
  base: maybe,
  candidate: maybe,
  /** Null when there is too little to estimate one. */
  change: CHANGE.nullable(),
  /** In the metric's own unit. */
  difference: CHANGE.nullable(),
  /** Chance of so large a change were there none; and the same, corrected for all metrics that are judged (Holm). */
  p: maybe,
  adjustedP: maybe,
  verdict: VERDICT,
});
export type MetricChange = Readonly<z.output<typeof METRIC>>;
export type MetricUnit = MetricChange['unit'];

const SCOPE = z.enum(['within runs', 'between runs']);
export type ComparisonScope = z.output<typeof SCOPE>;

/** A candidate compared with the base. */
const CONTEST = saved({
  candidate: SIDE,
  differences: z.array(SETTING_DIFFERENCE).readonly(),
  /** What a reader has to know before the figures, one sentence each. */
  warnings: z.array(text).readonly(),
  metrics: z.array(METRIC).readonly(),
  /** What the intervals hold: with one run on a side, nothing of what differs from run to run of one setting. */
  scope: SCOPE.optional(),
  /** Worse if any metric is; else better if any is; else same if all are that could be judged. */
  verdict: VERDICT,
});
export type Contest = Readonly<z.output<typeof CONTEST>>;

export const COMPARISON = saved({
  schema: z.literal(1),
  kind: z.literal('comparison'),
  options: saved({
    smallestEffect: amount,
    smallestRatio: amount,
    seed: amount,
    forced: z.boolean(),
  }),
  base: SIDE,
  contests: z.array(CONTEST).min(1).readonly(),
});
export type Comparison = Readonly<z.output<typeof COMPARISON>>;
