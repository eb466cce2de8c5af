/** Types of Kinesis, Lambda and the services around them that the local stage knows. See {@link file://./types.ts}. */
import { SHARD_METRICS } from '../local/meters.ts';
import type { ResourceType } from './schema.ts';
import {
  all,
  any,
  deciding,
  ENCRYPTION,
  except,
  flag,
  IAM,
  inert,
  integer,
  LOGS,
  label,
  list,
  map,
  object,
  refused,
  required,
  tags,
  text,
} from './vocabulary.ts';

const OTHER_SOURCE = 'only Kinesis streams are event sources locally';
const DESTINATION = /^arn:[a-z-]+:(sqs|sns|s3):/;
const iam = inert(any(), IAM);
const logs = inert(any(), LOGS);

/** Runtimes whose code can run here. */
const RUNTIMES = ['nodejs18.x', 'nodejs20.x', 'nodejs22.x', 'nodejs24.x', 'nodejs26.x'];
/** AWS Lambda refuses to create functions with these; they also lack the AWS SDK v3. */
const RETIRED_RUNTIMES = [
  'nodejs',
  'nodejs4.3',
  'nodejs6.10',
  'nodejs8.10',
  'nodejs10.x',
  'nodejs12.x',
  'nodejs14.x',
  'nodejs16.x',
];
const RETIRED = 'Lambda creates no functions with it any more; use nodejs24.x';
/** Lambda's limit on inline code. */
const ZIP_FILE_BYTES_LIMIT = 4 * 1024 * 1024;

/** Unix seconds, as the resource type says, or a time in the form of ISO 8601. */
const TIME = /^(\d+(\.\d+)?|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?)$/;

const STREAM: ResourceType = {
  attributes: ['Arn'],
  properties: {
    Name: text({ pattern: /^[A-Za-z0-9_.-]{1,128}$/, says: 'letters, digits, _, . and -, at most 128' }),
    ShardCount: integer(1, 100_000),
    StreamModeDetails: object({ StreamMode: required(text({ oneOf: ['PROVISIONED', 'ON_DEMAND'] })) }),
    RetentionPeriodHours: integer(1, 8760),
    MaxRecordSizeInKiB: integer(1024, 10_240),
    WarmThroughputMiBps: inert(integer(0), 'an on-demand stream has a fixed size locally'),
    DesiredShardLevelMetrics: list(text({ oneOf: ['ALL', ...SHARD_METRICS] })),
    StreamEncryption: inert(
      object({ EncryptionType: required(text()), KeyId: required(text()) }),
      ENCRYPTION,
    ),
    Tags: tags,
  },
  rules: ({ ShardCount, StreamModeDetails }) => {
    const onDemand = (StreamModeDetails as { StreamMode?: unknown } | undefined)?.StreamMode === 'ON_DEMAND';
    if (onDemand && ShardCount !== undefined)
      return ['ShardCount must be left out when StreamMode is ON_DEMAND'];
    return !onDemand && ShardCount === undefined
      ? ['ShardCount is needed unless StreamMode is ON_DEMAND']
      : [];
  },
};

const STREAM_CONSUMER: ResourceType = {
  attributes: ['ConsumerARN', 'ConsumerName', 'ConsumerStatus', 'ConsumerCreationTimestamp', 'StreamARN'],
  properties: {
    ConsumerName: required(
      text({ pattern: /^[A-Za-z0-9_.-]{1,128}$/, says: 'letters, digits, _, . and -, at most 128' }),
    ),
    StreamARN: required(text({ pattern: /^arn:.+:stream\/.+$/, says: 'the ARN of a stream' })),
    Tags: tags,
  },
};

const FUNCTION: ResourceType = {
  attributes: ['Arn'],
  properties: {
    Code: required(
      object({
        ZipFile: required(text({ bytesLimit: ZIP_FILE_BYTES_LIMIT })),
        ...all(
          ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'S3ObjectStorageMode'],
          refused('there is no S3; use ZipFile'),
        ),
        ImageUri: refused('containers do not run; use ZipFile'),
        SourceKMSKeyArn: refused('there is no KMS'),
      }),
    ),
    Handler: required(
      text({ pattern: /^index\.[A-Za-z_$][\w$]*$/, says: 'index.NAME, as inline code is the file index' }),
    ),
    Runtime: inert(
      except(
        required(text({ oneOf: RUNTIMES })),
        Object.fromEntries(RETIRED_RUNTIMES.map((runtime) => [runtime, RETIRED])),
      ),
      "the code runs on this machine's Node.js; only AWS_EXECUTION_ENV and the end of callbacks follow it",
    ),
    Timeout: integer(1, 900),
    Environment: object({ Variables: map(text()) }),
    FunctionName: text({ pattern: /^[A-Za-z0-9_-]{1,64}$/, says: 'letters, digits, - and _, at most 64' }),
    ReservedConcurrentExecutions: integer(0),
    // Bounds the heap, as on AWS it bounds the sandbox. The processor share that AWS gives with it is not modelled.
    MemorySize: integer(128, 10_240),
    Role: inert(required(text()), IAM),
    PackageType: deciding(except(text({ oneOf: ['Zip'] }), { Image: 'containers do not run' })),
    Architectures: inert(list(text({ oneOf: ['arm64', 'x86_64'] })), 'the code runs on this machine'),
    EphemeralStorage: inert(
      object({ Size: required(integer(512, 10_240)) }),
      'the local disk is not limited',
    ),
    LoggingConfig: inert(
      object({ LogGroup: text(), LogFormat: text(), ApplicationLogLevel: text(), SystemLogLevel: text() }),
      LOGS,
    ),
    TracingConfig: inert(
      object({ Mode: required(text({ oneOf: ['Active', 'PassThrough'] })) }),
      'there is no X-Ray',
    ),
    DeadLetterConfig: inert(any(), 'is for asynchronous invocations'),
    RuntimeManagementConfig: inert(any(), 'the runtime is the installed Node.js'),
    RecursiveLoop: inert(text(), 'does not watch Kinesis'),
    KmsKeyArn: inert(text(), ENCRYPTION),
    CodeSigningConfigArn: inert(text(), 'inline code is not signed'),
    Description: label,
    Tags: tags,
    Layers: refused('layers are not downloaded; put the code into ZipFile'),
    VpcConfig: refused('there is no VPC'),
    FileSystemConfigs: refused('there is no EFS'),
    ImageConfig: refused('containers do not run'),
    SnapStart: refused('is not for Node.js'),
    ...all(
      [
        'CapacityProviderConfig',
        'DurableConfig',
        'FunctionScalingConfig',
        'PublishToLatestPublished',
        'TenancyConfig',
      ],
      refused('only ordinary on-demand functions run'),
    ),
  },
};

const EVENT_SOURCE_MAPPING: ResourceType = {
  attributes: ['Id', 'EventSourceMappingArn'],
  properties: {
    FunctionName: required(text()),
    EventSourceArn: required(
      text({
        pattern: /^arn:[a-z-]+:kinesis:.+:stream\/.+$/,
        says: 'the ARN of a Kinesis stream or of its consumer',
      }),
    ),
    StartingPosition: required(text({ oneOf: ['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP'] })),
    StartingPositionTimestamp: text({
      pattern: TIME,
      says: 'seconds since 1970, or a time like 2026-01-31T12:00:00Z',
    }),
    BatchSize: integer(1, 10_000),
    MaximumBatchingWindowInSeconds: integer(0, 300),
    ParallelizationFactor: integer(1, 10),
    BisectBatchOnFunctionError: flag(),
    MaximumRetryAttempts: integer(-1, 10_000),
    MaximumRecordAgeInSeconds: integer(-1, 604_800),
    FunctionResponseTypes: list(text({ oneOf: ['ReportBatchItemFailures'] })),
    DestinationConfig: object({
      OnFailure: object({
        Destination: required(text({ pattern: DESTINATION, says: 'the ARN of a queue, topic or bucket' })),
      }),
    }),
    MetricsConfig: object({ Metrics: list(text({ oneOf: ['EventCount'] })) }),
    Enabled: flag(),
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
      refused(OTHER_SOURCE),
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
};

const PERMISSION: ResourceType = {
  attributes: ['Id'],
  properties: {
    ...all(['Action', 'FunctionName', 'Principal'], { ...iam, required: true }),
    ...all(['EventSourceToken', 'FunctionUrlAuthType', 'InvokedViaFunctionUrl'], iam),
    ...all(['PrincipalOrgID', 'SourceAccount', 'SourceArn'], iam),
  },
};

const ROLE: ResourceType = {
  attributes: ['Arn', 'RoleId'],
  properties: {
    AssumeRolePolicyDocument: { ...iam, required: true },
    RoleName: text({ pattern: /^[\w+=,.@-]{1,64}$/, says: 'letters, digits and _+=,.@-, at most 64' }),
    Path: text({ pattern: /^\/(.*\/)?$/, says: 'a path that begins and ends with /' }),
    ...all(['ManagedPolicyArns', 'MaxSessionDuration', 'PermissionsBoundary', 'Policies'], iam),
    Description: label,
    Tags: tags,
  },
};

const POLICY: ResourceType = {
  attributes: ['Id'],
  properties: {
    ...all(['PolicyName', 'PolicyDocument'], { ...iam, required: true }),
    ...all(['Groups', 'Roles', 'Users'], iam),
  },
};

const LOG_GROUP: ResourceType = {
  attributes: ['Arn'],
  properties: {
    LogGroupName: text(),
    RetentionInDays: inert(integer(1, 3653), LOGS),
    LogGroupClass: inert(text({ oneOf: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] }), LOGS),
    ...all(['BearerTokenAuthenticationEnabled', 'DataProtectionPolicy', 'DeletionProtectionEnabled'], logs),
    ...all(['FieldIndexPolicies', 'KmsKeyId', 'ResourcePolicyDocument'], logs),
    Tags: tags,
  },
};

const QUEUE: ResourceType = {
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  properties: {
    QueueName: text({ pattern: /^[A-Za-z0-9_-]{1,80}$/, says: 'letters, digits, - and _, at most 80' }),
    FifoQueue: except(flag(), { true: 'a failure destination is a standard queue' }),
    ...all(
      [
        'DelaySeconds',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'ReceiveMessageWaitTimeSeconds',
        'VisibilityTimeout',
      ],
      inert(integer(0), 'queues only receive failed batches and nobody reads them'),
    ),
    ...all(
      ['RedriveAllowPolicy', 'RedrivePolicy'],
      inert(any(), 'queues only receive failed batches and nobody reads them'),
    ),
    ...all(
      ['KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'SqsManagedSseEnabled'],
      inert(any(), ENCRYPTION),
    ),
    Tags: tags,
    ...all(
      ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'],
      refused('is for FIFO queues'),
    ),
  },
};

/** The types by CloudFormation name. */
export const SERVICE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::Kinesis::Stream': STREAM,
  'AWS::Kinesis::StreamConsumer': STREAM_CONSUMER,
  'AWS::Lambda::Function': FUNCTION,
  'AWS::Lambda::EventSourceMapping': EVENT_SOURCE_MAPPING,
  'AWS::Lambda::Permission': PERMISSION,
  'AWS::IAM::Role': ROLE,
  'AWS::IAM::Policy': POLICY,
  'AWS::Logs::LogGroup': LOG_GROUP,
  'AWS::SQS::Queue': QUEUE,
};
