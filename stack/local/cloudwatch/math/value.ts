/**
 * What metric math computes with: scalars, time series, and arrays of time series, and how operators combine them ("Basic
 * arithmetic functions", CloudWatch user guide): between two series a missing value counts as 0; a division by zero drops
 * the datapoint; two arrays can't be combined. To be sure of what a missing value means, an expression says FILL.
 */
import { ExpressionError } from './expression-error.ts';
import type { Operator } from './tree.ts';

export interface Series {
  readonly kind: 'series';
  /** For the label of a result that is an array. */
  readonly label: string;
  /** Null for the sum of no series: it has no datapoints and goes with any. */
  readonly periodMs: number | null;
  /** By timestamp, UTC milliseconds, ascending. */
  readonly points: ReadonlyMap<number, number>;
}

export interface SeriesArray {
  readonly kind: 'array';
  readonly items: readonly Series[];
}

export interface Scalar {
  readonly kind: 'scalar';
  readonly value: number;
}

export type Value = Scalar | Series | SeriesArray;

/** Counts the datapoints an expression dropped because they would be no number. */
export interface Dropped {
  count: number;
}

type Combine = (left: number, right: number) => number;

const OPERATORS: Readonly<Record<Operator, Combine>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** Throws an {@link ExpressionError} for two arrays, or series of different periods. */
export function operate(operator: Operator, left: Value, right: Value, dropped: Dropped): Value {
  const combine = OPERATORS[operator];
  if (left.kind === 'scalar' && right.kind === 'scalar')
    return { kind: 'scalar', value: combine(left.value, right.value) };
  if (left.kind === 'array' && right.kind === 'array')
    throw new ExpressionError(`Unsupported operands for ${operator}: two arrays of time series`);
  if (left.kind === 'array') return mapped(left, (item) => combined(combine, item, right, dropped));
  if (right.kind === 'array') return mapped(right, (item) => combined(combine, left, item, dropped));
  return combined(combine, left, right, dropped);
}

export function mapped(array: SeriesArray, map: (item: Series) => Value): SeriesArray {
  return {
    kind: 'array',
    items: array.items.map((item) => ({ ...(map(item) as Series), label: item.label })),
  };
}

function combined(combine: Combine, left: Value, right: Value, dropped: Dropped): Series {
  const operands = [left, right].filter((value): value is Series => value.kind === 'series');
  const points = new Map<number, number>();
  for (const timestamp of timestampsOf(operands)) {
    const value = combine(valueAt(left, timestamp), valueAt(right, timestamp));
    if (Number.isFinite(value)) points.set(timestamp, value);
    else dropped.count += 1;
  }
  return { kind: 'series', label: operands[0]!.label, periodMs: commonPeriodMs(operands), points };
}

function valueAt(value: Value, timestamp: number): number {
  if (value.kind === 'scalar') return value.value;
  return value.kind === 'series' ? (value.points.get(timestamp) ?? 0) : Number.NaN;
}

/** Every timestamp at which one of the series has a value, ascending. */
export function timestampsOf(series: readonly Series[]): number[] {
  const all = new Set(series.flatMap(({ points }) => [...points.keys()]));
  return [...all].sort((one, other) => one - other);
}

/** CloudWatch doesn't say how it would match minutes with hours, so that is refused. */
export function commonPeriodMs(series: readonly Series[]): number | null {
  const periods = new Set(series.map(({ periodMs }) => periodMs).filter((periodMs) => periodMs !== null));
  if (periods.size > 1)
    throw new ExpressionError('Time series of different periods are not supported by the local stage');
  return [...periods][0] ?? null;
}
