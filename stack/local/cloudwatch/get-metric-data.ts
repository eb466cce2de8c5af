/**
 * GetMetricData: metrics and expressions over them, in pages (GetMetricData API reference). Its model knows no error but
 * InvalidNextToken, so whatever is wrong with a request is a ValidationError, and all that is wrong is in it.
 */
import type { GetMetricDataInput, GetMetricDataOutput, MessageData } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../endpoints/action.ts';
import { Evaluator, type Outcome } from './math/evaluator.ts';
import type { Range } from './math/functions.ts';
import type { Series } from './math/value.ts';
import { onlyPage, pageOf, type Result } from './metric-data-page.ts';
import {
  type ExpressionQuery,
  expressionProblem,
  type MetricQuery,
  parseQueries,
  type Query,
} from './metric-data-query.ts';
import type { MetricReader } from './metric-reader.ts';
import { decodeToken, encodeToken, type Position } from './next-token.ts';

/** Datapoints in one answer, at most and by default (GetMetricData API reference). */
const DATAPOINTS = 100_800;

const DESCENDING = 'TimestampDescending';

/** What AWS says when a division by zero leaves no number. */
const ARITHMETIC_ERROR: MessageData = {
  Code: 'ArithmeticError',
  Value: 'One or more data-points have been dropped due to non-numeric values (NaN, -Infinite, +Infinite)',
};

export function getMetricData(
  reader: MetricReader,
  accountId: string,
  input: GetMetricDataInput,
): GetMetricDataOutput {
  const { NextToken, ...request } = input;
  const { queries, range } = checked(input, accountId);
  const position = NextToken === undefined ? [] : positionOf(request, NextToken);
  const ascending = input.ScanBy === 'TimestampAscending';
  const results = new Answer(reader, queries, range, ascending).results();
  const maxDatapoints = input.MaxDatapoints ?? DATAPOINTS;
  if (queries.some(({ kind }) => kind === 'expression')) return onlyPage(results, maxDatapoints);
  const page = pageOf(results, position, { maxDatapoints, ascending });
  return {
    MetricDataResults: page.results,
    ...(page.next === null ? {} : { NextToken: encodeToken(request, page.next) }),
  };
}

function checked(input: GetMetricDataInput, accountId: string) {
  const { queries, problems } = parseQueries(input.MetricDataQueries ?? [], accountId);
  const range = {
    startEpochMs: input.StartTime?.getTime() ?? Number.NaN,
    endEpochMs: input.EndTime?.getTime() ?? Number.NaN,
  };
  const all = [...problems, ...rangeProblems(range), ...pagingProblems(input)];
  if (all.length > 0) throw new AwsError('ValidationError', all.join('\n'));
  return { queries, range };
}

function rangeProblems({ startEpochMs, endEpochMs }: Range): string[] {
  if (Number.isNaN(startEpochMs)) return ['The parameter StartTime is required.'];
  if (Number.isNaN(endEpochMs)) return ['The parameter EndTime is required.'];
  if (startEpochMs > endEpochMs) return ['The parameter EndTime must be greater than StartTime.'];
  if (startEpochMs === endEpochMs) return ['The parameter StartTime must not equal parameter EndTime.'];
  return [];
}

function pagingProblems({ MaxDatapoints = DATAPOINTS, ScanBy = DESCENDING }: GetMetricDataInput): string[] {
  const problems: string[] = [];
  if (!(MaxDatapoints >= 1 && MaxDatapoints <= DATAPOINTS))
    problems.push(
      `The value ${MaxDatapoints} for parameter MaxDatapoints must be between 1 and ${DATAPOINTS}.`,
    );
  if (ScanBy !== DESCENDING && ScanBy !== 'TimestampAscending')
    problems.push(`The value ${ScanBy} for parameter ScanBy is not valid.`);
  return problems;
}

function positionOf(request: object, token: string): Position {
  const position = decodeToken(request, token);
  if (position === null) throw new AwsError('InvalidNextToken', 'The NextToken is not of this request.');
  return position;
}

/** The results of one request's queries, whole. */
class Answer {
  readonly #reader: MetricReader;
  readonly #queries: readonly Query[];
  readonly #range: Range;
  readonly #ascending: boolean;
  readonly #metrics = new Map<string, { readonly series: Series; readonly unknown: number }>();

  constructor(reader: MetricReader, queries: readonly Query[], range: Range, ascending: boolean) {
    this.#reader = reader;
    this.#queries = queries;
    this.#range = range;
    this.#ascending = ascending;
  }

  results(): Result[] {
    for (const query of this.#queries) {
      if (query.kind === 'metric') this.#metrics.set(query.id, this.#read(query));
    }
    const outcomes = this.#outcomes();
    return this.#queries
      .filter(({ returnData }) => returnData)
      .flatMap((query) =>
        query.kind === 'metric' ? [this.#metricResult(query)] : this.#expressionResults(query, outcomes),
      );
  }

  #read({ metric, statistic, periodSeconds, unit, label = metric.name }: MetricQuery) {
    const matches = unit === undefined || this.#reader.find(metric)?.unit === unit;
    const window = { ...this.#range, periodSeconds };
    const { timestamps, values, unknown } = matches
      ? this.#reader.read(metric, statistic, window)
      : { timestamps: [], values: [], unknown: 0 };
    const points = new Map(timestamps.map((timestamp, index) => [timestamp, values[index]!]));
    const series: Series = { kind: 'series', label, periodMs: periodSeconds * 1_000, points };
    return { series, unknown };
  }

  /** Every expression's outcome, returned or not: a mistake in one is a mistake in the request. */
  #outcomes(): ReadonlyMap<string, Outcome> {
    const expressions = this.#queries.filter(
      (query): query is ExpressionQuery => query.kind === 'expression',
    );
    const evaluator = new Evaluator({
      metrics: new Map([...this.#metrics].map(([id, { series }]) => [id, series])),
      expressions: new Map(expressions.map(({ id, tree }) => [id, tree])),
      range: this.#range,
    });
    const problems: string[] = [];
    const outcomes = new Map<string, Outcome>();
    for (const { id } of expressions) {
      try {
        outcomes.set(id, evaluator.outcome(id));
      } catch (error) {
        problems.push(expressionProblem(id, error));
      }
    }
    if (problems.length > 0) throw new AwsError('ValidationError', problems.join('\n'));
    return outcomes;
  }

  #metricResult({ id, statisticName }: MetricQuery): Result {
    const { series, unknown } = this.#metrics.get(id)!;
    const Value = `${unknown} periods have values of which ${statisticName} is not known`;
    const messages = unknown > 0 ? [{ Code: 'StatisticUnknown', Value }] : [];
    return { id, label: series.label, points: this.#ordered(series), messages, complete: unknown === 0 };
  }

  /** An array gives as many results under the one id; their labels are the expression's and the metric's. */
  #expressionResults({ id, label = id }: Query, outcomes: ReadonlyMap<string, Outcome>): Result[] {
    const { items, isArray, dropped } = outcomes.get(id)!;
    return items.map((series) => ({
      id,
      label: isArray ? `${label} ${series.label}`.trim() : label,
      points: this.#ordered(series),
      messages: dropped > 0 ? [ARITHMETIC_ERROR] : [],
      complete: true,
    }));
  }

  #ordered({ points }: Series): [number, number][] {
    return this.#ascending ? [...points] : [...points].reverse();
  }
}
