/** A Kinesis data stream. */
import { SHARD_METRICS } from '../../local/meters.ts';
import { mappingOf, numberIn } from '../known.ts';
import { byDefault, ENCRYPTION, inert, integer, list, object, required, tags, text } from '../property.ts';
import { type Metrics, metricRows, type ShapedType } from '../resource-type.ts';

/** How much a stream takes. */
export interface StreamSize {
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  /** Null when on demand, or not known. */
  readonly shards: number | null;
}

export const STREAM: ShapedType<StreamSize> = {
  type: 'AWS::Kinesis::Stream',
  properties: {
    Name: text({
      pattern: /^[A-Za-z0-9_.-]{1,128}$/,
      says: 'letters, digits, _, . and -, at most 128',
      nameLimit: 128,
    }),
    ShardCount: integer(1, 100_000),
    StreamModeDetails: object({ StreamMode: required(text({ oneOf: ['PROVISIONED', 'ON_DEMAND'] })) }),
    RetentionPeriodHours: byDefault(integer(1, 8760), 24),
    MaxRecordSizeInKiB: byDefault(integer(1024, 10_240), 1024),
    WarmThroughputMiBps: inert(integer(0), 'an on-demand stream has a fixed size locally'),
    DesiredShardLevelMetrics: byDefault(list(text({ oneOf: ['ALL', ...SHARD_METRICS] })), []),
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
  identity(naming) {
    const name = naming.name();
    return { physicalId: name, attributes: { Arn: naming.arn('kinesis', `stream/${name}`) } };
  },
  making: {
    exists: ({ kinesis }, name) => kinesis.stream(name) !== undefined,
    create: ({ kinesis }, resource) => kinesis.addStream(resource),
    update: ({ kinesis }, after) => kinesis.updateStream(after),
    remove: ({ kinesis }, name) => kinesis.removeStream(name),
  },
  isFoundByName: true,
  metrics: {
    namespace: 'AWS/Kinesis',
    dimension: 'StreamName',
    rows: metricRows(
      ['incomingRecords', 'Records written', 'IncomingRecords', 'Sum'],
      ['incomingBytes', 'Bytes written', 'IncomingBytes', 'Sum', 'Bytes'],
      ['writeThrottles', 'Writes throttled', 'WriteProvisionedThroughputExceeded', 'Sum'],
      ['readThrottles', 'Reads throttled', 'ReadProvisionedThroughputExceeded', 'Sum'],
      ['putRecordLatency', 'PutRecord latency, average', 'PutRecord.Latency', 'Average', 'Milliseconds'],
      ['putRecordSuccess', 'PutRecord success ratio', 'PutRecord.Success', 'Average'],
    ),
  },
  shape({ properties: { StreamModeDetails, ShardCount } }) {
    const isOnDemand = mappingOf(StreamModeDetails).StreamMode === 'ON_DEMAND';
    return isOnDemand
      ? { mode: 'ON_DEMAND', shards: null }
      : { mode: 'PROVISIONED', shards: numberIn(ShardCount) };
  },
};

/** What a stream has where it is polled; where records are pushed, each consumer has its own. */
export const POLLING_METRICS: Metrics = {
  namespace: 'AWS/Kinesis',
  dimension: 'StreamName',
  rows: metricRows([
    'getRecordsIteratorAge',
    'Consumer lag, maximum',
    'GetRecords.IteratorAgeMilliseconds',
    'Maximum',
    'Milliseconds',
  ]),
};
