/** The integration of a route: here, a service action of Kinesis. */
import { shortId } from '../identity.ts';
import * as p from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';
import { apiId } from './api.ts';

const STATIC_PUT_RECORD = /^arn:[a-z-]+:apigateway:[a-z0-9-]+:kinesis:action\/PutRecord$/;

export const INTEGRATION: ResourceType = {
  type: 'AWS::ApiGatewayV2::Integration',
  properties: {
    ApiId: apiId,
    IntegrationType: p.deciding(
      p.except(
        p.required(p.text({ oneOf: ['AWS'] })),
        Object.fromEntries(
          ['AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'].map((type) => [
            type,
            'only the service action Kinesis PutRecord is integrated',
          ]),
        ),
      ),
    ),
    IntegrationMethod: p.required(p.text({ oneOf: ['POST'] })),
    IntegrationUri: p.required(
      p.text({
        pattern: STATIC_PUT_RECORD,
        says: 'arn:PARTITION:apigateway:REGION:kinesis:action/PutRecord',
      }),
    ),
    CredentialsArn: p.inert(p.required(p.text()), p.IAM),
    PassthroughBehavior: p.text({ oneOf: ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] }),
    RequestTemplates: p.map(p.text()),
    TemplateSelectionExpression: p.text(),
    TimeoutInMillis: p.integer(50, 29_000),
    ConnectionType: p.except(p.text({ oneOf: ['INTERNET'] }), { VPC_LINK: 'there is no VPC' }),
    Description: p.label,
    RequestParameters: p.refused('request parameters are not mapped'),
    ContentHandlingStrategy: p.refused('contents are not converted'),
    ConnectionId: p.refused('there is no VPC'),
    ...p.all(
      ['IntegrationSubtype', 'PayloadFormatVersion', 'ResponseParameters', 'TlsConfig'],
      p.refused('is for HTTP APIs'),
    ),
  },
  identity: shortId('IntegrationId', 7),
  ...ONLY_EXISTS,
};
