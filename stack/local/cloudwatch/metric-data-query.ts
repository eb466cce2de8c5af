/**
 * Parses the queries of GetMetricData. Every problem is found before any is reported, each naming its parameter as AWS does
 * (`MetricDataQueries.member.1.MetricStat.Stat`). Where AWS's own wording is known from what users quote of it, it is used;
 * the rest follows its form.
 */
import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import type { Percentile, Statistic } from '../metrics.ts';
import type { MetricName } from './metric-reader.ts';
import { isPeriod } from './period.ts';
import { parseStatistic } from './statistic.ts';

/** Most queries in a request (GetMetricData API reference). */
const QUERIES = 500;

/** MetricDataQuery API reference, Id. */
const ID = /^[a-z][a-zA-Z0-9_]*$/;

export interface MetricQuery {
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
export interface ParsedQueries {
  readonly queries: readonly MetricQuery[];
  readonly problems: readonly string[];
}

export function parseQueries(inputs: readonly MetricDataQuery[], accountId: string): ParsedQueries {
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
