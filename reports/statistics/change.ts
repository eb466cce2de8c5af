/**
 * A change and what can be said of it. Not being able to show a difference is not the same as there being none, so there
 * are four verdicts, judged against the smallest effect that would matter to anyone:
 *
 * - `same`: the 90 % interval lies within the smallest effect on either side: two one-sided tests at 5 % (Schuirmann 1987).
 *   A difference may be certain and yet too small to matter; that is the same too.
 * - `better` or `worse`: no change at all is outside the 95 % interval, and what was measured is at least the smallest effect.
 * - `cannot tell`: anything else. More repeats, or longer runs, narrow the interval.
 */
import type { Estimate } from './bootstrap.ts';
import { criticalT, twoSided } from './student.ts';

export const VERDICTS = ['better', 'worse', 'same', 'cannot tell'] as const;
export type ChangeVerdict = (typeof VERDICTS)[number];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided confidence of what is shown, and of what decides on `same`. */
const CONFIDENCE = 0.95;
const EQUIVALENCE_CONFIDENCE = 0.9;

/** What is better: less of it (latency, loss), or more (throughput). */
export type Direction = 'less' | 'more';

/** A change, as an estimate on a scale on which no change is zero. */
export interface Change {
  readonly estimate: number;
  /** 95 %. */
  readonly interval: Interval;
  /** 90 %: what `same` is judged by. */
  readonly narrow: Interval;
  /** Chance of so large an estimate or a larger one, were there no change. */
  readonly p: number;
}

/** The change with its intervals. A change without any error has an interval without width. */
export function changeOf({ log, variance, freedom }: Estimate): Change {
  const error = Math.sqrt(variance);
  const within = (confidence: number): Interval => {
    const reach = error === 0 ? 0 : criticalT(confidence, freedom) * error;
    return { low: log - reach, high: log + reach };
  };
  const p = error === 0 ? (log === 0 ? 1 : 0) : twoSided(log / error, freedom);
  return { estimate: log, interval: within(CONFIDENCE), narrow: within(EQUIVALENCE_CONFIDENCE), p };
}

/** The verdict on a change. `margin` is the smallest effect on the change's own scale. */
export function verdictOn(
  { estimate, interval, narrow }: Omit<Change, 'p'>,
  margin: Interval,
  better: Direction,
): ChangeVerdict {
  if (narrow.low > margin.low && narrow.high < margin.high) return 'same';
  const up = interval.low > 0 && estimate >= margin.high;
  const down = interval.high < 0 && estimate <= margin.low;
  if (!up && !down) return 'cannot tell';
  return up === (better === 'more') ? 'better' : 'worse';
}

/** The smallest effect, such as 0.05, as a margin of logarithms: as much more, or as much less. */
export function logMargin(smallestEffect: number): Interval {
  const reach = Math.log1p(smallestEffect);
  return { low: -reach, high: reach };
}

/**
 * p values when several changes are judged together (Holm 1979): the chance of even one false alarm among them stays that
 * of a single test, whatever they have to do with each other.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length).fill(1);
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min(1, ps[index]! * (ps.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}
