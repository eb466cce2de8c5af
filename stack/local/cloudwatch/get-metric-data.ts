/**
 * GetMetricData: metrics in pages (GetMetricData API reference). Its model knows no error but InvalidNextToken, so whatever is
 * wrong with a request is a ValidationError, and all that is wrong is in it. Expressions are refused: metric math is not modelled.
 */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MessageData,
  MetricDataQuery,
  MetricDataResult,
  MetricStat,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../endpoints/action.ts';
import type { Percentile, Statistic } from '../metrics.ts';
import { decodeToken, encodeToken, type Position } from './list-metrics.ts';
import { isPeriod, type MetricName, type MetricReader, type Window } from './metric-reader.ts';

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

// Cuts the results of GetMetricData into pages of at most MaxDatapoints. Results follow one another in the order of the
// queries; one that does not fit is PartialData and goes on in the next page, from where it ended in time, so that data
// recorded meanwhile moves nothing.

/** A whole result, its datapoints in the order they are answered in. */
interface Result {
  readonly id: string;
  readonly label: string;
  readonly points: readonly (readonly [timestamp: number, value: number])[];
  readonly messages: readonly MessageData[];
  /** False when the stage has values that it could not make the statistic of. */
  readonly complete: boolean;
}

interface PageOptions {
  readonly maxDatapoints: number;
  readonly ascending: boolean;
}

/** One page and the position of the next, if there is one. */
interface Page {
  readonly results: MetricDataResult[];
  readonly next: Position | null;
}

/** The page that begins at `position`. */
function pageOf(
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
    page.push(shownPart(result, taken, taken.length === points.length));
    if (taken.length < points.length) return { results: page, next: [index, taken.at(-1)![0]] };
  }
  return { results: page, next: null };
}

function pointsAfter({ points }: Result, after: number, ascending: boolean): Result['points'] {
  return points.filter(([timestamp]) => (ascending ? timestamp > after : timestamp < after));
}

function shownPart(result: Result, points: Result['points'], whole: boolean): MetricDataResult {
  return {
    Id: result.id,
    Label: result.label,
    Timestamps: points.map(([timestamp]) => new Date(timestamp)),
    Values: points.map(([, value]) => value),
    StatusCode: whole && result.complete ? 'Complete' : 'PartialData',
    ...(result.messages.length > 0 ? { Messages: [...result.messages] } : {}),
  };
}

/** Most queries in a request (GetMetricData API reference). */
const QUERIES = 500;

/** MetricDataQuery API reference, Id. */
const ID = /^[a-z][a-zA-Z0-9_]*$/;

interface MetricQuery {
  readonly id: string;
  /** Undefined when the request gives none. */
  readonly label: string | undefined;
  readonly returnData: boolean;
  readonly metric: MetricName;
  readonly periodSeconds: number;
  readonly statistic: Statistic | Percentile;
  readonly statisticName: string;
  /** Only data in this unit, if given. */
  readonly unit: string | undefined;
}

type QueryHead = Pick<MetricQuery, 'id' | 'label' | 'returnData'>;

/** The queries that are in order, and what is wrong with the others. */
interface ParsedQueries {
  readonly queries: readonly MetricQuery[];
  readonly problems: readonly string[];
}

function parseQueries(inputs: readonly MetricDataQuery[], accountId: string): ParsedQueries {
  if (inputs.length === 0) return failed('The parameter MetricDataQueries is required.');
  if (inputs.length > QUERIES)
    return failed(`The collection MetricDataQueries must not have a size greater than ${QUERIES}.`);
  const problems: string[] = [];
  const queries: MetricQuery[] = [];
  const ids = new Set<string>();
  for (const [index, input] of inputs.entries()) {
    const parser = new QueryParser(`MetricDataQueries.member.${index + 1}`, accountId);
    const query = parser.parse(input);
    problems.push(...parser.problems);
    if (ids.has(input.Id ?? '')) problems.push(`The values for parameter Id are not unique: ${input.Id}.`);
    ids.add(input.Id ?? '');
    if (query !== null) queries.push(query);
  }
  return { queries, problems };
}

function failed(problem: string): ParsedQueries {
  return { queries: [], problems: [problem] };
}

/**
 * Parses the queries of GetMetricData. Every problem is found before any is reported, each naming its parameter as AWS does
 * (`MetricDataQueries.member.1.MetricStat.Stat`). Where AWS's own wording is known from what users quote of it, it is used;
 * the rest follows its form.
 */
class QueryParser {
  readonly problems: string[] = [];
  readonly #path: string;
  readonly #accountId: string;

  constructor(path: string, accountId: string) {
    this.#path = path;
    this.#accountId = accountId;
  }

  parse(input: MetricDataQuery): MetricQuery | null {
    const head = this.#head(input);
    const { Expression, MetricStat } = input;
    if ((Expression === undefined) === (MetricStat === undefined)) {
      this.problems.push(`Exactly one of ${this.#path}.Expression and ${this.#path}.MetricStat is required.`);
      return null;
    }
    if (MetricStat !== undefined) return this.#metric(head, MetricStat);
    this.problems.push(`Metric math is not supported by the local stage: ${this.#path}.Expression.`);
    return null;
  }

  #head({ Id = '', Label, ReturnData = true, AccountId }: MetricDataQuery): QueryHead {
    if (!ID.test(Id))
      this.problems.push(`The value ${Id} for parameter ${this.#path}.Id is not matching ${ID}.`);
    if (AccountId !== undefined && AccountId !== this.#accountId)
      this.problems.push(`The parameter ${this.#path}.AccountId names an account that is not linked.`);
    if (Label?.includes('${'))
      this.problems.push(`Dynamic labels are not supported by the local stage: ${this.#path}.Label.`);
    return { id: Id, label: Label, returnData: ReturnData };
  }

  #metric(head: QueryHead, { Metric, Period, Stat = '', Unit }: MetricStat): MetricQuery | null {
    const namespace = this.#required('MetricStat.Metric.Namespace', Metric?.Namespace);
    const name = this.#required('MetricStat.Metric.MetricName', Metric?.MetricName);
    const periodSeconds = this.#period(Period);
    const statistic = this.#statistic(Stat);
    if (statistic === null) return null;
    const metric = { namespace, name, dimensions: Metric?.Dimensions ?? [] };
    return { ...head, metric, periodSeconds, statistic, statisticName: Stat, unit: Unit };
  }

  #required(member: string, value: string | undefined): string {
    if (!value) this.problems.push(`The parameter ${this.#path}.${member} is required.`);
    return value ?? '';
  }

  #period(seconds = 0): number {
    const parameter = `${this.#path}.MetricStat.Period`;
    if (!isPeriod(seconds))
      this.problems.push(
        `The value ${seconds} for parameter ${parameter} must be 1, 5, 10, 20, 30, 60 or any multiple of 60.`,
      );
    return seconds;
  }

  #statistic(text: string): Statistic | Percentile | null {
    const parsed = parseStatistic(text);
    if (parsed.kind === 'known') return parsed.statistic;
    const parameter = `The value ${text} for parameter ${this.#path}.MetricStat.Stat`;
    this.problems.push(
      parsed.kind === 'missing'
        ? `${parameter} is a statistic that is not supported by the local stage.`
        : `${parameter} is not a valid statistic.`,
    );
    return null;
  }
}

const STATISTICS: readonly Statistic[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** p0 to p100, with at most ten decimals. */
const PERCENTILE = /^p(\d{1,3}(?:\.\d{1,10})?)$/;

/** Trimmed and winsorized means and counts, percentile ranks, and the interquartile mean. */
const OTHERS = /^(?:(?:tm|wm|tc|ts|pr)[\d(.].*|(?:TM|WM|TC|TS|PR)\(.*\)|IQM)$/;

type ParsedStatistic =
  | { readonly kind: 'known'; readonly statistic: Statistic | Percentile }
  /** CloudWatch has it and the local stage does not. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid' };

/**
 * The names of statistics. CloudWatch has five of the numbers themselves, percentiles (`p99`, `p99.9`) and several more of
 * the distribution's parts ("CloudWatch statistics definitions", CloudWatch user guide). The local stage has the first two
 * kinds, and knows the others only to say that it doesn't have them.
 */
function parseStatistic(text: string): ParsedStatistic {
  const plain = STATISTICS.find((statistic) => statistic === text);
  if (plain !== undefined) return { kind: 'known', statistic: plain };
  const percentile = parsePercentile(text);
  if (percentile !== null) return { kind: 'known', statistic: percentile };
  return { kind: OTHERS.test(text) ? 'missing' : 'invalid' };
}

function parsePercentile(text: string): Percentile | null {
  const percent = Number(PERCENTILE.exec(text)?.[1] ?? Number.NaN);
  return percent <= 100 ? { percentile: percent } : null;
}
