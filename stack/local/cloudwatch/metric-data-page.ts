/**
 * Cuts the results of GetMetricData into pages of at most MaxDatapoints. Results follow one another in the order of the
 * queries; one that does not fit is PartialData and goes on in the next page, from where it ended in time, so that data
 * recorded meanwhile moves nothing.
 */
import type { MessageData, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Position } from './next-token.ts';

/** A whole result, its datapoints in the order they are answered in. */
export interface Result {
  readonly id: string;
  readonly label: string;
  readonly points: readonly (readonly [timestamp: number, value: number])[];
  readonly messages: readonly MessageData[];
  /** False when the stage has values that it could not make the statistic of. */
  readonly complete: boolean;
}

export interface PageOptions {
  readonly maxDatapoints: number;
  readonly ascending: boolean;
}

/** One page and the position of the next, if there is one. */
export interface Page {
  readonly results: MetricDataResult[];
  readonly next: Position | null;
}

/** The page that begins at `position`. */
export function pageOf(
  results: readonly Result[],
  position: Position,
  { maxDatapoints, ascending }: PageOptions,
): Page {
  const [firstIndex = 0, after] = position.map(Number);
  const page: MetricDataResult[] = [];
  let room = maxDatapoints;
  for (const [index, result] of results.entries()) {
    if (index < firstIndex) continue;
    const points =
      index === firstIndex && after !== undefined ? pointsAfter(result, after, ascending) : result.points;
    if (room === 0 && points.length > 0) return { results: page, next: [index] };
    const taken = points.slice(0, room);
    room -= taken.length;
    page.push(resultOf(result, taken, taken.length === points.length));
    if (taken.length < points.length) return { results: page, next: [index, taken.at(-1)![0]] };
  }
  return { results: page, next: null };
}

function pointsAfter({ points }: Result, after: number, ascending: boolean): Result['points'] {
  return points.filter(([timestamp]) => (ascending ? timestamp > after : timestamp < after));
}

function resultOf(result: Result, points: Result['points'], whole: boolean): MetricDataResult {
  return {
    Id: result.id,
    Label: result.label,
    Timestamps: points.map(([timestamp]) => new Date(timestamp)),
    Values: points.map(([, value]) => value),
    StatusCode: whole && result.complete ? 'Complete' : 'PartialData',
    ...(result.messages.length > 0 ? { Messages: [...result.messages] } : {}),
  };
}
