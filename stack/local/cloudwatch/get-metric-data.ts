/**
 * GetMetricData: metrics in pages (GetMetricData API reference). Its model knows no error but InvalidNextToken, so whatever is
 * wrong with a request is a ValidationError, and all that is wrong is in it. Expressions are refused: metric math is not modelled.
 */
import type { GetMetricDataInput, GetMetricDataOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../endpoints/action.ts';
import { pageOf, type Result } from './metric-data-page.ts';
import { type MetricQuery, parseQueries } from './metric-data-query.ts';
import type { MetricReader } from './metric-reader.ts';
import { decodeToken, encodeToken, type Position } from './next-token.ts';
import type { Window } from './period.ts';

/** Datapoints in one answer, at most and by default (GetMetricData API reference). */
const DATAPOINTS = 100_800;

const DESCENDING = 'TimestampDescending';

type Range = Pick<Window, 'startEpochMs' | 'endEpochMs'>;

export function getMetricData(
  reader: MetricReader,
  accountId: string,
  input: GetMetricDataInput,
): GetMetricDataOutput {
  const { NextToken, ...request } = input;
  const { queries, range } = checked(input, accountId);
  const position = NextToken === undefined ? [] : positionOf(request, NextToken);
  const ascending = input.ScanBy === 'TimestampAscending';
  const results = queries
    .filter(({ returnData }) => returnData)
    .map((query) => resultOf(reader, query, range, ascending));
  const page = pageOf(results, position, { maxDatapoints: input.MaxDatapoints ?? DATAPOINTS, ascending });
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

function resultOf(reader: MetricReader, query: MetricQuery, range: Range, ascending: boolean): Result {
  const { id, metric, statistic, statisticName, periodSeconds, unit, label = metric.name } = query;
  const matches = unit === undefined || reader.find(metric)?.unit === unit;
  const { timestamps, values, unknown } = matches
    ? reader.read(metric, statistic, { ...range, periodSeconds })
    : { timestamps: [], values: [], unknown: 0 };
  const points = timestamps.map((timestamp, index) => [timestamp, values[index]!] as const);
  const Value = `${unknown} periods have values of which ${statisticName} is not known`;
  const messages = unknown > 0 ? [{ Code: 'StatisticUnknown', Value }] : [];
  return { id, label, points: ascending ? points : points.reverse(), messages, complete: unknown === 0 };
}
