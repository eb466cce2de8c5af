/** Reads the properties of an `AWS::Lambda::EventSourceMapping` that take effect here. */

import { EVENT_SOURCE_MAPPING } from '../../template/resources/event-source-mapping.ts';
import { settingsOf } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';
import type { StartingPosition } from '../stream/consumer.ts';

export interface MappingSettings {
  readonly logicalId: string;
  readonly uuid: string;
  readonly eventSourceArn: string;
  readonly functionName: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly parallelizationFactor: number;
  readonly from: StartingPosition;
  /** Infinity when off, and so is the next. */
  readonly retryLimit: number;
  readonly recordAgeMs: number;
  readonly bisect: boolean;
  readonly partialResponses: boolean;
  readonly onFailureArn: string | null;
  /** Whether the mapping's own event counts are published as metrics. */
  readonly countEvents: boolean;
}

/** The properties that take effect, as the type checks them and fills them in. */
interface MappingProperties {
  readonly EventSourceArn: string;
  readonly FunctionName: string;
  readonly StartingPosition: 'LATEST' | 'TRIM_HORIZON' | 'AT_TIMESTAMP';
  readonly StartingPositionTimestamp?: string;
  readonly Enabled: boolean;
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds: number;
  readonly ParallelizationFactor: number;
  readonly MaximumRetryAttempts: number;
  readonly MaximumRecordAgeInSeconds: number;
  readonly BisectBatchOnFunctionError: boolean;
  readonly FunctionResponseTypes: readonly string[];
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination: string } };
  readonly MetricsConfig?: { readonly Metrics?: readonly string[] };
}

/** Throws an error that lists everything wrong with the resource. */
export function mappingSettings(resource: ResolvedResource): MappingSettings {
  const properties = settingsOf<MappingProperties>(EVENT_SOURCE_MAPPING, resource);
  return {
    logicalId: resource.logicalId,
    uuid: resource.attributes.Id ?? resource.physicalId,
    eventSourceArn: properties.EventSourceArn,
    functionName: properties.FunctionName,
    enabled: properties.Enabled,
    batchSize: properties.BatchSize,
    windowMs: properties.MaximumBatchingWindowInSeconds * 1_000,
    parallelizationFactor: properties.ParallelizationFactor,
    from: startingPosition(properties),
    retryLimit: limitOf(properties.MaximumRetryAttempts),
    recordAgeMs: limitOf(properties.MaximumRecordAgeInSeconds) * 1_000,
    bisect: properties.BisectBatchOnFunctionError,
    partialResponses: properties.FunctionResponseTypes.length > 0,
    onFailureArn: properties.DestinationConfig?.OnFailure?.Destination ?? null,
    countEvents: (properties.MetricsConfig?.Metrics?.length ?? 0) > 0,
  };
}

/** A time is in seconds since 1970, or in the form of ISO 8601. */
function startingPosition({
  StartingPosition: kind,
  StartingPositionTimestamp: time = '',
}: MappingProperties): StartingPosition {
  if (kind !== 'AT_TIMESTAMP') return { kind };
  const seconds = Number(time);
  return { kind, epochMs: Number.isNaN(seconds) ? Date.parse(time) : seconds * 1_000 };
}

/** −1 means no limit. */
function limitOf(value: number): number {
  return value === -1 ? Number.POSITIVE_INFINITY : value;
}
