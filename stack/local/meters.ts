/**
 * Lists the metrics that the stage counts: AWS's names, units, and the dimensions that each is published under.
 * Sources: "Monitor WebSocket API execution with CloudWatch metrics", "Monitoring the Amazon Kinesis Data Streams
 * service", "Types of metrics for Lambda functions".
 */
import type { MetricStore } from './cloudwatch/metrics.ts';
import type { Meter, MetricIdentity, MetricRegistry } from './ports.ts';

type Units = Readonly<Record<string, MetricIdentity['unit']>>;
type Dimensions = MetricIdentity['dimensions'];

/** The meters of a table, by the metrics' names. */
export type Meters<T extends Units> = Readonly<Record<keyof T, Meter>>;

/**
 * A stage, or a route of it. MessageCount counts both directions; error frames are not counted as messages, since the guide
 * speaks of messages sent to the API from or to the client. A route counts what happens once it is known, so a stage's
 * counts are not the sum of its routes'.
 */
export const GATEWAY = {
  ConnectCount: 'Count',
  MessageCount: 'Count',
  ClientError: 'Count',
  IntegrationError: 'Count',
  ExecutionError: 'Count',
  IntegrationLatency: 'Milliseconds',
} as const;

/** The write side of a stream. */
export const STREAM_WRITES = {
  IncomingRecords: 'Count',
  IncomingBytes: 'Bytes',
  WriteProvisionedThroughputExceeded: 'Count',
  'PutRecord.Success': 'Count',
  'PutRecord.Latency': 'Milliseconds',
  'PutRecord.Bytes': 'Bytes',
  'PutRecords.Success': 'Count',
  'PutRecords.Latency': 'Milliseconds',
  'PutRecords.Bytes': 'Bytes',
  'PutRecords.TotalRecords': 'Count',
  'PutRecords.SuccessfulRecords': 'Count',
  'PutRecords.FailedRecords': 'Count',
  'PutRecords.ThrottledRecords': 'Count',
} as const;

/** Shared-throughput reading of a stream, by a mapping's polling and by GetRecords alike. */
export const STREAM_READS = {
  'GetRecords.Records': 'Count',
  'GetRecords.Bytes': 'Bytes',
  'GetRecords.Latency': 'Milliseconds',
  'GetRecords.Success': 'Count',
  'GetRecords.IteratorAgeMilliseconds': 'Milliseconds',
  ReadProvisionedThroughputExceeded: 'Count',
} as const;

/** Reading by enhanced fan-out, per consumer. */
export const FAN_OUT = {
  'SubscribeToShard.Success': 'Count',
  'SubscribeToShard.RateExceeded': 'Count',
  'SubscribeToShardEvent.Success': 'Count',
  'SubscribeToShardEvent.Records': 'Count',
  'SubscribeToShardEvent.Bytes': 'Bytes',
  'SubscribeToShardEvent.MillisBehindLatest': 'Milliseconds',
} as const;

/**
 * What a shard counts by itself when its stream is told to (DesiredShardLevelMetrics), in the order of the
 * EnableEnhancedMonitoring API reference. Outgoing records are those of shared reads: the guide defines them by GetRecords.
 */
export const SHARD = {
  IncomingBytes: 'Bytes',
  IncomingRecords: 'Count',
  OutgoingBytes: 'Bytes',
  OutgoingRecords: 'Count',
  WriteProvisionedThroughputExceeded: 'Count',
  ReadProvisionedThroughputExceeded: 'Count',
  IteratorAgeMilliseconds: 'Milliseconds',
} as const;

export type ShardMetric = keyof typeof SHARD;
export const SHARD_METRICS = Object.keys(SHARD) as readonly ShardMetric[];

export const FUNCTION = {
  Invocations: 'Count',
  Errors: 'Count',
  Throttles: 'Count',
  Duration: 'Milliseconds',
  ConcurrentExecutions: 'Count',
} as const;

/** A function, as the mappings that invoke it count for it. */
export const FUNCTION_SOURCES = {
  IteratorAge: 'Milliseconds',
  DestinationDeliveryFailures: 'Count',
} as const;

/** A mapping whose MetricsConfig asks for them. Dropped events exclude those that went to a destination. */
export const MAPPING = {
  PolledEventCount: 'Count',
  InvokedEventCount: 'Count',
  FailedInvokeEventCount: 'Count',
  DroppedEventCount: 'Count',
  OnFailureDestinationDeliveredEventCount: 'Count',
} as const;

const FORGETFUL: Meter = { record: () => {} };

/** The meters of a table for one set of dimensions; those of metrics that are not wanted forget. */
export function metersOf<T extends Units>(
  metrics: MetricRegistry,
  namespace: MetricIdentity['namespace'],
  units: T,
  dimensions: Dimensions,
  isWanted: (name: string) => boolean = () => true,
): Meters<T> {
  const entries = Object.entries(units).map(([name, unit]) => [
    name,
    isWanted(name) ? metrics.meter({ namespace, name, dimensions, unit }) : FORGETFUL,
  ]);
  return Object.fromEntries(entries) as Meters<T>;
}

/** Metrics that Lambda publishes without dimensions too and whose values of several functions can be put together. */
const ACROSS_FUNCTIONS: readonly string[] = ['Invocations', 'Errors', 'Throttles', 'Duration'];

/**
 * The registry of the store, in which every meter counts for all the dimensions that AWS publishes its metric under: a
 * stage's messages also as the API's, a function's invocations also as those of all functions.
 */
export function withDimensionSets(store: MetricStore): MetricRegistry {
  return {
    meter: (identity) => {
      for (const dimensions of otherDimensions(identity)) store.alias(identity, { ...identity, dimensions });
      return store.meter(identity);
    },
  };
}

function otherDimensions({ namespace, name, dimensions }: MetricIdentity): Dimensions[] {
  const { ApiId, Stage, Route, FunctionName, Resource } = dimensions;
  // A route's count is recorded besides its stage's: not everything that a stage counts has a route.
  if (namespace === 'AWS/ApiGateway' && ApiId !== undefined && Stage !== undefined && Route === undefined)
    return [{ ApiId }];
  if (namespace !== 'AWS/Lambda' || FunctionName === undefined || Resource !== undefined) return [];
  // What is invoked without a version or alias is published with its own name as the resource.
  const own = { FunctionName, Resource: FunctionName };
  return ACROSS_FUNCTIONS.includes(name) ? [own, {}] : [own];
}
