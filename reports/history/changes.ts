/**
 * What a metric's change points mean: the segments between them, how large each change is, whether it matters, whether it
 * still holds in the newest entries, and what is too new to be tested.
 */

import type {
  ChangeJudgement,
  ChangeState,
  HistoryChange,
  HistoryPoint,
  HistoryUnit,
  Pending,
  Segment,
} from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { disagreements } from '../compare/settings.ts';
import { MIN_SEGMENT } from '../statistics/change-points.ts';
import type { ConfirmedChange } from './permutation-tests.ts';

/** A metric's points, and what it takes to judge changes of them. */
export interface Trend {
  readonly points: readonly HistoryPoint[];
  readonly unit: HistoryUnit;
  readonly better: 'less' | 'more';
  readonly smallestEffect: number;
}

/** A last segment shorter than twice the least may still be divided, or its beginning move. */
const SETTLED_POINTS = 2 * MIN_SEGMENT;

/** Whether a change is a factor, so that means are geometric: not of ratios, nor where there are zeros. */
export function isFactor({ points, unit }: Pick<Trend, 'points' | 'unit'>): boolean {
  return unit !== 'ratio' && points.every(({ value }) => value > 0);
}

/** The values on the scale on which they are tested and averaged. */
export function scaledValues(trend: Pick<Trend, 'points' | 'unit'>): number[] {
  const isLogarithmic = isFactor(trend);
  return trend.points.map(({ value }) => (isLogarithmic ? Math.log(value) : value));
}

/**
 * The same as they are tested: newest values that are too few for a segment count for no more than the farthest before them. Whether they
 * are outliers only further entries tell.
 */
export function testedValues(trend: Pick<Trend, 'points' | 'unit'>): number[] {
  const values = scaledValues(trend);
  const settled = values.slice(0, 1 - MIN_SEGMENT);
  const [least, most] = [Math.min(...settled), Math.max(...settled)];
  return values.map((value) => Math.min(most, Math.max(least, value)));
}

function meanOf(trend: Trend, from: number, to: number): number {
  const values = scaledValues(trend).slice(from, to);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return isFactor(trend) ? Math.exp(mean) : mean;
}

/** The stretches between changes, which are indices of points. */
export function segmentsOf(trend: Trend, changes: readonly { readonly index: number }[]): Segment[] {
  const { points } = trend;
  if (points.length === 0) return [];
  const bounds = [0, ...changes.map(({ index }) => index), points.length];
  return bounds.slice(1).map((to, at) => ({
    from: points[bounds[at]!]!.entry,
    to: points[to - 1]!.entry,
    mean: meanOf(trend, bounds[at]!, to),
  }));
}

/** From one level to another: relative, or absolute of a ratio; null from zero to something. */
export function changeBetween({ unit }: Trend, before: number, after: number): number | null {
  if (unit === 'ratio') return after - before;
  return before === 0 ? (after === 0 ? 0 : null) : after / before - 1;
}

/** A certain change of a ratio of messages matters however small it is: none should be lost. */
export function judge(trend: Trend, before: number, after: number): ChangeJudgement {
  const change = changeBetween(trend, before, after);
  const isLarge =
    change === null || (trend.unit === 'ratio' ? change !== 0 : Math.abs(change) >= trend.smallestEffect);
  if (!isLarge) return 'small';
  return after > before === (trend.better === 'more') ? 'better' : 'worse';
}

/** The changes with what they mean. `runsOf` are the results of an entry. */
export function judgedChanges(
  trend: Trend,
  found: readonly ConfirmedChange[],
  runsOf: (entry: number) => readonly RunResult[],
): HistoryChange[] {
  const { points } = trend;
  const segments = segmentsOf(trend, found);
  const judgements = found.map((_, at) => judge(trend, segments[at]!.mean, segments[at + 1]!.mean));
  return found.map(({ index, p, adjustedP }, at) => {
    const [before, after] = [segments[at]!.mean, segments[at + 1]!.mean];
    const [entry, previous] = [points[index]!.entry, points[index - 1]!.entry];
    const pointsAfter = (found[at + 1]?.index ?? points.length) - index;
    const later = judgements.slice(at + 1);
    return {
      entry,
      previous,
      before,
      after,
      change: changeBetween(trend, before, after),
      p,
      adjustedP,
      judgement: judgements[at]!,
      state: judgements[at] === 'worse' ? stateOf(trend, before, segments.at(-1)!.mean, later) : null,
      pointsAfter,
      isProvisional: at === found.length - 1 && pointsAfter < SETTLED_POINTS,
      beside: disagreements([runsOf(previous)[0]!, runsOf(entry)[0]!]).filter(({ setting }) =>
        /^environment\.(?!commit$)/.test(setting),
      ),
    };
  });
}

function stateOf(trend: Trend, before: number, now: number, later: readonly ChangeJudgement[]): ChangeState {
  if (judge(trend, before, now) !== 'worse') return 'recovered';
  return later.includes('better') ? 'partly recovered' : 'standing';
}

/** The newest points, too few for a segment of their own, where all of them are worse than all others of the last segment. */
export function pendingOf(trend: Trend, found: readonly { readonly index: number }[]): Pending | null {
  const { points } = trend;
  const from = found.at(-1)?.index ?? 0;
  for (let newest = MIN_SEGMENT - 1; newest > 0; newest--) {
    const split = points.length - newest;
    if (split - from < MIN_SEGMENT) continue;
    const [rest, tail] = [points.slice(from, split), points.slice(split)].map((some) =>
      some.map(({ value }) => value),
    );
    const isBeyond =
      trend.better === 'less'
        ? Math.min(...tail!) > Math.max(...rest!)
        : Math.max(...tail!) < Math.min(...rest!);
    const [before, mean] = [meanOf(trend, from, split), meanOf(trend, split, points.length)];
    if (isBeyond && judge(trend, before, mean) === 'worse')
      return { newest, mean, before, change: changeBetween(trend, before, mean) };
  }
  return null;
}
