/** A queue, the destination of batches that failed. */
import {
  all,
  any,
  createOnly,
  ENCRYPTION,
  except,
  flag,
  inert,
  integer,
  refused,
  tags,
  text,
} from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

const UNREAD = 'queues only receive failed batches and nobody reads them';

export const QUEUE: ResourceType = {
  type: 'AWS::SQS::Queue',
  properties: {
    QueueName: text({
      pattern: /^[A-Za-z0-9_-]{1,80}$/,
      says: 'letters, digits, - and _, at most 80',
      nameLimit: 80,
    }),
    FifoQueue: createOnly(except(flag(), { true: 'a failure destination is a standard queue' })),
    ...all(
      [
        'DelaySeconds',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'ReceiveMessageWaitTimeSeconds',
        'VisibilityTimeout',
      ],
      inert(integer(0), UNREAD),
    ),
    ...all(['RedriveAllowPolicy', 'RedrivePolicy'], inert(any(), UNREAD)),
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
  identity(naming) {
    const QueueName = naming.name();
    const QueueUrl = `https://${naming.host('sqs')}/${naming.accountId}/${QueueName}`;
    return { physicalId: QueueUrl, attributes: { Arn: naming.arn('sqs', QueueName), QueueName, QueueUrl } };
  },
  ...ONLY_EXISTS,
};
