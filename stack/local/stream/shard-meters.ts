/**
 * What a shard counts by itself when its stream is told to (DesiredShardLevelMetrics; "Enhanced shard-level CloudWatch
 * metrics", Kinesis Data Streams developer guide). What is not asked for goes to a meter that forgets, so whoever records
 * need not ask. Outgoing records, their bytes and their age are those of shared reads: the guide defines them by GetRecords
 * and says nothing of enhanced fan-out.
 */
import type { Meter, MetricRegistry } from '../ports.ts';

/** The shard-level metrics and their units (EnableEnhancedMonitoring API reference). */
const SHARD_UNITS = {
  IncomingBytes: 'Bytes',
  IncomingRecords: 'Count',
  OutgoingBytes: 'Bytes',
  OutgoingRecords: 'Count',
  WriteProvisionedThroughputExceeded: 'Count',
  ReadProvisionedThroughputExceeded: 'Count',
  IteratorAgeMilliseconds: 'Milliseconds',
} as const;

export type ShardMetric = keyof typeof SHARD_UNITS;

export type ShardMeters = Readonly<Record<ShardMetric, Meter>>;

/** In the order in which the API reference lists them. */
export const SHARD_METRICS = Object.keys(SHARD_UNITS) as readonly ShardMetric[];

const FORGETFUL: Meter = { record: () => {} };

/** The meters of a shard; those of metrics that are not `wanted` forget. */
export function shardMeters(
  wanted: readonly ShardMetric[],
  dimensions: { readonly StreamName: string; readonly ShardId: string },
  metrics: MetricRegistry,
): ShardMeters {
  const meter = (name: ShardMetric): Meter =>
    wanted.includes(name)
      ? metrics.meter({
          namespace: 'AWS/Kinesis',
          name,
          dimensions: { ...dimensions },
          unit: SHARD_UNITS[name],
        })
      : FORGETFUL;
  return Object.fromEntries(SHARD_METRICS.map((name) => [name, meter(name)])) as unknown as ShardMeters;
}

/** The meters of a shard that counts nothing by itself. */
export const UNMEASURED_SHARD: ShardMeters = shardMeters(
  [],
  { StreamName: '', ShardId: '' },
  { meter: () => FORGETFUL },
);
