/** A consumer registered for enhanced fan-out. */
import { logicalIdIn } from '../known.ts';
import { arn, createOnly, required, tags, text } from '../property.ts';
import { metricRows, type ShapedType } from '../resource-type.ts';
import { STREAM } from './stream.ts';

/** Consumers are stamped with their creation time in seconds. Nothing reads it, so chance stands in for a clock. */
const FIRST_STAMP = 1_700_000_000;
const STAMP_RANGE = 100_000_000;

export const STREAM_CONSUMER: ShapedType<{ readonly stream: string | null }> = {
  type: 'AWS::Kinesis::StreamConsumer',
  properties: {
    ConsumerName: required(
      text({
        pattern: /^[A-Za-z0-9_.-]{1,128}$/,
        says: 'letters, digits, _, . and -, at most 128',
        nameLimit: 128,
      }),
    ),
    StreamARN: createOnly(
      required(text({ pattern: /^arn:.+:stream\/.+$/, says: 'the ARN of a stream', links: [arn(STREAM)] })),
    ),
    Tags: createOnly(tags),
  },
  identity(naming) {
    const ConsumerName = naming.text('ConsumerName');
    const StreamARN = naming.text('StreamARN');
    const stamp = String(FIRST_STAMP + Math.floor(naming.random.next() * STAMP_RANGE));
    const ConsumerARN = `${StreamARN}/consumer/${ConsumerName}:${stamp}`;
    return {
      physicalId: ConsumerARN,
      attributes: {
        ConsumerARN,
        ConsumerName,
        ConsumerStatus: 'ACTIVE',
        ConsumerCreationTimestamp: stamp,
        StreamARN,
      },
    };
  },
  making: {
    create: ({ kinesis }, resource) => kinesis.addConsumer(resource),
    remove: ({ kinesis }, arn) => kinesis.removeConsumer(arn),
  },
  isFoundByName: false,
  metrics: {
    namespace: 'AWS/Kinesis',
    dimension: null,
    rows: metricRows([
      'millisBehindLatest',
      'Consumer lag, maximum',
      'SubscribeToShardEvent.MillisBehindLatest',
      'Maximum',
      'Milliseconds',
    ]),
  },
  shape: ({ properties }) => ({ stream: logicalIdIn(properties.StreamARN) }),
};
