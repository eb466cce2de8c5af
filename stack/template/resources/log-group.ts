/** A log group. */
import { all, any, inert, integer, LOGS, tags, text } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

const logs = inert(any(), LOGS);

export const LOG_GROUP: ResourceType = {
  type: 'AWS::Logs::LogGroup',
  properties: {
    LogGroupName: text({ nameLimit: 512 }),
    RetentionInDays: inert(integer(1, 3653), LOGS),
    LogGroupClass: inert(text({ oneOf: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] }), LOGS),
    ...all(['BearerTokenAuthenticationEnabled', 'DataProtectionPolicy', 'DeletionProtectionEnabled'], logs),
    ...all(['FieldIndexPolicies', 'KmsKeyId', 'ResourcePolicyDocument'], logs),
    Tags: tags,
  },
  identity(naming) {
    const name = naming.name();
    return { physicalId: name, attributes: { Arn: naming.arn('logs', `log-group:${name}:*`) } };
  },
  ...ONLY_EXISTS,
};
