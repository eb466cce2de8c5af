/**
 * Thins a series for drawing, so that a day-long run draws as fast as a short one. Of every group of neighbours the
 * lowest and the highest point are kept as they are: every drawn point was measured, no peak is lost, and nothing is
 * averaged (an average of percentiles means nothing). A group without any value stays a gap.
 */

/** A point of a series over time; y is null where nothing was measured. */
export interface Point {
  readonly x: number;
  readonly y: number | null;
}

/** At most about `limit` points of the series, in order of x. */
export function decimated(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  const groupSize = Math.ceil((2 * points.length) / limit);
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += groupSize) {
    kept.push(...extremes(points.slice(from, from + groupSize)));
  }
  return kept;
}

function extremes(group: readonly Point[]): Point[] {
  const measured = group.filter((point) => point.y !== null);
  const first = measured[0];
  if (first === undefined) return group.slice(0, 1);
  const lowest = measured.reduce((a, b) => ((b.y ?? 0) < (a.y ?? 0) ? b : a), first);
  const highest = measured.reduce((a, b) => ((b.y ?? 0) > (a.y ?? 0) ? b : a), first);
  if (lowest === highest) return [lowest];
  return lowest.x < highest.x ? [lowest, highest] : [highest, lowest];
}
