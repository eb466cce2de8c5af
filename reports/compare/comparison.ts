/**
 * A comparison as data: comparison.json, version 1. Everything the page, the summary and the terminal show is in it, so they
 * can be made again from it. `change` is relative for latencies and rates (0.1: a tenth more) and absolute for ratios
 * of messages (0.001: one in a thousand more); intervals are of 95 %.
 */
import type { PercentilePoint } from '../run/reading.ts';
import type { ChangeVerdict, Interval } from '../statistics/change.ts';
import type { SettingDifference } from './settings.ts';

/** A run of a side, as far as it is shown. */
export interface RunFacts {
  readonly directory: string;
  readonly id: string;
  readonly name: string;
  readonly startedAt: string;
  readonly deliveredMessages: number;
  readonly validity: 'valid' | 'unknown' | 'invalid';
  readonly partial: boolean;
}

/** One setting's runs together. */
export interface SideFacts {
  /** As it was named on the command line. */
  readonly label: string;
  readonly runs: readonly RunFacts[];
  /** Percentile curves of all runs together. */
  readonly curves: {
    readonly response: readonly PercentilePoint[];
    readonly service: readonly PercentilePoint[];
  };
}

export interface MeasuredChange {
  readonly estimate: number;
  readonly interval: Interval;
}

export type MetricUnit = 'ms' | '/s' | 'ratio';

export interface MetricChange {
  /** Path in result.json, such as `latency.response.p99`. */
  readonly id: string;
  readonly label: string;
  readonly unit: MetricUnit;
  readonly base: number | null;
  readonly candidate: number | null;
  /** Null when there is too little to estimate one. */
  readonly change: MeasuredChange | null;
  /** In the metric's own unit. */
  readonly difference: MeasuredChange | null;
  /** Chance of so large a change were there none; and the same, corrected for all metrics that are judged (Holm). */
  readonly p: number | null;
  readonly adjustedP: number | null;
  readonly verdict: ChangeVerdict;
}

export type ComparisonScope = 'within runs' | 'between runs';

/** A candidate held against the base. */
export interface Contest {
  readonly candidate: SideFacts;
  readonly differences: readonly SettingDifference[];
  /** What a reader has to know before the figures, one sentence each. */
  readonly warnings: readonly string[];
  readonly metrics: readonly MetricChange[];
  /** What the intervals hold: with one run on a side, nothing of what differs from run to run of one setting. */
  readonly scope?: ComparisonScope | undefined;
  /** Worse if any metric is; else better if any is; else same if all are that could be judged. */
  readonly verdict: ChangeVerdict;
}

export interface Comparison {
  readonly schema: 1;
  readonly kind: 'comparison';
  readonly options: {
    readonly smallestEffect: number;
    readonly smallestRatio: number;
    readonly seed: number;
    readonly forced: boolean;
  };
  readonly base: SideFacts;
  readonly contests: readonly Contest[];
}

/** Runs against themselves differ in nothing, however many they are. */
export function scopeOf(base: SideFacts, candidate: SideFacts): ComparisonScope {
  const idsOf = ({ runs }: SideFacts): string =>
    runs.map(({ id, directory }) => `${id} ${directory}`).join('\n');
  const isSingle = base.runs.length === 1 || candidate.runs.length === 1;
  return isSingle && idsOf(base) !== idsOf(candidate) ? 'within runs' : 'between runs';
}

/** What the metrics that have an estimate come to. Better beside worse is worse: somebody has to look. */
export function verdictOf(metrics: readonly MetricChange[]): ChangeVerdict {
  const verdicts = new Set(metrics.filter(({ change }) => change !== null).map(({ verdict }) => verdict));
  for (const verdict of ['worse', 'better', 'cannot tell'] as const)
    if (verdicts.has(verdict)) return verdict;
  return verdicts.has('same') ? 'same' : 'cannot tell';
}

/** Whether figures of a side can't be trusted, or are not all there. */
export function hasInvalid({ runs }: SideFacts): boolean {
  return runs.some(({ validity, partial }) => validity === 'invalid' || partial);
}
