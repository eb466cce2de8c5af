/**
 * CloudWatch's actions, over what the local stage counts. Every metric is served under AWS's namespace in minutes, as AWS
 * has it, and under the stage's own (`Local/Kinesis`) in seconds. Values are there at once, and for three hours; AWS takes
 * minutes to publish them and keeps them for 15 days.
 */
import type { GetMetricDataInput, ListMetricsInput } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../../bench/ports.ts';
import type { Actions } from '../endpoints/action.ts';
import type { MetricStore } from '../metrics.ts';
import { getMetricData } from './get-metric-data.ts';
import { listMetrics } from './list-metrics.ts';
import { MetricReader } from './metric-reader.ts';

export interface CloudWatchOptions {
  /** Its period must be a second, or part of one. */
  readonly store: MetricStore;
  readonly clock: Clock;
  /** Where the stage pretends to be. No answer of these actions has it in it. */
  readonly region: string;
  readonly accountId: string;
}

/** GetMetricData and ListMetrics. */
export function cloudWatchActions({ store, clock, accountId }: CloudWatchOptions): Actions {
  const reader = new MetricReader({ store, clock });
  return {
    GetMetricData: (input: GetMetricDataInput) => getMetricData(reader, accountId, input),
    ListMetrics: (input: ListMetricsInput) => listMetrics(reader, accountId, input),
  };
}
