/**
 * Whether a metric's newest level is worse than the best that it had before, however it came there: by a step, by many that are
 * each too small to matter, or by a drift. Changes one at a time are blind to that, and the more so the more there are.
 *
 * What was recovered from is left out: of the segments those remain that no later one is better than, so that they rise from the best to
 * the newest. Only certain changes divide it: to leave out what was worse by chance would make a rise of what is left. Their entries are tested for a trend. All metrics are shuffled together, and each is held against the most that any of
 * them shows in a shuffle (Westfall and Young 1993): metrics that move together, as percentiles do, cost no more than one.
 */

import type { Rise, Segment } from '../../bench/model/history.ts';
import type { Chance } from '../statistics/chance.ts';
import { varianceInflation } from '../statistics/persistence.ts';
import { normalScores, trendOf } from '../statistics/rank-trend.ts';
import { changeBetween, isFactor, judge, segmentsOf, type Trend, testedValues } from './changes.ts';
import { type ConfirmedChange, LEVELS, SHUFFLES } from './permutation-tests.ts';

/** A metric's series with its changes. */
export interface Tested {
  readonly trend: Trend;
  readonly changes: readonly ConfirmedChange[];
}

/** What remains of a series when everything that was recovered from is left out. */
interface Ascent {
  readonly segments: readonly Segment[];
  readonly entries: readonly number[];
  /** On the scale on which they are averaged. */
  readonly values: readonly number[];
  /** Normal scores by entry, higher ones worse; none of entries that are left out. */
  readonly scores: readonly (number | undefined)[];
  readonly statistic: number;
  /** Above 1 where neighbours are alike, which makes false steps: then only the trend, discounted by it, is certain. */
  readonly inflation: number;
}

/** The rise of each series; null where its newest level is not known to be worse than the best one before. */
export function risesOf(found: readonly Tested[], chance: Chance): (Rise | null)[] {
  const all = found.map(({ trend, changes }) => ({
    trend,
    changes: changes.filter(({ adjustedP }) => adjustedP <= LEVELS.certainChange),
  }));
  const ascents = all.map(ascentOf);
  const ps = trendTests(ascents, chance);
  return all.map((tested, at) => riseOf(tested, ascents[at]!, ps[at]!));
}

function ascentOf({ trend, changes }: Tested): Ascent {
  const sign = trend.better === 'less' ? 1 : -1;
  const segments: Segment[] = [];
  for (const segment of segmentsOf(trend, changes).reverse())
    if (segments.length === 0 || sign * segment.mean < sign * segments[0]!.mean) segments.unshift(segment);
  const kept = testedValues(trend).flatMap((value, at) => {
    const { entry } = trend.points[at]!;
    return segments.some(({ from, to }) => from <= entry && entry <= to) ? [{ entry, value }] : [];
  });
  const values = kept.map(({ value }) => value);
  const ranked = normalScores(values.map((value) => sign * value));
  const scores: (number | undefined)[] = [];
  for (const [at, { entry }] of kept.entries()) scores[entry] = ranked[at];
  const inflation = varianceInflation(ranked);
  const statistic = trendOf(ranked) / Math.sqrt(inflation);
  return { segments, entries: kept.map(({ entry }) => entry), values, scores, statistic, inflation };
}

interface TrendP {
  readonly p: number;
  readonly adjustedP: number;
}

/** Of each ascent the chance of such a trend in it, and of such a one in any of them. */
function trendTests(ascents: readonly Ascent[], chance: Chance): TrendP[] {
  const count = Math.max(0, ...ascents.map(({ scores }) => scores.length));
  const own = ascents.map(() => 1);
  const any = ascents.map(() => 1);
  for (let turn = 0; turn < SHUFFLES; turn++) {
    const order = shuffled(count, chance);
    const trends = ascents.map(({ scores }) => trendOf(order.flatMap((entry) => scores[entry] ?? [])));
    const most = Math.max(...trends);
    for (const [index, { statistic }] of ascents.entries()) {
      if (trends[index]! >= statistic) own[index]!++;
      if (most >= statistic) any[index]!++;
    }
  }
  const pOf = (greater: number): number => greater / (SHUFFLES + 1);
  return ascents.map((_, index) => ({ p: pOf(own[index]!), adjustedP: pOf(any[index]!) }));
}

function shuffled(count: number, chance: Chance): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(chance.next() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

function riseOf({ trend, changes }: Tested, ascent: Ascent, { p, adjustedP }: TrendP): Rise | null {
  const isStepCertain = ascent.inflation === 1 && hasStep(trend, changes, ascent);
  if (adjustedP > LEVELS.trend && !isStepCertain) return null;
  const { best, newest, isDrift } = levelsOf(trend, ascent);
  if (judge(trend, best, newest) !== 'worse') return null;
  return {
    from: isDrift ? ascent.entries[0]! : ascent.segments[0]!.to,
    to: isDrift ? ascent.entries.at(-1)! : ascent.segments.at(-1)!.from,
    best,
    newest,
    change: changeBetween(trend, best, newest),
    p,
    adjustedP,
    isDrift,
    steps: ascent.segments.length - 1,
    isCertain: isStepCertain || adjustedP <= LEVELS.certainTrend,
  };
}

/** Whether a change is between segments that both remain. */
function hasStep({ points }: Trend, changes: readonly ConfirmedChange[], { segments }: Ascent): boolean {
  const isKept = (entry: number): boolean => segments.some(({ from, to }) => from <= entry && entry <= to);
  return changes.some(({ index }) => isKept(points[index - 1]!.entry) && isKept(points[index]!.entry));
}

/** Difference of Schwarz's criterion that is strong evidence for steps (Kass and Raftery 1995): a drift passes for two steps more easily than the other way round. */
const STRONG_EVIDENCE = 6;

/**
 * The levels at both ends: of the segments, or of the straight line through all entries where that fits better for what it takes
 * (Schwarz 1978). Segments of a drift are half as far apart as its ends are; a line through a step is steeper than the step.
 */
function levelsOf(trend: Trend, { segments, entries, values }: Ascent) {
  const back = (value: number): number => (isFactor(trend) ? Math.exp(value) : Math.max(0, value));
  const line = fittedLine(values);
  const levels = entries.map((entry) => {
    const { mean } = segments.find(({ from, to }) => from <= entry && entry <= to)!;
    return isFactor(trend) ? Math.log(mean) : mean;
  });
  const n = values.length;
  const bic = (fit: readonly number[], parameters: number): number =>
    n * Math.log(fit.reduce((sum, level, at) => sum + (values[at]! - level) ** 2, 0)) +
    parameters * Math.log(n);
  const isDrift =
    segments.length === 1 || bic(line, 2) < bic(levels, 2 * segments.length - 1) + STRONG_EVIDENCE;
  const [best, newest] = isDrift ? [line[0]!, line.at(-1)!] : [levels[0]!, levels.at(-1)!];
  return { best: back(best), newest: back(newest), isDrift };
}

/** The least squares' line, at each value. */
function fittedLine(values: readonly number[]): number[] {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const slope =
    values.reduce((sum, value, at) => sum + (at - (n - 1) / 2) * value, 0) / ((n * (n * n - 1)) / 12);
  return values.map((_, at) => mean + slope * (at - (n - 1) / 2));
}
