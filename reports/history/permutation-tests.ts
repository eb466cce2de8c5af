/**
 * The permutation tests behind a history. Several metrics are looked at together, and the correction for that asks more of
 * each than a test of one series does: more shuffles, and a p that holds when all series are judged.
 */

import type { EntriesNeeded } from '../../bench/model/history.ts';
import type { Chance } from '../statistics/chance.ts';
import { type ChangePoint, changePoints, MIN_SEGMENT } from '../statistics/change-points.ts';

/**
 * Chances of a false alarm that are accepted over all metrics of a group: of a change in either direction, and of a rise from the best
 * level to the newest, 5 % together at the most. What is certain enough to fail a command, a trend or a change, comes to 1 % at the most.
 */
export const LEVELS = { change: 0.03, trend: 0.02, certainChange: 0.004, certainTrend: 0.006 } as const;

/** Shuffles of the test for a trend, and at the least of one for changes. */
export const SHUFFLES = 999;

/** As many as leave the least p certain after the correction for so many metrics, with a little to spare. */
export function shufflesFor(series: number): number {
  return Math.max(SHUFFLES, Math.ceil((1.3 * series) / LEVELS.certainChange) - 1);
}

/** Changes of one of so many series in order of their place. */
export function testedChanges(series: readonly number[], chance: Chance, count = 1): ChangePoint[] {
  return changePoints(series, chance, {
    level: LEVELS.change,
    permutations: shufflesFor(count),
  });
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
      .filter(({ adjustedP }) => adjustedP <= LEVELS.change),
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
      if (2 / choices(n, after(n)) + 1 / (shufflesFor(tests) + 1) <= LEVELS.change / Math.max(1, tests))
        return n;
  };
  return { middle: least((n) => Math.floor(n / 2)), end: least(() => MIN_SEGMENT) };
}
