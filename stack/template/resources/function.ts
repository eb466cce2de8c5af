/** A Lambda function. */
import { mappingOf, numberIn } from '../known.ts';
import {
  all,
  any,
  byDefault,
  createOnly,
  deciding,
  ENCRYPTION,
  except,
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
} from '../property.ts';
import type { ShapedType } from '../resource-type.ts';
import { metricRows } from '../resource-type.ts';

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

/** What Lambda gives where the template does not say. */
const DEFAULT_MEMORY_MB = 128;

/** What an invocation costs and how it answers. */
export interface FunctionShape {
  readonly memoryMb: number;
  readonly architecture: 'arm64' | 'x86_64';
  /** Connections that one invocation posts to side by side; null for a function that answers nobody. */
  readonly postConcurrency: number | null;
}

export const FUNCTION: ShapedType<FunctionShape> = {
  type: 'AWS::Lambda::Function',
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
    Timeout: byDefault(integer(1, 900), 3),
    Environment: object({ Variables: map(text()) }),
    FunctionName: text({
      pattern: /^[A-Za-z0-9_-]{1,64}$/,
      says: 'letters, digits, - and _, at most 64',
      nameLimit: 64,
    }),
    ReservedConcurrentExecutions: integer(0),
    // Bounds the heap, as on AWS it bounds the sandbox. The processor share that AWS gives with it is not modelled.
    MemorySize: byDefault(integer(128, 10_240), DEFAULT_MEMORY_MB),
    Role: inert(required(text()), IAM),
    PackageType: createOnly(deciding(except(text({ oneOf: ['Zip'] }), { Image: 'containers do not run' }))),
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
  identity(naming) {
    const name = naming.name();
    return { physicalId: name, attributes: { Arn: naming.arn('lambda', `function:${name}`) } };
  },
  making: {
    create: ({ lambda }, resource) => lambda.addFunction(resource),
    update: ({ lambda }, after) => lambda.updateFunction(after),
    remove: ({ lambda }, name) => lambda.removeFunction(name),
  },
  isFoundByName: true,
  metrics: {
    namespace: 'AWS/Lambda',
    dimension: 'FunctionName',
    // Percentiles come from CloudWatch only.
    rows: metricRows(
      ['invocations', 'Invocations', 'Invocations', 'Sum'],
      ['errors', 'Errors', 'Errors', 'Sum'],
      ['throttles', 'Throttles', 'Throttles', 'Sum'],
      ['duration', 'Duration, average', 'Duration', 'Average', 'Milliseconds'],
      ['durationP50', 'Duration, p50', 'Duration', 'p50', 'Milliseconds'],
      ['durationP99', 'Duration, p99', 'Duration', 'p99', 'Milliseconds'],
      ['durationMax', 'Duration, maximum', 'Duration', 'Maximum', 'Milliseconds'],
      ['concurrentExecutions', 'Concurrent executions', 'ConcurrentExecutions', 'Maximum'],
      ['iteratorAge', 'Iterator age, maximum', 'IteratorAge', 'Maximum', 'Milliseconds'],
    ),
  },
  shape({ properties, written }) {
    const { Architectures, Environment } = properties;
    const { POST_CONCURRENCY } = mappingOf(mappingOf(Environment).Variables);
    const posts = /postToConnection/i.test(JSON.stringify(mappingOf(written).Code ?? ''));
    return {
      memoryMb: numberIn(properties.MemorySize) ?? DEFAULT_MEMORY_MB,
      architecture: Array.isArray(Architectures) && Architectures.includes('arm64') ? 'arm64' : 'x86_64',
      postConcurrency: posts ? (numberIn(POST_CONCURRENCY) ?? 1) : null,
    };
  },
};
