/**
 * The functions of metric math that the local stage has ("Functions supported for metric math", CloudWatch user guide). SUM
 * and AVG of one series are a scalar; of an array of series, a series in which a missing value counts as 0.
 */
import { roundedStartMs } from '../period.ts';
import { ExpressionError } from './expression-error.ts';
import { commonPeriodMs, mapped, type Series, timestampsOf, type Value } from './value.ts';

/** What the request asks for; FILL fills all of it. */
export interface Range {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

export function total(name: 'SUM' | 'AVG', value: Value): Value {
  if (value.kind === 'scalar') throw new ExpressionError(`Unsupported operand for ${name}: a scalar`);
  const share = (values: readonly number[], count: number) => {
    const sum = values.reduce((before, one) => before + one, 0);
    return name === 'SUM' ? sum : sum / count;
  };
  if (value.kind === 'series') {
    const values = [...value.points.values()];
    return { kind: 'scalar', value: share(values, values.length) };
  }
  const { items } = value;
  const points = timestampsOf(items).map((timestamp): [number, number] => {
    const values = items.map((item) => item.points.get(timestamp) ?? 0);
    return [timestamp, share(values, items.length)];
  });
  return { kind: 'series', label: name, periodMs: commonPeriodMs(items), points: new Map(points) };
}

export type Filler = Value | 'REPEAT' | 'LINEAR';

/**
 * Fills missing values: with a number, with another series' value of that time, with the last value before (REPEAT), or on
 * the line between the values around (LINEAR). What has no value to fill it from stays missing.
 */
export function filled(value: Value, filler: Filler, range: Range): Value {
  if (value.kind === 'scalar') throw new ExpressionError('Unsupported operand for FILL: a scalar');
  if (typeof filler === 'object' && filler.kind === 'array')
    throw new ExpressionError('Unsupported filler for FILL: an array of time series');
  const fill = (series: Series): Series => ({ ...series, points: filledPoints(series, filler, range) });
  return value.kind === 'series' ? fill(value) : mapped(value, fill);
}

function filledPoints(series: Series, filler: Filler, range: Range): Map<number, number> {
  const filled = new Map<number, number>();
  const missing = fillerOf(series, filler);
  for (const timestamp of gridOf(series, range)) {
    const value = series.points.get(timestamp) ?? missing(timestamp);
    if (value !== undefined && Number.isFinite(value)) filled.set(timestamp, value);
  }
  return filled;
}

/** Every period of the range. */
function gridOf({ periodMs }: Series, { startEpochMs, endEpochMs }: Range): number[] {
  if (periodMs === null) return [];
  const grid: number[] = [];
  const firstMs = roundedStartMs({ startEpochMs, endEpochMs, periodSeconds: periodMs / 1_000 });
  for (let timestamp = firstMs; timestamp < endEpochMs; timestamp += periodMs) grid.push(timestamp);
  return grid;
}

/** Gives the value for a missing timestamp; must be asked in ascending order. */
function fillerOf(series: Series, filler: Filler): (timestamp: number) => number | undefined {
  if (typeof filler === 'object')
    return (timestamp) =>
      filler.kind === 'scalar'
        ? filler.value
        : filler.kind === 'series'
          ? filler.points.get(timestamp)
          : undefined;
  const known = [...series.points];
  let next = 0;
  return (timestamp) => {
    while (next < known.length && known[next]![0] < timestamp) next += 1;
    const before = known[next - 1];
    return filler === 'REPEAT' ? before?.[1] : between(before, known[next], timestamp);
  };
}

type Point = readonly [timestamp: number, value: number];

function between(before: Point | undefined, after: Point | undefined, timestamp: number): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const share = (timestamp - before[0]) / (after[0] - before[0]);
  return before[1] + (after[1] - before[1]) * share;
}
