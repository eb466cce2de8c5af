/**
 * The properties of an `AWS::Lambda::EventSourceMapping`, checked once and turned into what the mapping works with.
 * Ranges and defaults: "Lambda parameters for Kinesis event source mappings", Lambda developer guide. Properties that
 * are not modelled are refused by name rather than ignored: a benchmark that drops a filter measures something else.
 */
import { z } from 'zod';
import type { ResolvedResource } from '../../template/resolved.ts';
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

/** Template parameters are strings, so a boolean may come as one. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const whole = (lowest: number, highest: number, fallback: number) =>
  z.coerce.number().int().min(lowest).max(highest).default(fallback);

/** Seconds since 1970 or a time of ISO 8601, as milliseconds. */
const epochMs = z.union([z.number(), z.string()]).transform((time, context) => {
  const seconds = Number(time);
  const parsedMs = Number.isNaN(seconds) ? Date.parse(String(time)) : seconds * 1_000;
  if (parsedMs >= 0) return parsedMs;
  context.addIssue({
    code: 'custom',
    message: 'must be seconds since 1970 or a time like 2026-01-31T12:00:00Z',
  });
  return z.NEVER;
});

const mappingProperties = z
  .strictObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP']),
    StartingPositionTimestamp: epochMs.optional(),
    Enabled: flag.default(true),
    BatchSize: whole(1, 10_000, 100),
    MaximumBatchingWindowInSeconds: whole(0, 300, 0),
    ParallelizationFactor: whole(1, 10, 1),
    MaximumRetryAttempts: whole(-1, 10_000, -1),
    MaximumRecordAgeInSeconds: whole(-1, 604_800, -1),
    BisectBatchOnFunctionError: flag.default(false),
    TumblingWindowInSeconds: z.coerce.number().max(0, 'tumbling windows are not modelled').optional(),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
    DestinationConfig: z
      .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() })
      .optional(),
    MetricsConfig: z.object({ Metrics: z.array(z.literal('EventCount')).default([]) }).optional(),
    // Accepted without effect, as the table of properties says.
    KmsKeyArn: z.unknown().optional(),
    Tags: z.unknown().optional(),
  })
  .refine(
    (properties) =>
      properties.StartingPosition !== 'AT_TIMESTAMP' || properties.StartingPositionTimestamp !== undefined,
    {
      message: 'AT_TIMESTAMP needs StartingPositionTimestamp',
      path: ['StartingPositionTimestamp'],
    },
  );

/** Throws an error that lists everything wrong with the resource. */
export function mappingSettings(resource: ResolvedResource): MappingSettings {
  const parsed = mappingProperties.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
  const properties = parsed.data;
  return {
    logicalId: resource.logicalId,
    uuid: resource.attributes.Id ?? resource.physicalId,
    eventSourceArn: properties.EventSourceArn,
    functionName: properties.FunctionName,
    enabled: properties.Enabled,
    batchSize: properties.BatchSize,
    windowMs: properties.MaximumBatchingWindowInSeconds * 1_000,
    parallelizationFactor: properties.ParallelizationFactor,
    from: startingPosition(properties.StartingPosition, properties.StartingPositionTimestamp),
    retryLimit: limitOf(properties.MaximumRetryAttempts),
    recordAgeMs: limitOf(properties.MaximumRecordAgeInSeconds) * 1_000,
    bisect: properties.BisectBatchOnFunctionError,
    partialResponses: properties.FunctionResponseTypes.length > 0,
    onFailureArn: properties.DestinationConfig?.OnFailure?.Destination ?? null,
    countEvents: (properties.MetricsConfig?.Metrics.length ?? 0) > 0,
  };
}

function startingPosition(
  kind: 'LATEST' | 'TRIM_HORIZON' | 'AT_TIMESTAMP',
  epochMs: number | undefined,
): StartingPosition {
  return kind === 'AT_TIMESTAMP' ? { kind, epochMs: epochMs ?? 0 } : { kind };
}

/** −1 means no limit. */
function limitOf(value: number): number {
  return value === -1 ? Number.POSITIVE_INFINITY : value;
}
