/** A route of a WebSocket API. */
import { shortId } from '../identity.ts';
import { all, except, flag, label, ONE_WAY, ref, refused, required, text } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';
import { apiId } from './api.ts';
import { INTEGRATION } from './integration.ts';

export const ROUTE: ResourceType = {
  type: 'AWS::ApiGatewayV2::Route',
  properties: {
    ApiId: apiId,
    RouteKey: required(text()),
    Target: text({
      pattern: /^integrations\/.+$/,
      says: 'integrations/ and the id of an integration',
      links: [ref(INTEGRATION)],
      prefix: 'integrations/',
    }),
    RouteResponseSelectionExpression: refused(ONE_WAY),
    AuthorizationType: except(text({ oneOf: ['NONE'] }), {
      AWS_IAM: 'signatures of connecting clients are not checked',
      CUSTOM: 'Lambda authorizers do not run',
    }),
    ApiKeyRequired: except(flag(), { true: 'there are no API keys' }),
    OperationName: label,
    ...all(['AuthorizerId', 'AuthorizationScopes'], refused('authorizers do not run')),
    ...all(
      ['ModelSelectionExpression', 'RequestModels'],
      refused('requests are not validated against models'),
    ),
    RequestParameters: refused('request parameters are not mapped'),
  },
  identity: shortId('RouteId', 7),
  ...ONLY_EXISTS,
};
