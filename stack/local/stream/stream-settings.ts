/**
 * The properties of an `AWS::Kinesis::Stream` that matter here, checked, and the rules for changing them while the stream
 * lives. AWS reaches a change by the actions UpdateShardCount, UpdateStreamMode, Increase- and DecreaseStreamRetentionPeriod
 * and UpdateMaxRecordSize; the limits are from their API references. Its pages name the errors but not their texts, so the
 * texts are ours.
 */
import { z } from 'zod';
import type { ResolvedResource } from '../../template/resolved.ts';
import { AwsError } from '../endpoints/action.ts';
import { SHARD_METRICS, type ShardMetric } from '../meters.ts';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** Changes of the shard count, and of the mode, in a rolling day. */
const RESHARDS_PER_DAY = 10;
const MODE_CHANGES_PER_DAY = 2;

export const DAY_MS = 24 * 3_600_000;

const streamProperties = z.object({
  ShardCount: z.coerce.number().int().min(1).max(100_000).optional(),
  StreamModeDetails: z.object({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
  RetentionPeriodHours: z.coerce.number().int().min(1).max(8_760).default(24),
  MaxRecordSizeInKiB: z.coerce.number().int().min(1_024).max(10_240).default(1_024),
  DesiredShardLevelMetrics: z.array(z.enum(['ALL', ...SHARD_METRICS])).default([]),
});

export interface StreamSettings {
  readonly mode: StreamMode;
  /** Null when the properties leave it out. */
  readonly shardCount: number | null;
  readonly retentionHours: number;
  readonly recordKib: number;
  /** Metrics that each shard has by itself. */
  readonly shardMetrics: readonly ShardMetric[];
}

/** Throws an error that lists everything wrong with the resource. */
export function streamSettings(resource: ResolvedResource): StreamSettings {
  const parsed = streamProperties.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
  const properties = parsed.data;
  return {
    mode: properties.StreamModeDetails?.StreamMode ?? 'PROVISIONED',
    shardCount: properties.ShardCount ?? null,
    retentionHours: properties.RetentionPeriodHours,
    recordKib: properties.MaxRecordSizeInKiB,
    shardMetrics: shardMetricsOf(properties.DesiredShardLevelMetrics),
  };
}

function shardMetricsOf(desired: readonly (ShardMetric | 'ALL')[]): readonly ShardMetric[] {
  return SHARD_METRICS.filter((name) => desired.includes('ALL') || desired.includes(name));
}

export interface StreamBefore {
  readonly mode: StreamMode;
  readonly openShards: number;
  /** Clock readings of the last day's changes, milliseconds. */
  readonly reshardedMs: readonly number[];
  readonly modeChangedMs: readonly number[];
}

/** The number of open shards after the change. Throws AWS's error when the service would refuse it. */
export function shardCountAfter(before: StreamBefore, wanted: StreamSettings, nowMs: number): number {
  const isRecent = (atMs: number) => atMs > nowMs - DAY_MS;
  if (wanted.mode !== before.mode && before.modeChangedMs.filter(isRecent).length >= MODE_CHANGES_PER_DAY) {
    throw limitExceeded(`The stream mode can be changed ${MODE_CHANGES_PER_DAY} times within 24 hours.`);
  }
  const count = wanted.shardCount ?? before.openShards;
  if (count === before.openShards) return count;
  if (wanted.mode === 'ON_DEMAND') {
    throw invalid('ShardCount can be changed only for data streams with the provisioned capacity mode.');
  }
  if (count > 2 * before.openShards) {
    throw limitExceeded(`ShardCount cannot scale up over double from ${before.openShards} to ${count}.`);
  }
  if (count < before.openShards / 2) {
    throw limitExceeded(`ShardCount cannot scale down below half from ${before.openShards} to ${count}.`);
  }
  if (before.reshardedMs.filter(isRecent).length >= RESHARDS_PER_DAY) {
    throw limitExceeded(`ShardCount can be changed ${RESHARDS_PER_DAY} times within 24 hours.`);
  }
  return count;
}

function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceededException', message);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidArgumentException', message);
}
