/**
 * The permutation tests behind a history. Several metrics are looked at together, and the correction for that asks more of
 * each than a test of one series does: more shuffles, and a p that holds when all series are judged.
 */
import type { Chance } from '../statistics/chance.ts';
import { type ChangePoint, changePoints, MIN_SEGMENT } from '../statistics/change-points.ts';
import type { EntriesNeeded } from './history.ts';

/** Chance of a false alarm that is accepted, over all metrics of a group. */
export const LEVEL = 0.05;

/** The least p is 1 in 996, which the correction for thirteen metrics leaves at 0.013. */
export const SHUFFLES = 995;

/** Changes of a series in order of their place. */
export function testedChanges(series: readonly number[], chance: Chance): ChangePoint[] {
  return changePoints(series, chance, { level: LEVEL, permutations: SHUFFLES });
}

export interface ConfirmedChange extends ChangePoint {
  readonly adjustedP: number;
}

/**
 * The changes of every series that hold when all series are judged together. A series is tested until a test fails, so a false
 * alarm in it begins with the first test that should have failed: one a series, however many changes it has. Bonferroni's
 * correction for the number of series keeps the chance of any at the level. Holm's would ask less of later series only
 * when the ones before had no such test left, and every series has one.
 */
export function confirmed(found: readonly (readonly ChangePoint[])[]): ConfirmedChange[][] {
  return found.map((points) =>
    points
      .map((point) => ({ ...point, adjustedP: Math.min(1, point.p * found.length) }))
      .filter(({ adjustedP }) => adjustedP <= LEVEL),
  );
}

/** Choices of k out of n. */
function choices(n: number, k: number): number {
  let count = 1;
  for (let at = 1; at <= k; at++) count = (count * (n - k + at)) / at;
  return count;
}

/**
 * Points needed before a change can be found. However large a change is, a shuffle keeps the two levels apart by chance – in
 * two of the C(n, k) orders there are – and no p is below that.
 */
export function entriesNeeded(tests: number): EntriesNeeded {
  const least = (after: (n: number) => number): number => {
    for (let n = 2 * MIN_SEGMENT; ; n++)
      if (2 / choices(n, after(n)) + 1 / (SHUFFLES + 1) <= LEVEL / Math.max(1, tests)) return n;
  };
  return { middle: least((n) => Math.floor(n / 2)), end: least(() => MIN_SEGMENT) };
}
