/** A deployment: a snapshot of an API's routes and integrations, which stages serve. */
import { shortId } from '../identity.ts';
import { label, refused } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';
import { apiId } from './api.ts';

export const DEPLOYMENT: ResourceType = {
  type: 'AWS::ApiGatewayV2::Deployment',
  properties: {
    ApiId: apiId,
    Description: label,
    StageName: refused('name the deployment in the stage: DeploymentId'),
  },
  identity: shortId('DeploymentId', 6),
  ...ONLY_EXISTS,
};
