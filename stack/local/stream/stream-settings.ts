/**
 * Reads the properties of an `AWS::Kinesis::Stream` and holds the rules for changing them. AWS changes them by
 * UpdateShardCount, UpdateStreamMode, Increase- and DecreaseStreamRetentionPeriod and UpdateMaxRecordSize, from whose
 * API references the limits are. The texts of the errors are ours.
 */

import { STREAM } from '../../template/resources/stream.ts';
import { settingsOf } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import { SHARD_METRICS, type ShardMetric } from '../meters.ts';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** Changes of the shard count, and of the mode, in a rolling day. */
const RESHARDS_PER_DAY = 10;
const MODE_CHANGES_PER_DAY = 2;

export const DAY_MS = 24 * 3_600_000;

/** The properties that take effect, as the type checks them and fills them in. */
interface StreamProperties {
  readonly ShardCount?: number;
  readonly StreamModeDetails?: { readonly StreamMode: StreamMode };
  readonly RetentionPeriodHours: number;
  readonly MaxRecordSizeInKiB: number;
  readonly DesiredShardLevelMetrics: readonly (ShardMetric | 'ALL')[];
}

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
  const properties = settingsOf<StreamProperties>(STREAM, resource);
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

interface StreamBefore {
  readonly mode: StreamMode;
  readonly openShards: number;
  /** Clock readings of the last day's changes, milliseconds. */
  readonly reshardedMs: readonly number[];
  readonly modeChangedMs: readonly number[];
}

/** The number of open shards after the change. Throws AWS's error when the service would refuse it. */
export function shardCountAfter(before: StreamBefore, wanted: StreamSettings): number {
  if (wanted.mode !== before.mode && before.modeChangedMs.length >= MODE_CHANGES_PER_DAY) {
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
  if (before.reshardedMs.length >= RESHARDS_PER_DAY) {
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
