/**
 * Picks the metrics that a report shows, under the names that thresholds use. Percentiles are not kept here, so their
 * rows are passed over. Counts are zero in a second in which nothing was counted; latencies and ages have no value in
 * such a second.
 */
import type { MetricSeries, StageMetrics, StagePipeline } from '../../bench/model/result.ts';
import {
  type Dimensions,
  type PipelineMetric,
  PRIMARY_FUNCTION_OUTPUT,
  pipelineMetrics,
  pipelineOf,
} from '../pipeline.ts';
import { EVENT_SOURCE_MAPPING } from '../template/resources/event-source-mapping.ts';
import { FUNCTION } from '../template/resources/function.ts';
import { STREAM_CONSUMER } from '../template/resources/stream-consumer.ts';
import type { ResolvedStack } from '../template/value.ts';
import type { MetricStore, Statistic } from './cloudwatch/metrics.ts';

export interface StageMetricsOptions {
  readonly stack: ResolvedStack;
  readonly store: MetricStore;
  /** The window, UTC milliseconds; every period that overlaps it is included. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

export function stageMetrics(options: StageMetricsOptions): StageMetrics {
  const { stack, store, startEpochMs, endEpochMs } = options;
  const pipeline = pipelineIn(stack);
  const series = pipelineMetrics(pipeline, gatewayDimensions(pipeline, store))
    .flatMap((metric) => seriesOf(metric, options))
    .filter((one) => one.timestamps.length > 0);
  const totals = pipeline.streams.map(({ name }) => {
    const dimensions = { StreamName: name };
    const identity = {
      namespace: 'AWS/Kinesis',
      name: 'IncomingRecords',
      dimensions,
      unit: 'Count',
    } as const;
    return store.sum(identity, startEpochMs, endEpochMs);
  });
  return {
    source: 'local',
    periodMs: store.periodMs,
    incomingRecords: totals.length === 0 ? null : totals.reduce((sum, total) => sum + total, 0),
    series,
  };
}

/** The parts of the stack. The mapping of the primary function tells the primary stream; consumers that nothing reads are passed over. */
function pipelineIn(stack: ResolvedStack): StagePipeline {
  const of = ({ type }: { readonly type: string }) => stack.resources.filter((one) => one.type === type);
  const mappings = of(EVENT_SOURCE_MAPPING).flatMap(({ properties }) => {
    // It names its function by name or ARN.
    const reader = of(FUNCTION).find(({ physicalId, attributes }) =>
      [physicalId, attributes.Arn].includes(String(properties.FunctionName)),
    );
    if (reader === undefined) return [];
    const { physicalId, attributes } = reader;
    return [
      { name: physicalId, functionArn: attributes.Arn ?? '', sourceArn: String(properties.EventSourceArn) },
    ];
  });
  const named = stack.outputs[PRIMARY_FUNCTION_OUTPUT];
  const ends = mappings.find(({ name }) => name === named) ?? mappings[0] ?? null;
  const sources = mappings.map(({ sourceArn }) => sourceArn);
  const resources = stack.resources.filter(
    ({ type, physicalId }) => type !== STREAM_CONSUMER.type || sources.includes(physicalId),
  );
  return pipelineOf({ outputs: stack.outputs, resources }, ends);
}

/** A stage's own, once it was counted by stage. */
function gatewayDimensions({ api }: StagePipeline, store: MetricStore): Dimensions | null {
  if (api === null) return null;
  const perStage = store.list().some(({ dimensions }) => dimensions.Stage === api.stageName);
  return { ApiId: api.apiId, ...(perStage ? { Stage: api.stageName } : {}) };
}

function isKept(stat: PipelineMetric['row']['stat']): stat is Statistic {
  return stat !== 'p50' && stat !== 'p99';
}

function seriesOf(
  { seriesId: id, label, source, row }: PipelineMetric,
  { store, startEpochMs, endEpochMs }: StageMetricsOptions,
): MetricSeries[] {
  const { name, stat, unit } = row;
  if (!isKept(stat)) return [];
  const found = store.series({ ...source, name, unit }, stat, startEpochMs, endEpochMs);
  const points = stat === 'Sum' ? zeroFilled(found, store.periodMs, startEpochMs, endEpochMs) : found;
  return [{ id, label, unit, stat, ...points }];
}

function zeroFilled(
  found: { readonly timestamps: readonly number[]; readonly values: readonly number[] },
  periodMs: number,
  startEpochMs: number,
  endEpochMs: number,
) {
  const known = new Map(found.timestamps.map((timestamp, index) => [timestamp, found.values[index]!]));
  const timestamps: number[] = [];
  const first = Math.floor(startEpochMs / periodMs) * periodMs;
  for (let timestamp = first; timestamp < endEpochMs; timestamp += periodMs) timestamps.push(timestamp);
  return { timestamps, values: timestamps.map((timestamp) => known.get(timestamp) ?? 0) };
}
