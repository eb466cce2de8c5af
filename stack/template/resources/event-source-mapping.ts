/** The mapping by which a function reads a stream. */
import { randomUuid } from '../identity.ts';
import { logicalIdIn, numberIn } from '../known.ts';
import * as p from '../property.ts';
import type { ShapedType } from '../resource-type.ts';
import { FUNCTION } from './function.ts';
import { STREAM } from './stream.ts';
import { STREAM_CONSUMER } from './stream-consumer.ts';

const OTHER_SOURCE = p.refused('only Kinesis streams are event sources locally');
const STREAM_OR_CONSUMER = /^arn:[a-z-]+:kinesis:.+:stream\/.+$/;
const DESTINATION = /^arn:[a-z-]+:(sqs|sns|s3):/;
/** Unix seconds, as the resource type says, or a time in the form of ISO 8601. */
const TIME = /^(\d+(\.\d+)?|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?)$/;

/** What Lambda takes where the template does not say. */
const DEFAULTS = { batchSize: 100, windowSeconds: 0, parallelization: 1 };

/** What a mapping joins, and in which batches. */
export interface MappingShape {
  /** Logical id of the function; null when not known. */
  readonly functionId: string | null;
  /** Logical id of the stream or consumer; null when not known. */
  readonly sourceId: string | null;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly parallelization: number;
}

export const EVENT_SOURCE_MAPPING: ShapedType<MappingShape> = {
  type: 'AWS::Lambda::EventSourceMapping',
  properties: {
    FunctionName: p.required(p.text({ links: [p.ref(FUNCTION), p.arn(FUNCTION)] })),
    EventSourceArn: p.createOnly(
      p.required(
        p.text({
          pattern: STREAM_OR_CONSUMER,
          says: 'the ARN of a Kinesis stream or of its consumer',
          links: [p.arn(STREAM), p.ref(STREAM_CONSUMER)],
        }),
      ),
    ),
    StartingPosition: p.createOnly(p.required(p.text({ oneOf: ['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP'] }))),
    StartingPositionTimestamp: p.createOnly(
      p.text({ pattern: TIME, says: 'seconds since 1970, or a time like 2026-01-31T12:00:00Z' }),
    ),
    BatchSize: p.byDefault(p.integer(1, 10_000), DEFAULTS.batchSize),
    MaximumBatchingWindowInSeconds: p.byDefault(p.integer(0, 300), DEFAULTS.windowSeconds),
    ParallelizationFactor: p.byDefault(p.integer(1, 10), DEFAULTS.parallelization),
    BisectBatchOnFunctionError: p.byDefault(p.flag(), false),
    MaximumRetryAttempts: p.byDefault(p.integer(-1, 10_000), -1),
    MaximumRecordAgeInSeconds: p.byDefault(p.integer(-1, 604_800), -1),
    FunctionResponseTypes: p.byDefault(p.list(p.text({ oneOf: ['ReportBatchItemFailures'] })), []),
    DestinationConfig: p.object({
      OnFailure: p.object({
        Destination: p.required(
          p.text({ pattern: DESTINATION, says: 'the ARN of a queue, topic or bucket' }),
        ),
      }),
    }),
    MetricsConfig: p.object({ Metrics: p.list(p.text({ oneOf: ['EventCount'] })) }),
    Enabled: p.byDefault(p.flag(), true),
    KmsKeyArn: p.inert(p.text(), p.ENCRYPTION),
    Tags: p.tags,
    TumblingWindowInSeconds: p.refused('windows with state are not kept'),
    FilterCriteria: p.refused('events are not filtered'),
    ScalingConfig: p.refused('is for SQS'),
    ProvisionedPollerConfig: p.refused('is for SQS and Kafka'),
    ...p.all(
      [
        'AmazonManagedKafkaEventSourceConfig',
        'DocumentDBEventSourceConfig',
        'LoggingConfig',
        'Queues',
        'SelfManagedEventSource',
        'SelfManagedKafkaEventSourceConfig',
        'SourceAccessConfigurations',
        'Topics',
      ],
      OTHER_SOURCE,
    ),
  },
  rules: ({ MaximumRecordAgeInSeconds: age, StartingPosition, StartingPositionTimestamp }) => [
    ...(typeof age === 'number' && age >= 0 && age < 60
      ? ['MaximumRecordAgeInSeconds must be -1 or from 60 to 604800']
      : []),
    ...((StartingPosition === 'AT_TIMESTAMP') === (StartingPositionTimestamp !== undefined)
      ? []
      : ['StartingPositionTimestamp goes with StartingPosition AT_TIMESTAMP: give both or neither']),
  ],
  identity(naming) {
    const Id = randomUuid(naming.random);
    const EventSourceMappingArn = naming.arn('lambda', `event-source-mapping:${Id}`);
    return { physicalId: Id, attributes: { Id, EventSourceMappingArn } };
  },
  making: {
    create: ({ lambda }, resource) => lambda.addMapping(resource),
    update: ({ lambda }, after) => lambda.updateMapping(after),
    remove: ({ lambda }, uuid) => lambda.removeMapping(uuid),
  },
  isFoundByName: false,
  metrics: { namespace: 'AWS/Lambda', dimension: 'EventSourceMappingUUID', rows: [] },
  shape: ({ properties }) => ({
    functionId: logicalIdIn(properties.FunctionName),
    sourceId: logicalIdIn(properties.EventSourceArn),
    batchSize: numberIn(properties.BatchSize) ?? DEFAULTS.batchSize,
    windowSeconds: numberIn(properties.MaximumBatchingWindowInSeconds) ?? DEFAULTS.windowSeconds,
    parallelization: numberIn(properties.ParallelizationFactor) ?? DEFAULTS.parallelization,
  }),
};
