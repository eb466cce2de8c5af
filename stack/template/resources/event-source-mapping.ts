/** The mapping by which a function reads a stream. */
import { randomUuid } from '../identity.ts';
import { logicalIdIn, numberIn } from '../known.ts';
import {
  all,
  arn,
  byDefault,
  createOnly,
  ENCRYPTION,
  flag,
  inert,
  integer,
  list,
  object,
  ref,
  refused,
  required,
  tags,
  text,
} from '../property.ts';
import type { ShapedType } from '../resource-type.ts';
import { FUNCTION } from './function.ts';
import { STREAM } from './stream.ts';
import { STREAM_CONSUMER } from './stream-consumer.ts';

const OTHER_SOURCE = refused('only Kinesis streams are event sources locally');
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
    FunctionName: required(text({ links: [ref(FUNCTION), arn(FUNCTION)] })),
    EventSourceArn: createOnly(
      required(
        text({
          pattern: STREAM_OR_CONSUMER,
          says: 'the ARN of a Kinesis stream or of its consumer',
          links: [arn(STREAM), ref(STREAM_CONSUMER)],
        }),
      ),
    ),
    StartingPosition: createOnly(required(text({ oneOf: ['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP'] }))),
    StartingPositionTimestamp: createOnly(
      text({ pattern: TIME, says: 'seconds since 1970, or a time like 2026-01-31T12:00:00Z' }),
    ),
    BatchSize: byDefault(integer(1, 10_000), DEFAULTS.batchSize),
    MaximumBatchingWindowInSeconds: byDefault(integer(0, 300), DEFAULTS.windowSeconds),
    ParallelizationFactor: byDefault(integer(1, 10), DEFAULTS.parallelization),
    BisectBatchOnFunctionError: byDefault(flag(), false),
    MaximumRetryAttempts: byDefault(integer(-1, 10_000), -1),
    MaximumRecordAgeInSeconds: byDefault(integer(-1, 604_800), -1),
    FunctionResponseTypes: byDefault(list(text({ oneOf: ['ReportBatchItemFailures'] })), []),
    DestinationConfig: object({
      OnFailure: object({
        Destination: required(text({ pattern: DESTINATION, says: 'the ARN of a queue, topic or bucket' })),
      }),
    }),
    MetricsConfig: object({ Metrics: list(text({ oneOf: ['EventCount'] })) }),
    Enabled: byDefault(flag(), true),
    KmsKeyArn: inert(text(), ENCRYPTION),
    Tags: tags,
    TumblingWindowInSeconds: refused('windows with state are not kept'),
    FilterCriteria: refused('events are not filtered'),
    ScalingConfig: refused('is for SQS'),
    ProvisionedPollerConfig: refused('is for SQS and Kafka'),
    ...all(
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
