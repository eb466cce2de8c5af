/** The account's settings of API Gateway: the role with which it writes logs. */
import { generatedId } from '../identity.ts';
import { inert, LOGS, text } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

export const GATEWAY_ACCOUNT: ResourceType = {
  type: 'AWS::ApiGateway::Account',
  properties: { CloudWatchRoleArn: inert(text(), LOGS) },
  identity: generatedId,
  ...ONLY_EXISTS,
};
