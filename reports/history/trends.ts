/** Runs into a history: pure, and from one seed the same to the last digit. */

import type {
  History,
  HistoryGroup,
  HistoryOptions,
  HistoryPoint,
  HistoryVerdict,
  MetricHistory,
} from '../../bench/model/history.ts';
import type { Metric } from '../../bench/model/metrics.ts';
import { pricesText } from '../../bench/model/prices-text.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { visible } from '../../bench/model/visible.ts';
import type { Chance } from '../statistics/chance.ts';
import { MIN_SEGMENT } from '../statistics/change-points.ts';
import { judgedChanges, pendingOf, segmentsOf, type Trend, testedValues } from './changes.ts';
import type { Found } from './find.ts';
import { UnusableHistory } from './find.ts';
import { type EntryRuns, groupRuns, type RunGroup } from './groups.ts';
import { metricsNamed, unknownMetrics } from './metrics.ts';
import { confirmed, entriesNeeded, testedChanges } from './permutation-tests.ts';
import { risesOf } from './rises.ts';

/** The history of what was found. @throws UnusableHistory for names that no metric has */
export function historyOf(found: Found, options: HistoryOptions, chance: Chance): History {
  const problems = unknownMetrics(options.metrics);
  if (problems.length > 0) throw new UnusableHistory(problems);
  const { smallestEffect, seed, last, metrics } = options;
  const groups = groupRuns(found.runs).map((group) =>
    groupHistory(group, options, chance.fork(JSON.stringify([group.label, group.settings]))),
  );
  return {
    schema: 1,
    kind: 'history',
    directory: found.directory,
    options: { smallestEffect, seed, last, metrics },
    verdict: verdictOn(groups),
    groups,
    leftOut: found.leftOut,
  };
}

function verdictOn(groups: readonly HistoryGroup[]): HistoryVerdict {
  const metrics = groups.flatMap((group) => group.metrics);
  if (metrics.some(({ rise }) => rise?.isCertain)) return 'regression';
  const isEnough = groups.some(({ entries, needed }) => entries.length >= needed.middle);
  return isEnough ? 'no regression' : 'too few';
}

function groupHistory(group: RunGroup, options: HistoryOptions, chance: Chance): HistoryGroup {
  const entries = group.entries.slice(-options.last);
  const trends = metricsNamed(options.metrics)
    .map((metric) => ({ metric, trend: trendOf(metric, entries, options.smallestEffect) }))
    .filter(({ trend }) => trend.points.length > 0);
  const tested = trends.filter(({ trend }) => isTestable(trend));
  const changes = confirmed(
    tested.map(({ metric, trend }) =>
      testedChanges(testedValues(trend), chance.fork(metric.id), tested.length),
    ),
  );
  const rises = risesOf(
    tested.map(({ trend }, at) => ({ trend, changes: changes[at]! })),
    chance.fork('rises'),
  );
  const runsOf = (entry: number): readonly RunResult[] => entries[entry]!.results;
  return {
    label: group.label,
    settings: group.settings,
    entries: entries.map(({ entry }) => entry),
    olderLeftOut: group.entries.length - entries.length,
    metrics: trends.map(({ metric, trend }): MetricHistory => {
      const at = tested.findIndex((other) => other.metric === metric);
      const found = changes[at] ?? [];
      const { id, unit, better } = metric;
      const label = unit === 'USD' ? `${metric.label}, ${pricesIn(entries)}` : metric.label;
      return {
        id,
        label,
        unit,
        better,
        points: trend.points,
        segments: segmentsOf(trend, found),
        changes: judgedChanges(trend, found, runsOf),
        pending: pendingOf(trend, found),
        rise: rises[at] ?? null,
        isTested: at >= 0,
      };
    }),
    needed: entriesNeeded(trends.filter(({ trend }) => !isConstant(trend)).length),
  };
}

/** All that the entries' costs are at: one list, or several where prices changed in between. */
function pricesIn(entries: readonly EntryRuns[]): string {
  const costs = entries.flatMap(({ results }) =>
    results.flatMap(({ cost }) => (cost === null ? [] : [cost])),
  );
  return [...new Set(costs.map((cost) => visible(pricesText(cost))))].sort().join(' and ');
}

function isConstant({ points }: Trend): boolean {
  return points.length > 1 && points.every(({ value }) => value === points[0]!.value);
}

/** A series that never moves can raise no alarm, and takes no part in the correction for many tests. */
function isTestable(trend: Trend): boolean {
  return trend.points.length >= 2 * MIN_SEGMENT && !isConstant(trend);
}

function trendOf({ unit, better, of }: Metric, entries: readonly EntryRuns[], smallestEffect: number): Trend {
  const points = entries.flatMap(({ results }, entry) => pointOf(entry, results.map(of)));
  return { points, unit, better, smallestEffect };
}

function pointOf(entry: number, figures: readonly (number | null)[]): HistoryPoint[] {
  const values = figures.filter((value) => value !== null).sort((a, b) => a - b);
  if (values.length === 0) return [];
  return [{ entry, value: median(values), low: values[0]!, high: values.at(-1)!, runs: values.length }];
}

/** Of rising values. */
function median(values: readonly number[]): number {
  const middle = Math.floor(values.length / 2);
  const upper = values[middle]!;
  return values.length % 2 === 1 ? upper : (values[middle - 1]! + upper) / 2;
}
