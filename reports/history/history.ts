/**
 * The history of runs as data: history.json, version 1. Everything the page, the summary and the terminal show is in it, so
 * they can be made again from it. An entry is a run, or a set of repeats; a group is a series of entries of one setting. Only
 * within a group are figures held against each other.
 */
import { ConfigurationError } from '../../bench/model/failure.ts';
import type { Metric } from '../../bench/model/metrics.ts';
import type { SettingDifference } from '../compare/settings.ts';

export type HistoryUnit = Metric['unit'];

export interface HistoryRun {
  readonly directory: string;
  readonly id: string;
  readonly startedAt: string;
}

/** What is one point in every chart. */
export interface HistoryEntry {
  /** Of the run, or the one that holds the repeats; below the directory that was searched. */
  readonly directory: string;
  /** Of the first run. */
  readonly startedAt: string;
  readonly commit: string | null;
  readonly version: string;
  readonly runs: readonly HistoryRun[];
}

/** A metric's value in an entry: the median of its runs, and how far they lie apart. */
export interface HistoryPoint {
  /** Index of the entry. */
  readonly entry: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Runs of the entry that have the metric. */
  readonly runs: number;
}

/** A stretch of entries without a change between them. */
export interface Segment {
  /** Indices of its first and last entry. */
  readonly from: number;
  readonly to: number;
  /** Of the points; geometric where all of the metric's values are above zero, ratios excepted. */
  readonly mean: number;
}

/**
 * What a change means. `small`: certain, and less than the smallest effect. A worse one is `standing` as long as no better
 * one follows and the newest entries are still worse by the smallest effect than those before it.
 */
export type ChangeJudgement = 'worse' | 'better' | 'small';
export type ChangeState = 'standing' | 'partly recovered' | 'recovered';

export interface HistoryChange {
  /** Index of the first entry after the change, and of the one before it: it happened between the two. */
  readonly entry: number;
  readonly previous: number;
  /** Means of the segments on both sides. */
  readonly before: number;
  readonly after: number;
  /** Relative (0.1: a tenth more), of a ratio absolute (0.001: one in a thousand more); null from zero to something. */
  readonly change: number | null;
  /** Of the permutation test, and corrected for the number of metrics tested (Bonferroni). */
  readonly p: number;
  readonly adjustedP: number;
  readonly judgement: ChangeJudgement;
  /** Null unless worse. */
  readonly state: ChangeState | null;
  /** Points from it to the next change, or to the end. */
  readonly pointsAfter: number;
  /** So few points follow, and none after them, that its place and its size may still move. */
  readonly isProvisional: boolean;
  /** What of the environment, the commit apart, changed there too. */
  readonly beside: readonly SettingDifference[];
}

/**
 * The newest level is worse than the best one before it by the smallest effect, in one step or in many, or by a drift. Where it is
 * certain, the history is a regression.
 */
export interface Rise {
  /** Indices of the last entry of the best level and of the first of the newest; of a drift the first and the last of all. */
  readonly from: number;
  readonly to: number;
  readonly best: number;
  readonly newest: number;
  /** As of changes. */
  readonly change: number | null;
  /** Of the test for a trend, and the same for any of the group's metrics (Westfall and Young). */
  readonly p: number;
  readonly adjustedP: number;
  /** A straight line tells it better than steps do. */
  readonly isDrift: boolean;
  /** Changes for the worse between the two levels. */
  readonly steps: number;
  readonly isCertain: boolean;
}

/** The newest points lie beyond all of the segment they would belong to, and are too few for a test. */
export interface Pending {
  /** Points. */
  readonly newest: number;
  readonly mean: number;
  readonly before: number;
  readonly change: number | null;
}

export interface MetricHistory {
  /** Path in result.json, such as `latency.response.p99`. */
  readonly id: string;
  readonly label: string;
  readonly unit: HistoryUnit;
  readonly better: 'less' | 'more';
  readonly points: readonly HistoryPoint[];
  readonly segments: readonly Segment[];
  readonly changes: readonly HistoryChange[];
  readonly pending: Pending | null;
  readonly rise: Rise | null;
  /** Enough points, and not all alike. */
  readonly isTested: boolean;
}

/** Entries below which nothing can be found, even if the change is as plain as can be. */
export interface EntriesNeeded {
  /** With the change in the middle. */
  readonly middle: number;
  /** With only so many entries after it as a segment has at the least. */
  readonly end: number;
}

export interface HistoryGroup {
  readonly label: string;
  /** Settings by which this group differs from others; empty when it is the only one. */
  readonly settings: readonly { readonly setting: string; readonly value: string }[];
  readonly entries: readonly HistoryEntry[];
  /** Entries before these that `--last` left out. */
  readonly olderLeftOut: number;
  readonly metrics: readonly MetricHistory[];
  readonly needed: EntriesNeeded;
}

/** Something that is in no figure, and why. */
export interface LeftOut {
  readonly directory: string;
  readonly reason: string;
}

export interface HistoryOptions {
  readonly smallestEffect: number;
  readonly seed: number;
  /** Newest entries of each group that are looked at. */
  readonly last: number;
  /** Metrics, or beginnings of their paths; empty for all. */
  readonly metrics: readonly string[];
}

export type HistoryVerdict = 'regression' | 'no regression' | 'too few';

export interface History {
  readonly schema: 1;
  readonly kind: 'history';
  /** As it was named. */
  readonly directory: string;
  readonly options: HistoryOptions;
  readonly verdict: HistoryVerdict;
  readonly groups: readonly HistoryGroup[];
  readonly leftOut: readonly LeftOut[];
}

/** What can't be made a history of, one problem a sentence. */
export class UnusableHistory extends ConfigurationError {}
