/**
 * CloudWatch's actions, over what the local stage counts. Every metric is served under AWS's namespace in minutes, as AWS
 * has it, and under the stage's own (`Local/Kinesis`) in seconds. Values are there at once, and for three hours; AWS takes
 * minutes to publish them and keeps them for 15 days.
 */
import type { GetMetricDataInput, ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../../bench/ports.ts';
import type { Actions } from '../endpoints/action.ts';
import { AwsError } from '../errors.ts';
import { getMetricData } from './get-metric-data.ts';
import { decodeToken, encodeToken, keyOf, type MetricName, MetricReader } from './metric-reader.ts';
import type { MetricStore } from './metrics.ts';

interface CloudWatchOptions {
  /** Its period must be a second, or part of one. */
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly accountId: string;
}

/** Metrics in one response, and most dimensions a filter may name (ListMetrics API reference). */
const PAGE_METRICS = 500;
const FILTER_DIMENSIONS = 30;

/** What `RecentlyActive` means by its only value, PT3H. */
const RECENT_MS = 3 * 3_600_000;

export function cloudWatchActions({ store, clock, accountId }: CloudWatchOptions): Actions {
  const reader = new MetricReader(store, clock);
  return {
    GetMetricData: (input: GetMetricDataInput) => getMetricData(reader, accountId, input),
    ListMetrics: (input: ListMetricsInput) => listMetrics(reader, accountId, input),
  };
}

function listMetrics(reader: MetricReader, accountId: string, input: ListMetricsInput): ListMetricsOutput {
  check(input);
  const { NextToken, ...request } = input;
  const after = NextToken === undefined ? '' : positionOf(request, NextToken);
  const isOwn = (input.OwningAccount ?? accountId) === accountId;
  const left = (isOwn ? reader.list() : []).filter(
    (metric) => matches(metric, input, reader) && keyOf(metric) > after,
  );
  const page = left.slice(0, PAGE_METRICS);
  return {
    Metrics: page.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: [...dimensions],
    })),
    ...(input.IncludeLinkedAccounts === true ? { OwningAccounts: page.map(() => accountId) } : {}),
    ...(left.length > page.length ? { NextToken: encodeToken(request, [keyOf(page.at(-1)!)]) } : {}),
  };
}

function check({ Dimensions = [], RecentlyActive }: ListMetricsInput): void {
  const problems = Dimensions.flatMap(({ Name }, index) =>
    Name ? [] : [`The parameter Dimensions.member.${index + 1}.Name is required.`],
  );
  if (Dimensions.length > FILTER_DIMENSIONS)
    problems.unshift(`The collection Dimensions must not have a size greater than ${FILTER_DIMENSIONS}.`);
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H')
    problems.unshift(`The value ${RecentlyActive} for parameter RecentlyActive must be PT3H.`);
  if (problems.length > 0) throw new AwsError('InvalidParameterValue', problems.join('\n'));
}

function matches(metric: MetricName, filter: ListMetricsInput, reader: MetricReader): boolean {
  const { Namespace = metric.namespace, MetricName = metric.name, Dimensions = [] } = filter;
  const hasAll = Dimensions.every(({ Name, Value }) =>
    metric.dimensions.some((own) => own.Name === Name && (Value === undefined || own.Value === Value)),
  );
  if (Namespace !== metric.namespace || MetricName !== metric.name || !hasAll) return false;
  return filter.RecentlyActive === undefined || reader.isActive(metric, RECENT_MS);
}

function positionOf(request: object, token: string): string {
  const [after] = decodeToken(request, token) ?? [];
  if (typeof after === 'string') return after;
  throw new AwsError('InvalidParameterValue', 'Request parameter NextToken is invalid');
}
