/** A queue, the destination of batches that failed. */
import * as p from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

const UNREAD = 'queues only receive failed batches and nobody reads them';

export const QUEUE: ResourceType = {
  type: 'AWS::SQS::Queue',
  properties: {
    QueueName: p.text({
      pattern: /^[A-Za-z0-9_-]{1,80}$/,
      says: 'letters, digits, - and _, at most 80',
      nameLimit: 80,
    }),
    FifoQueue: p.createOnly(p.except(p.flag(), { true: 'a failure destination is a standard queue' })),
    ...p.all(
      [
        'DelaySeconds',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'ReceiveMessageWaitTimeSeconds',
        'VisibilityTimeout',
      ],
      p.inert(p.integer(0), UNREAD),
    ),
    ...p.all(['RedriveAllowPolicy', 'RedrivePolicy'], p.inert(p.any(), UNREAD)),
    ...p.all(
      ['KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'SqsManagedSseEnabled'],
      p.inert(p.any(), p.ENCRYPTION),
    ),
    Tags: p.tags,
    ...p.all(
      ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'],
      p.refused('is for FIFO queues'),
    ),
  },
  identity(naming) {
    const QueueName = naming.name();
    const QueueUrl = `https://${naming.host('sqs')}/${naming.accountId}/${QueueName}`;
    return { physicalId: QueueUrl, attributes: { Arn: naming.arn('sqs', QueueName), QueueName, QueueUrl } };
  },
  ...ONLY_EXISTS,
};
