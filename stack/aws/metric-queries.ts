/**
 * Which metrics of a pipeline to ask CloudWatch for, and in which calls. Pure: names and limits, no client. GetMetricData
 * takes up to 500 queries and returns up to 100,800 values a call (GetMetricData, Amazon CloudWatch API reference); the
 * services of the pipeline publish once a minute, so windows are whole minutes.
 */
import type { StagePipeline } from '../../bench/model/result.ts';
import { type Dimensions, type PipelineMetric, pipelineMetrics } from '../pipeline.ts';

/** Resolution of what the services publish. */
export const PERIOD_MS = 60_000;

const MAX_QUERIES_PER_CALL = 500;
const MAX_VALUES_PER_CALL = 100_800;

/** One series to ask for. */
export interface MetricQuery extends PipelineMetric {
  /** Name within a call; CloudWatch wants a lower-case letter first. */
  readonly id: string;
}

/** UTC milliseconds; the end is not part of it. */
export interface MetricWindow {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** The whole minutes that cover a stretch of time. */
export function wholeMinutes(startEpochMs: number, endEpochMs: number): MetricWindow {
  const start = Math.floor(startEpochMs / PERIOD_MS) * PERIOD_MS;
  return {
    startEpochMs: start,
    endEpochMs: Math.max(start + PERIOD_MS, Math.ceil(endEpochMs / PERIOD_MS) * PERIOD_MS),
  };
}

/** Every series of the pipeline. `gateway` are the dimensions under which the API's are found; null asks for none of it. */
export function metricQueries(pipeline: StagePipeline, gateway: Dimensions | null): MetricQuery[] {
  return pipelineMetrics(pipeline, gateway).map((metric, index) => ({ id: `q${index}`, ...metric }));
}

/** The queries in as few calls as the limits allow. */
export function inCalls(
  queries: readonly MetricQuery[],
  { startEpochMs, endEpochMs }: MetricWindow,
): MetricQuery[][] {
  const values = Math.ceil((endEpochMs - startEpochMs) / PERIOD_MS);
  const size = Math.max(1, Math.min(MAX_QUERIES_PER_CALL, Math.floor(MAX_VALUES_PER_CALL / values)));
  const calls: MetricQuery[][] = [];
  for (let from = 0; from < queries.length; from += size) calls.push(queries.slice(from, from + size));
  return calls;
}
