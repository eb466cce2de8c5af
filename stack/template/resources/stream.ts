/** A Kinesis data stream. */
import { SHARD_METRICS } from '../../local/meters.ts';
import { byDefault, ENCRYPTION, inert, integer, list, object, required, tags, text } from '../property.ts';
import type { ResourceType } from '../resource-type.ts';

export const STREAM: ResourceType = {
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
  madeBy: 'streams',
  isFoundByName: true,
  dimension: 'StreamName',
};
