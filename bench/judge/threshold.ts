/**
 * Thresholds: `PATH OPERATOR NUMBER` over result.json, such as `latency.response.p99 < 250` or `messages.lost == 0`. The
 * stage's metrics are reached by their id and an aggregate over time: `metrics.iteratorAge.max < 1000`. A value that is
 * absent (a percentile without enough samples, a metric nobody published) fails its threshold: unknown is not good.
 */
import type { MetricSeries, RunResult } from '../model/result.ts';

const OPERATORS = {
  '<=': (left: number, right: number) => left <= right,
  '>=': (left: number, right: number) => left >= right,
  '==': (left: number, right: number) => left === right,
  '!=': (left: number, right: number) => left !== right,
  '<': (left: number, right: number) => left < right,
  '>': (left: number, right: number) => left > right,
} as const;

type Operator = keyof typeof OPERATORS;

/** Aggregates of a metric's values over the run. */
const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  sum: (values) => values.reduce((total, value) => total + value, 0),
  mean: (values) => values.reduce((total, value) => total + value, 0) / values.length,
  last: (values) => values[values.length - 1]!,
};

/** Parts of a result in which a threshold may look. */
const ROOTS = ['connections', 'messages', 'throughput', 'latency', 'ordering', 'metrics', 'cost'] as const;

export interface Threshold {
  readonly expression: string;
  readonly path: readonly string[];
  readonly operator: Operator;
  readonly bound: number;
}

const PATTERN = /^\s*([A-Za-z][\w.]*)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/;

/** Parses an expression; a string says what is wrong with it. */
export function parseThreshold(expression: string): Threshold | string {
  const match = PATTERN.exec(expression);
  if (match === null) {
    return `'${expression}' is not PATH OPERATOR NUMBER, as in 'latency.response.p99 < 250'`;
  }
  const path = match[1]!.split('.');
  const root = ROOTS.find((name) => name === path[0]);
  if (root === undefined) return `'${expression}' must start with one of ${ROOTS.join(', ')}`;
  if (root === 'metrics' && (path.length !== 3 || !Object.hasOwn(AGGREGATES, path[2]!))) {
    return `'${expression}' must be metrics.ID.AGGREGATE with ${Object.keys(AGGREGATES).join(', ')}`;
  }
  return { expression, path, operator: match[2] as Operator, bound: Number(match[3]) };
}

/** Judges the thresholds against a result. */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  result: Pick<RunResult, (typeof ROOTS)[number]>,
): RunResult['thresholds'] {
  return thresholds.map(({ expression, path, operator, bound }) => {
    const value =
      path[0] === 'metrics' ? metricAt(path, result.metrics?.series ?? []) : valueAt(path, result);
    return { expression, value, ok: value !== null && OPERATORS[operator](value, bound) };
  });
}

/** Whether a path can exist in any result: catches misspelt names before a run instead of after it. */
export function isKnownPath(
  path: readonly string[],
  example: Pick<RunResult, (typeof ROOTS)[number]>,
): boolean {
  if (path[0] === 'metrics') return true;
  let place: unknown = example;
  for (const name of path) {
    if (place === null) return isPathBelowNull(path);
    if (typeof place !== 'object' || !Object.hasOwn(place, name)) return isOpenEnded(path);
    place = (place as Record<string, unknown>)[name];
  }
  return place === null || typeof place === 'number';
}

const COST_FIGURES = ['total', 'perMonth', 'perMillionRoundTrips'];

/** What is absent from a run in which nothing happened: the hop budget and the cost. */
function isPathBelowNull(path: readonly string[]): boolean {
  const [root, name, hop, statistic] = path;
  if (root === 'cost') return path.length === 2 && COST_FIGURES.includes(name ?? '');
  const isHop = ['ingest', 'queue', 'process', 'deliver'].includes(hop ?? '');
  return path.length === 4 && isHop && /^(count|min|mean|p50|p90|p95|p99|p999|max)$/.test(statistic ?? '');
}

/** Counters by kind or code have no fixed keys. */
function isOpenEnded(path: readonly string[]): boolean {
  return path.length >= 2 && ['unexpected', 'failures'].includes(path[path.length - 2]!);
}

function valueAt(path: readonly string[], result: object): number | null {
  let place: unknown = result;
  for (const name of path) {
    if (typeof place !== 'object' || place === null) return null;
    place = (place as Record<string, unknown>)[name];
  }
  if (place === undefined && isOpenEnded(path)) return 0;
  return typeof place === 'number' ? place : null;
}

function metricAt(path: readonly string[], series: readonly MetricSeries[]): number | null {
  const found = series.find(({ id }) => id === path[1]);
  if (found === undefined || found.values.length === 0) return null;
  return AGGREGATES[path[2]!]!(found.values);
}
