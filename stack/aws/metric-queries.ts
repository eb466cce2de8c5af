/**
 * Which metrics of a pipeline to ask CloudWatch for, and in which calls. Pure: names and limits, no client. GetMetricData
 * takes up to 500 queries and returns up to 100,800 values a call (GetMetricData, Amazon CloudWatch API reference); the
 * services of the pipeline publish once a minute, so windows are whole minutes.
 */
import type { StagePipeline } from '../../bench/core/result.ts';
import {
  FAN_OUT_METRICS,
  FUNCTION_METRICS,
  GATEWAY_METRICS,
  type MetricRow,
  POLLING_METRICS,
  prefixedId,
  prefixedLabel,
  STREAM_METRICS,
} from '../metric-table.ts';

/** Resolution of what the services publish. */
export const PERIOD_MS = 60_000;

const MAX_QUERIES_PER_CALL = 500;
const MAX_VALUES_PER_CALL = 100_800;

export type Dimensions = Readonly<Record<string, string>>;

/** A part of the pipeline whose metrics share their dimensions. */
export interface MetricSource {
  readonly namespace: 'AWS/ApiGateway' | 'AWS/Kinesis' | 'AWS/Lambda';
  readonly dimensions: Dimensions;
}

/** One series to ask for. */
export interface MetricQuery {
  /** Name within a call; CloudWatch wants a lower-case letter first. */
  readonly id: string;
  readonly source: MetricSource;
  readonly seriesId: string;
  readonly label: string;
  readonly row: MetricRow;
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

/** Dimensions of an API's metrics, as far as is known without asking. */
export function apiDimensions({ api }: StagePipeline): Dimensions | null {
  return api === null ? null : { ApiId: api.apiId, Stage: api.stageName };
}

type Draft = Omit<MetricQuery, 'id'>;

/** Every series of the pipeline. `gateway` are the dimensions under which the API's are found; null asks for none of it. */
export function metricQueries(pipeline: StagePipeline, gateway: Dimensions | null): MetricQuery[] {
  const drafts = [
    ...(gateway === null ? [] : drafted('AWS/ApiGateway', gateway, GATEWAY_METRICS)),
    ...pipeline.streams.flatMap((stream, index) => streamDrafts(pipeline, stream, index)),
    ...pipeline.functions.flatMap(({ logicalId, name }, index) =>
      drafted('AWS/Lambda', { FunctionName: name }, FUNCTION_METRICS, index === 0 ? '' : logicalId),
    ),
  ];
  return drafts.map((draft, index) => ({ id: `q${index}`, ...draft }));
}

/** A stream, and how far its readers are behind: each consumer that is pushed to, or those that poll, together. */
function streamDrafts(
  { consumers }: StagePipeline,
  { logicalId, name }: StagePipeline['streams'][number],
  index: number,
): Draft[] {
  const stream = { StreamName: name };
  const prefix = index === 0 ? '' : logicalId;
  const pushed = consumers.filter(({ streamName }) => streamName === name);
  const lags = pushed.flatMap((consumer) => {
    const isPrimary = index === 0 && consumer === pushed[0];
    const dimensions = { ...stream, ConsumerName: consumer.name };
    return drafted('AWS/Kinesis', dimensions, FAN_OUT_METRICS, isPrimary ? '' : consumer.logicalId);
  });
  return [
    ...drafted('AWS/Kinesis', stream, STREAM_METRICS, prefix),
    ...(pushed.length === 0 ? drafted('AWS/Kinesis', stream, POLLING_METRICS, prefix) : lags),
  ];
}

function drafted(
  namespace: MetricSource['namespace'],
  dimensions: Dimensions,
  rows: readonly MetricRow[],
  logicalId = '',
): Draft[] {
  const source = { namespace, dimensions };
  return rows.map((row) => ({
    source,
    seriesId: prefixedId(logicalId, row.id),
    label: prefixedLabel(logicalId, row.label),
    row,
  }));
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
