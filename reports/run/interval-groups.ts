/**
 * Seconds grouped into rows of a table, so that an hour fits on a screen. Counts are summed. Percentiles can be neither
 * summed nor averaged, so a row shows the worst second's, and the table says so.
 */
import type { Interval } from '../../bench/model/result.ts';

/** Neighbouring seconds as one row. */
export interface IntervalGroup {
  /** First second and, exclusive, last. */
  readonly from: number;
  readonly to: number;
  sum(pick: (interval: Interval) => number): number;
  /** The highest value of the group; null when no second has one. */
  worst(pick: (interval: Interval) => number | null): number | null;
}

/** At most `limit` groups of equal length, in order. */
export function groupedIntervals(intervals: readonly Interval[], limit: number): IntervalGroup[] {
  const size = Math.max(1, Math.ceil(intervals.length / limit));
  const groups: IntervalGroup[] = [];
  for (let from = 0; from < intervals.length; from += size)
    groups.push(groupOf(intervals.slice(from, from + size)));
  return groups;
}

function groupOf(seconds: readonly Interval[]): IntervalGroup {
  return {
    from: seconds[0]?.second ?? 0,
    to: (seconds.at(-1)?.second ?? 0) + 1,
    sum: (pick) => seconds.reduce((sum, interval) => sum + pick(interval), 0),
    worst: (pick) =>
      seconds
        .map(pick)
        .reduce((worst, value) => (worst === null || (value ?? 0) > worst ? value : worst), null),
  };
}
