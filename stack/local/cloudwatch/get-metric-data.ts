/**
 * GetMetricData (GetMetricData, MetricDataQuery and MetricStat API references). Its model knows no error but
 * InvalidNextToken, so whatever is wrong with a request is a ValidationError, and all that is wrong is in it, each problem
 * naming its parameter as AWS does (`MetricDataQueries.member.1.MetricStat.Stat`). Where AWS's wording is known from what
 * users quote of it, it is used. Expressions are refused: metric math is not modelled.
 */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../errors.ts';
import {
  decodeToken,
  encodeToken,
  isPeriod,
  type MetricName,
  type MetricReader,
  type Position,
  type Window,
} from './metric-reader.ts';
import type { Percentile, Statistic } from './metrics.ts';

/** Datapoints in one response, at most and by default. */
const DATAPOINTS = 100_800;

const QUERIES = 500;

const ID = /^[a-z][a-zA-Z0-9_]*$/;

const DESCENDING = 'TimestampDescending';
const ASCENDING = 'TimestampAscending';

const STATISTICS: readonly Statistic[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** p0 to p100, with at most ten decimals. */
const PERCENTILE = /^p(\d{1,3}(?:\.\d{1,10})?)$/;

/** What CloudWatch has and the stage does not: trimmed and winsorized means and counts, percentile ranks, the interquartile mean. */
const OTHER_STATISTICS = /^(?:(?:tm|wm|tc|ts|pr)[\d(.].*|(?:TM|WM|TC|TS|PR)\(.*\)|IQM)$/;

type Range = Pick<Window, 'startEpochMs' | 'endEpochMs'>;

interface MetricQuery {
  readonly id: string;
  readonly label: string;
  readonly returnData: boolean;
  readonly metric: MetricName;
  readonly periodSeconds: number;
  readonly statistic: Statistic | Percentile;
  readonly statisticName: string;
  /** Only data in this unit, if given. */
  readonly unit: string | undefined;
}

interface Result {
  readonly id: string;
  readonly label: string;
  readonly points: readonly (readonly [timestamp: number, value: number])[];
  readonly messages: readonly sdk.MessageData[];
  /** False when the stage has values that it could not make the statistic of. */
  readonly complete: boolean;
}

export function getMetricData(
  reader: MetricReader,
  accountId: string,
  input: sdk.GetMetricDataInput,
): sdk.GetMetricDataOutput {
  const { NextToken, ...request } = input;
  const { queries, range } = checked(input, accountId);
  const position = NextToken === undefined ? [] : positionOf(request, NextToken);
  const isAscending = input.ScanBy === ASCENDING;
  const results = queries
    .filter(({ returnData }) => returnData)
    .map((query) => resultOf(reader, query, range, isAscending));
  const page = pageOf(results, position, input.MaxDatapoints ?? DATAPOINTS, isAscending);
  return {
    MetricDataResults: page.results,
    ...(page.next === null ? {} : { NextToken: encodeToken(request, page.next) }),
  };
}

function checked(input: sdk.GetMetricDataInput, accountId: string) {
  const { MetricDataQueries = [], StartTime, EndTime } = input;
  const problems: string[] = [];
  const queries = queriesIn(MetricDataQueries, accountId, problems);
  const startEpochMs = StartTime?.getTime() ?? Number.NaN;
  const endEpochMs = EndTime?.getTime() ?? Number.NaN;
  if (Number.isNaN(startEpochMs)) problems.push('The parameter StartTime is required.');
  else if (Number.isNaN(endEpochMs)) problems.push('The parameter EndTime is required.');
  else if (startEpochMs > endEpochMs) problems.push('The parameter EndTime must be greater than StartTime.');
  else if (startEpochMs === endEpochMs)
    problems.push('The parameter StartTime must not equal parameter EndTime.');
  const { MaxDatapoints: most = DATAPOINTS, ScanBy = DESCENDING } = input;
  if (!(most >= 1 && most <= DATAPOINTS))
    problems.push(`The value ${most} for parameter MaxDatapoints must be between 1 and ${DATAPOINTS}.`);
  if (ScanBy !== DESCENDING && ScanBy !== ASCENDING)
    problems.push(`The value ${ScanBy} for parameter ScanBy is not valid.`);
  if (problems.length > 0) throw new AwsError('ValidationError', problems.join('\n'));
  return { queries, range: { startEpochMs, endEpochMs } };
}

function positionOf(request: object, token: string): Position {
  const position = decodeToken(request, token);
  if (position === null) throw new AwsError('InvalidNextToken', 'The NextToken is not of this request.');
  return position;
}

/** The queries that are in order; what is wrong with the others goes to `problems`. */
function queriesIn(
  inputs: readonly sdk.MetricDataQuery[],
  accountId: string,
  problems: string[],
): MetricQuery[] {
  if (inputs.length === 0) problems.push('The parameter MetricDataQueries is required.');
  if (inputs.length > QUERIES) {
    problems.push(`The collection MetricDataQueries must not have a size greater than ${QUERIES}.`);
    return [];
  }
  const ids = new Set<string | undefined>();
  return inputs.flatMap((input, index) => {
    const query = queryIn(input, `MetricDataQueries.member.${index + 1}`, accountId, problems);
    if (ids.has(input.Id)) problems.push(`The values for parameter Id are not unique: ${input.Id}.`);
    ids.add(input.Id);
    return query ?? [];
  });
}

function queryIn(
  { Id = '', Label, ReturnData = true, AccountId, Expression, MetricStat }: sdk.MetricDataQuery,
  path: string,
  accountId: string,
  problems: string[],
): MetricQuery | null {
  if (!ID.test(Id)) problems.push(`The value ${Id} for parameter ${path}.Id is not matching ${ID}.`);
  if (AccountId !== undefined && AccountId !== accountId)
    problems.push(`The parameter ${path}.AccountId names an account that is not linked.`);
  if (Label?.includes('${'))
    problems.push(`Dynamic labels are not supported by the local stage: ${path}.Label.`);
  if ((Expression === undefined) === (MetricStat === undefined))
    problems.push(`Exactly one of ${path}.Expression and ${path}.MetricStat is required.`);
  else if (MetricStat === undefined)
    problems.push(`Metric math is not supported by the local stage: ${path}.Expression.`);
  else {
    const stat = statIn(MetricStat, `${path}.MetricStat`, problems);
    return stat && { id: Id, label: Label ?? stat.metric.name, returnData: ReturnData, ...stat };
  }
  return null;
}

function statIn(
  { Metric, Period = 0, Stat = '', Unit }: sdk.MetricStat,
  path: string,
  problems: string[],
): Omit<MetricQuery, 'id' | 'label' | 'returnData'> | null {
  const required = (member: string, value = ''): string => {
    if (value === '') problems.push(`The parameter ${path}.Metric.${member} is required.`);
    return value;
  };
  const namespace = required('Namespace', Metric?.Namespace);
  const metric = {
    namespace,
    name: required('MetricName', Metric?.MetricName),
    dimensions: Metric?.Dimensions ?? [],
  };
  if (!isPeriod(Period))
    problems.push(
      `The value ${Period} for parameter ${path}.Period must be 1, 5, 10, 20, 30, 60 or any multiple of 60.`,
    );
  const statistic = STATISTICS.find((one) => one === Stat) ?? percentileIn(Stat);
  if (statistic !== null)
    return { metric, periodSeconds: Period, statistic, statisticName: Stat, unit: Unit };
  const fault = OTHER_STATISTICS.test(Stat)
    ? 'is a statistic that is not supported by the local stage'
    : 'is not a valid statistic';
  problems.push(`The value ${Stat} for parameter ${path}.Stat ${fault}.`);
  return null;
}

function percentileIn(text: string): Percentile | null {
  const percentile = Number(PERCENTILE.exec(text)?.[1] ?? Number.NaN);
  return percentile <= 100 ? { percentile } : null;
}

function resultOf(reader: MetricReader, query: MetricQuery, range: Range, isAscending: boolean): Result {
  const { id, metric, statistic, statisticName, periodSeconds, unit, label } = query;
  const matches = unit === undefined || reader.find(metric)?.unit === unit;
  const { timestamps, values, unknown } = matches
    ? reader.read(metric, statistic, { ...range, periodSeconds })
    : { timestamps: [], values: [], unknown: 0 };
  const points = timestamps.map((timestamp, index) => [timestamp, values[index]!] as const);
  const Value = `${unknown} periods have values of which ${statisticName} is not known`;
  const messages = unknown > 0 ? [{ Code: 'StatisticUnknown', Value }] : [];
  return { id, label, points: isAscending ? points : points.reverse(), messages, complete: unknown === 0 };
}

/**
 * The page of at most so many datapoints that begins at `position`, and the position of the next. A result that does not fit
 * is PartialData and goes on in the next page, from where it ended in time, so that data recorded meanwhile moves nothing.
 */
function pageOf(
  results: readonly Result[],
  position: Position,
  mostDatapoints: number,
  isAscending: boolean,
): { readonly results: sdk.MetricDataResult[]; readonly next: Position | null } {
  const [firstIndex = 0, after] = position.map(Number);
  const page: sdk.MetricDataResult[] = [];
  let room = mostDatapoints;
  for (const [index, result] of results.entries()) {
    if (index < firstIndex) continue;
    const left =
      index === firstIndex && after !== undefined
        ? result.points.filter(([timestamp]) => (isAscending ? timestamp > after : timestamp < after))
        : result.points;
    if (room === 0 && left.length > 0) return { results: page, next: [index] };
    const taken = left.slice(0, room);
    room -= taken.length;
    page.push(shown(result, taken, taken.length === left.length));
    if (taken.length < left.length) return { results: page, next: [index, taken.at(-1)![0]] };
  }
  return { results: page, next: null };
}

function shown(result: Result, points: Result['points'], isWhole: boolean): sdk.MetricDataResult {
  return {
    Id: result.id,
    Label: result.label,
    Timestamps: points.map(([timestamp]) => new Date(timestamp)),
    Values: points.map(([, value]) => value),
    StatusCode: isWhole && result.complete ? 'Complete' : 'PartialData',
    ...(result.messages.length > 0 ? { Messages: [...result.messages] } : {}),
  };
}
