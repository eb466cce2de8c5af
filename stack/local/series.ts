/**
 * Picks from the local stage's metrics what a report shows, under the names thresholds use. Everything is found through
 * the template: which stage, stream, consumer and functions there are. The names mean the same on AWS, where
 * `stack/aws/metric-queries.ts` asks CloudWatch for them. Percentiles are not kept here, so their rows are passed over.
 *
 * Counts are zero in a second in which nothing was counted, so they cover the whole window. Latencies and ages have no
 * value in such a second, and a latency that was never recorded is absent.
 */
import type { MetricSeries, StageMetrics } from '../../bench/core/result.ts';
import {
  FAN_OUT_METRICS,
  FUNCTION_METRICS,
  GATEWAY_METRICS,
  type MetricRow,
  POLLING_METRICS,
  PRIMARY_FUNCTION_OUTPUT,
  prefixedId,
  prefixedLabel,
  STREAM_METRICS,
} from '../metric-table.ts';
import type { ResolvedResource, ResolvedStack } from '../template/resolved.ts';
import type { MetricStore, Statistic } from './metrics.ts';
import type { MetricIdentity } from './ports.ts';

export interface StageMetricsOptions {
  readonly stack: ResolvedStack;
  readonly store: MetricStore;
  /** The window, UTC milliseconds; every period that overlaps it is included. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** A series to be picked: its name in reports, and where it is kept. */
interface Pick {
  readonly id: string;
  readonly label: string;
  readonly stat: Statistic;
  readonly identity: MetricIdentity;
}

export function stageMetrics(options: StageMetricsOptions): StageMetrics {
  const { stack, store, startEpochMs, endEpochMs } = options;
  const series = picksOf(stack, store)
    .map((pick) => seriesOf(pick, options))
    .filter((one) => one.timestamps.length > 0);
  const totals = resourcesOf(stack, 'AWS::Kinesis::Stream').map((stream) =>
    store.sum(streamMetric(stream, 'IncomingRecords', 'Count'), startEpochMs, endEpochMs),
  );
  return {
    source: 'local',
    periodMs: store.periodMs,
    incomingRecords: totals.length === 0 ? null : totals.reduce((sum, total) => sum + total, 0),
    series,
  };
}

function picksOf(stack: ResolvedStack, store: MetricStore): Pick[] {
  const primary = primaryFunction(stack);
  const functions = resourcesOf(stack, 'AWS::Lambda::Function');
  return [
    ...resourcesOf(stack, 'AWS::ApiGatewayV2::Stage')
      .slice(0, 1)
      .flatMap((stage) => gatewayPicks(stage, store)),
    ...streamPicks(stack, primary),
    ...(primary ? functionPicks(primary, '') : []),
    ...functions.filter((one) => one !== primary).flatMap((one) => functionPicks(one, one.logicalId)),
  ];
}

function gatewayPicks(stage: ResolvedResource, store: MetricStore): Pick[] {
  const api = { ApiId: String(stage.properties.ApiId) };
  const both = { ...api, Stage: String(stage.properties.StageName) };
  const perStage = store.list().some((identity) => identity.dimensions.Stage === both.Stage);
  return picks('AWS/ApiGateway', perStage ? both : api, GATEWAY_METRICS);
}

/** The stream that the primary function reads, or else the first; and the consumer it is read through. */
function streamPicks(stack: ResolvedStack, primary: ResolvedResource | undefined): Pick[] {
  const streams = resourcesOf(stack, 'AWS::Kinesis::Stream');
  const source = mappings(stack).find((mapping) => reads(mapping, primary))?.properties.EventSourceArn;
  const consumer = resourcesOf(stack, 'AWS::Kinesis::StreamConsumer').find(
    (one) => one.physicalId === source,
  );
  const streamArn = consumer ? consumer.properties.StreamARN : source;
  const stream = streams.find((one) => one.attributes.Arn === streamArn) ?? streams[0];
  if (!stream) return [];
  const dimensions = { StreamName: stream.physicalId };
  const written = picks('AWS/Kinesis', dimensions, STREAM_METRICS);
  if (!consumer) return [...written, ...picks('AWS/Kinesis', dimensions, POLLING_METRICS)];
  const pushed = { ...dimensions, ConsumerName: String(consumer.properties.ConsumerName) };
  return [...written, ...picks('AWS/Kinesis', pushed, FAN_OUT_METRICS)];
}

/** The primary function's series have bare names; another's carry its logical id, `auditFunctionIteratorAge`. */
function functionPicks(resource: ResolvedResource, logicalId: string): Pick[] {
  return picks('AWS/Lambda', { FunctionName: resource.physicalId }, FUNCTION_METRICS, logicalId);
}

function picks(
  namespace: MetricIdentity['namespace'],
  dimensions: Readonly<Record<string, string>>,
  rows: readonly MetricRow[],
  logicalId = '',
): Pick[] {
  return rows.flatMap(({ id, label, name, stat, unit }) => {
    if (!isKept(stat)) return [];
    const identity = { namespace, name, dimensions, unit };
    return [{ id: prefixedId(logicalId, id), label: prefixedLabel(logicalId, label), stat, identity }];
  });
}

function isKept(stat: MetricRow['stat']): stat is Statistic {
  return stat !== 'p50' && stat !== 'p99';
}

function seriesOf(pick: Pick, { store, startEpochMs, endEpochMs }: StageMetricsOptions): MetricSeries {
  const { id, label, stat, identity } = pick;
  const found = store.series(identity, stat, startEpochMs, endEpochMs);
  const points = stat === 'Sum' ? zeroFilled(found, store.periodMs, startEpochMs, endEpochMs) : found;
  return { id, label, unit: identity.unit, stat, ...points };
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

function primaryFunction(stack: ResolvedStack): ResolvedResource | undefined {
  const functions = resourcesOf(stack, 'AWS::Lambda::Function');
  const named = functions.find((one) => one.physicalId === stack.outputs[PRIMARY_FUNCTION_OUTPUT]);
  return named ?? functions.find((one) => mappings(stack).some((mapping) => reads(mapping, one)));
}

function mappings(stack: ResolvedStack): ResolvedResource[] {
  return resourcesOf(stack, 'AWS::Lambda::EventSourceMapping');
}

/** Whether the mapping invokes the function, which it may name by name or ARN. */
function reads(mapping: ResolvedResource, resource: ResolvedResource | undefined): boolean {
  const target = mapping.properties.FunctionName;
  return resource !== undefined && (target === resource.physicalId || target === resource.attributes.Arn);
}

function resourcesOf(stack: ResolvedStack, type: string): ResolvedResource[] {
  return stack.resources.filter((resource) => resource.type === type);
}

function streamMetric(stream: ResolvedResource, name: string, unit: MetricIdentity['unit']): MetricIdentity {
  return { namespace: 'AWS/Kinesis', name, dimensions: { StreamName: stream.physicalId }, unit };
}
