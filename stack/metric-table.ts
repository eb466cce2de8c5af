/**
 * The metrics a report shows of a pipeline, and the names thresholds know them by. One table for both stages: the local
 * one picks these from its own counts, the other asks CloudWatch for them, so `metrics.iteratorAge.max` means the same on
 * either. Names, units and statistics are those of the AWS service guides ("Monitoring WebSocket API execution with
 * CloudWatch metrics", "Monitoring the Amazon Kinesis Data Streams service", "Types of metrics for Lambda functions").
 */

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
export const GATEWAY_METRICS = rows(
  ['connectCount', 'Connections opened', 'ConnectCount', 'Sum', 'Count'],
  ['messageCount', 'Messages, both ways', 'MessageCount', 'Sum', 'Count'],
  ['clientErrors', 'Client errors', 'ClientError', 'Sum', 'Count'],
  ['integrationErrors', 'Integration errors', 'IntegrationError', 'Sum', 'Count'],
  ['executionErrors', 'Execution errors', 'ExecutionError', 'Sum', 'Count'],
  ['integrationLatency', 'Integration latency, average', 'IntegrationLatency', 'Average', 'Milliseconds'],
  ['integrationLatencyMax', 'Integration latency, maximum', 'IntegrationLatency', 'Maximum', 'Milliseconds'],
);

/** By stream. */
export const STREAM_METRICS = rows(
  ['incomingRecords', 'Records written', 'IncomingRecords', 'Sum', 'Count'],
  ['incomingBytes', 'Bytes written', 'IncomingBytes', 'Sum', 'Bytes'],
  ['writeThrottles', 'Writes throttled', 'WriteProvisionedThroughputExceeded', 'Sum', 'Count'],
  ['readThrottles', 'Reads throttled', 'ReadProvisionedThroughputExceeded', 'Sum', 'Count'],
  ['putRecordLatency', 'PutRecord latency, average', 'PutRecord.Latency', 'Average', 'Milliseconds'],
  ['putRecordSuccess', 'PutRecord success ratio', 'PutRecord.Success', 'Average', 'Count'],
);

/** By stream and consumer, where records are pushed. */
export const FAN_OUT_METRICS = rows([
  'millisBehindLatest',
  'Consumer lag, maximum',
  'SubscribeToShardEvent.MillisBehindLatest',
  'Maximum',
  'Milliseconds',
]);

/** By stream, where records are polled for. */
export const POLLING_METRICS = rows([
  'getRecordsIteratorAge',
  'Consumer lag, maximum',
  'GetRecords.IteratorAgeMilliseconds',
  'Maximum',
  'Milliseconds',
]);

/** By function. Percentiles come from CloudWatch only. */
export const FUNCTION_METRICS = rows(
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
export function prefixedLabel(logicalId: string, label: string): string {
  return logicalId === '' ? label : `${logicalId}: ${label}`;
}
