/**
 * The metrics a report shows of a pipeline, and the names thresholds know them by. One for both stages: the local
 * one picks these from its own counts, the other asks CloudWatch for them, so `metrics.iteratorAge.max` means the same on
 * either. Names, units and statistics are those of the AWS service guides ("Monitoring WebSocket API execution with
 * CloudWatch metrics", "Monitoring the Amazon Kinesis Data Streams service", "Types of metrics for Lambda functions").
 */
import type { StagePipeline } from '../bench/model/result.ts';

/** Statistics as CloudWatch names them. */
export type MetricStat = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | 'p50' | 'p99';

/** A metric of one kind of resource, with one statistic. */
export interface MetricRow {
  /** Camel-case; what a threshold names. */
  readonly id: string;
  readonly label: string;
  /** CloudWatch's name of the metric. */
  readonly name: string;
  readonly stat: MetricStat;
  readonly unit: 'Count' | 'Milliseconds' | 'Bytes' | 'None';
}

type Line = readonly [id: string, label: string, name: string, stat: MetricStat, unit: MetricRow['unit']];

function rows(...lines: readonly Line[]): readonly MetricRow[] {
  return lines.map(([id, label, name, stat, unit]) => ({ id, label, name, stat, unit }));
}

/** By API and stage. */
const GATEWAY_METRICS = rows(
  ['connectCount', 'Connections opened', 'ConnectCount', 'Sum', 'Count'],
  ['messageCount', 'Messages, both ways', 'MessageCount', 'Sum', 'Count'],
  ['clientErrors', 'Client errors', 'ClientError', 'Sum', 'Count'],
  ['integrationErrors', 'Integration errors', 'IntegrationError', 'Sum', 'Count'],
  ['executionErrors', 'Execution errors', 'ExecutionError', 'Sum', 'Count'],
  ['integrationLatency', 'Integration latency, average', 'IntegrationLatency', 'Average', 'Milliseconds'],
  ['integrationLatencyMax', 'Integration latency, maximum', 'IntegrationLatency', 'Maximum', 'Milliseconds'],
);

/** By stream. */
const STREAM_METRICS = rows(
  ['incomingRecords', 'Records written', 'IncomingRecords', 'Sum', 'Count'],
  ['incomingBytes', 'Bytes written', 'IncomingBytes', 'Sum', 'Bytes'],
  ['writeThrottles', 'Writes throttled', 'WriteProvisionedThroughputExceeded', 'Sum', 'Count'],
  ['readThrottles', 'Reads throttled', 'ReadProvisionedThroughputExceeded', 'Sum', 'Count'],
  ['putRecordLatency', 'PutRecord latency, average', 'PutRecord.Latency', 'Average', 'Milliseconds'],
  ['putRecordSuccess', 'PutRecord success ratio', 'PutRecord.Success', 'Average', 'Count'],
);

/** By stream and consumer, where records are pushed. */
const FAN_OUT_METRICS = rows([
  'millisBehindLatest',
  'Consumer lag, maximum',
  'SubscribeToShardEvent.MillisBehindLatest',
  'Maximum',
  'Milliseconds',
]);

/** By stream, where records are polled for. */
const POLLING_METRICS = rows([
  'getRecordsIteratorAge',
  'Consumer lag, maximum',
  'GetRecords.IteratorAgeMilliseconds',
  'Maximum',
  'Milliseconds',
]);

/** By function. Percentiles come from CloudWatch only. */
const FUNCTION_METRICS = rows(
  ['invocations', 'Invocations', 'Invocations', 'Sum', 'Count'],
  ['errors', 'Errors', 'Errors', 'Sum', 'Count'],
  ['throttles', 'Throttles', 'Throttles', 'Sum', 'Count'],
  ['duration', 'Duration, average', 'Duration', 'Average', 'Milliseconds'],
  ['durationP50', 'Duration, p50', 'Duration', 'p50', 'Milliseconds'],
  ['durationP99', 'Duration, p99', 'Duration', 'p99', 'Milliseconds'],
  ['durationMax', 'Duration, maximum', 'Duration', 'Maximum', 'Milliseconds'],
  ['concurrentExecutions', 'Concurrent executions', 'ConcurrentExecutions', 'Maximum', 'Count'],
  ['iteratorAge', 'Iterator age, maximum', 'IteratorAge', 'Maximum', 'Milliseconds'],
);

/** The output of the reference template that names the function whose metrics come without a prefix. */
export const PRIMARY_FUNCTION_OUTPUT = 'EchoFunctionName';

/** `auditFunctionIteratorAge`: the id of a part that is not the primary one carries its logical id. */
export function prefixedId(logicalId: string, id: string): string {
  if (logicalId === '') return id;
  return logicalId.charAt(0).toLowerCase() + logicalId.slice(1) + id.charAt(0).toUpperCase() + id.slice(1);
}

/** `AuditFunction: Iterator age, maximum`. */
function prefixedLabel(logicalId: string, label: string): string {
  return logicalId === '' ? label : `${logicalId}: ${label}`;
}

export type Dimensions = Readonly<Record<string, string>>;

/** A part of the pipeline whose metrics share their dimensions. */
export interface MetricSource {
  readonly namespace: 'AWS/ApiGateway' | 'AWS/Kinesis' | 'AWS/Lambda';
  readonly dimensions: Dimensions;
}

/** A series of a pipeline. */
export interface PipelineMetric {
  readonly source: MetricSource;
  readonly seriesId: string;
  readonly label: string;
  readonly row: MetricRow;
}

/** Dimensions of an API's metrics, as far as is known without asking. */
export function apiDimensions({ api }: StagePipeline): Dimensions | null {
  return api === null ? null : { ApiId: api.apiId, Stage: api.stageName };
}

/** Every series of the pipeline. `gateway` are the dimensions under which the API's are found; null leaves it out. */
export function pipelineMetrics(pipeline: StagePipeline, gateway: Dimensions | null): PipelineMetric[] {
  return [
    ...(gateway === null ? [] : metricsOf('AWS/ApiGateway', gateway, GATEWAY_METRICS)),
    ...pipeline.streams.flatMap((stream, index) => streamMetrics(pipeline, stream, index)),
    ...pipeline.functions.flatMap(({ logicalId, name }, index) =>
      metricsOf('AWS/Lambda', { FunctionName: name }, FUNCTION_METRICS, index === 0 ? '' : logicalId),
    ),
  ];
}

/** A stream, and how far its readers are behind: each consumer that is pushed to, or those that poll, together. */
function streamMetrics(
  { consumers }: StagePipeline,
  { logicalId, name }: StagePipeline['streams'][number],
  index: number,
): PipelineMetric[] {
  const stream = { StreamName: name };
  const prefix = index === 0 ? '' : logicalId;
  const pushed = consumers.filter(({ streamName }) => streamName === name);
  const lags = pushed.flatMap((consumer) => {
    const isPrimary = index === 0 && consumer === pushed[0];
    const dimensions = { ...stream, ConsumerName: consumer.name };
    return metricsOf('AWS/Kinesis', dimensions, FAN_OUT_METRICS, isPrimary ? '' : consumer.logicalId);
  });
  return [
    ...metricsOf('AWS/Kinesis', stream, STREAM_METRICS, prefix),
    ...(pushed.length === 0 ? metricsOf('AWS/Kinesis', stream, POLLING_METRICS, prefix) : lags),
  ];
}

function metricsOf(
  namespace: MetricSource['namespace'],
  dimensions: Dimensions,
  rows: readonly MetricRow[],
  logicalId = '',
): PipelineMetric[] {
  const source = { namespace, dimensions };
  return rows.map((row) => ({
    source,
    seriesId: prefixedId(logicalId, row.id),
    label: prefixedLabel(logicalId, row.label),
    row,
  }));
}
