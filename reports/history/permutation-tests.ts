/**
 * The permutation tests behind a history. Several metrics are looked at together, and the correction for that asks more of each
 * than a p of 1 in 200, the least that one round of shuffles can show. The splits that E-divisive tries come in the same order
 * whatever the shuffles were, so rounds with chances of their own find the same changes, up to the one at which they stop:
 * their shuffles add up, and what not every round found is not found.
 */
import type { Chance } from '../statistics/chance.ts';
import { type ChangePoint, changePoints } from '../statistics/change-points.ts';
import type { EntriesNeeded } from './history.ts';

/** Chance of a false alarm that is accepted, over all metrics of a group. */
export const LEVEL = 0.05;

/** Points of a segment at the least, and shuffles of a round: those of change-points.ts. */
export const MIN_SEGMENT = 3;
const ROUND_SHUFFLES = 199;

/** With five rounds the least p is 1 in 996, which Holm's correction for thirteen metrics leaves at 0.013. */
const ROUNDS = 5;
export const SHUFFLES = ROUNDS * ROUND_SHUFFLES;

/**
 * Steps into which a series' range is divided. A shuffle that restores the very same two sides must come to the same distance,
 * or it is not counted against the change, and in short series p comes out several times too small. In floating point the
 * order of a sum decides on its last digit; sums of whole numbers below 2^53 are exact, for a thousand entries as well.
 */
const STEPS = 2 ** 30;

function wholeNumbers(series: readonly number[]): number[] {
  const low = Math.min(...series);
  const range = Math.max(...series) - low || 1;
  return series.map((value) => Math.round(((value - low) / range) * STEPS));
}

/** Changes of a series in order of their place, each with the p of all shuffles. */
export function testedChanges(values: readonly number[], chance: Chance): ChangePoint[] {
  const series = wholeNumbers(values);
  let found = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const points = changePoints(series, chance.fork(`round ${round}`), LEVEL);
    // A shuffle that did as well as the series itself; the one added to it in p is the series itself.
    const greater = points.map(({ index, p }) => [index, Math.round(p * (ROUND_SHUFFLES + 1)) - 1] as const);
    const known = found;
    found = new Map(
      greater
        .filter(([index]) => round === 0 || known.has(index))
        .map(([index, count]) => [index, (known.get(index) ?? 0) + count]),
    );
    // No round can bring back what one has not found.
    if (found.size === 0) return [];
  }
  return [...found].map(([index, greater]) => ({ index, p: (greater + 1) / (SHUFFLES + 1) }));
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
