/** A Lambda function. */
import { mappingOf, numberIn } from '../known.ts';
import * as p from '../property.ts';
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
    Code: p.required(
      p.object({
        ZipFile: p.required(p.text({ bytesLimit: ZIP_FILE_BYTES_LIMIT })),
        ...p.all(
          ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'S3ObjectStorageMode'],
          p.refused('there is no S3; use ZipFile'),
        ),
        ImageUri: p.refused('containers do not run; use ZipFile'),
        SourceKMSKeyArn: p.refused('there is no KMS'),
      }),
    ),
    Handler: p.required(
      p.text({ pattern: /^index\.[A-Za-z_$][\w$]*$/, says: 'index.NAME, as inline code is the file index' }),
    ),
    Runtime: p.inert(
      p.except(
        p.required(p.text({ oneOf: RUNTIMES })),
        Object.fromEntries(RETIRED_RUNTIMES.map((runtime) => [runtime, RETIRED])),
      ),
      "the code runs on this machine's Node.js; only AWS_EXECUTION_ENV and the end of callbacks follow it",
    ),
    Timeout: p.byDefault(p.integer(1, 900), 3),
    Environment: p.object({ Variables: p.map(p.text()) }),
    FunctionName: p.text({
      pattern: /^[A-Za-z0-9_-]{1,64}$/,
      says: 'letters, digits, - and _, at most 64',
      nameLimit: 64,
    }),
    ReservedConcurrentExecutions: p.integer(0),
    // Bounds the heap, as on AWS it bounds the sandbox. The processor share that AWS gives with it is not modelled.
    MemorySize: p.byDefault(p.integer(128, 10_240), DEFAULT_MEMORY_MB),
    Role: p.inert(p.required(p.text()), p.IAM),
    PackageType: p.createOnly(
      p.deciding(p.except(p.text({ oneOf: ['Zip'] }), { Image: 'containers do not run' })),
    ),
    Architectures: p.inert(p.list(p.text({ oneOf: ['arm64', 'x86_64'] })), 'the code runs on this machine'),
    EphemeralStorage: p.inert(
      p.object({ Size: p.required(p.integer(512, 10_240)) }),
      'the local disk is not limited',
    ),
    LoggingConfig: p.inert(
      p.object({
        LogGroup: p.text(),
        LogFormat: p.text(),
        ApplicationLogLevel: p.text(),
        SystemLogLevel: p.text(),
      }),
      p.LOGS,
    ),
    TracingConfig: p.inert(
      p.object({ Mode: p.required(p.text({ oneOf: ['Active', 'PassThrough'] })) }),
      'there is no X-Ray',
    ),
    DeadLetterConfig: p.inert(p.any(), 'is for asynchronous invocations'),
    RuntimeManagementConfig: p.inert(p.any(), 'the runtime is the installed Node.js'),
    RecursiveLoop: p.inert(p.text(), 'does not watch Kinesis'),
    KmsKeyArn: p.inert(p.text(), p.ENCRYPTION),
    CodeSigningConfigArn: p.inert(p.text(), 'inline code is not signed'),
    Description: p.label,
    Tags: p.tags,
    Layers: p.refused('layers are not downloaded; put the code into ZipFile'),
    VpcConfig: p.refused('there is no VPC'),
    FileSystemConfigs: p.refused('there is no EFS'),
    ImageConfig: p.refused('containers do not run'),
    SnapStart: p.refused('is not for Node.js'),
    ...p.all(
      [
        'CapacityProviderConfig',
        'DurableConfig',
        'FunctionScalingConfig',
        'PublishToLatestPublished',
        'TenancyConfig',
      ],
      p.refused('only ordinary on-demand functions run'),
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
    // Only CloudWatch has percentiles.
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
