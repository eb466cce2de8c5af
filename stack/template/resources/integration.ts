/** The integration of a route: here, a service action of Kinesis. */
import { shortId } from '../identity.ts';
import {
  all,
  deciding,
  except,
  IAM,
  inert,
  integer,
  label,
  map,
  refused,
  required,
  text,
} from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';
import { apiId } from './api.ts';

const STATIC_PUT_RECORD = /^arn:[a-z-]+:apigateway:[a-z0-9-]+:kinesis:action\/PutRecord$/;

export const INTEGRATION: ResourceType = {
  type: 'AWS::ApiGatewayV2::Integration',
  properties: {
    ApiId: apiId,
    IntegrationType: deciding(
      except(
        required(text({ oneOf: ['AWS'] })),
        Object.fromEntries(
          ['AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'].map((type) => [
            type,
            'only the service action Kinesis PutRecord is integrated',
          ]),
        ),
      ),
    ),
    IntegrationMethod: required(text({ oneOf: ['POST'] })),
    IntegrationUri: required(
      text({ pattern: STATIC_PUT_RECORD, says: 'arn:PARTITION:apigateway:REGION:kinesis:action/PutRecord' }),
    ),
    CredentialsArn: inert(required(text()), IAM),
    PassthroughBehavior: text({ oneOf: ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] }),
    RequestTemplates: map(text()),
    TemplateSelectionExpression: text(),
    TimeoutInMillis: integer(50, 29_000),
    ConnectionType: except(text({ oneOf: ['INTERNET'] }), { VPC_LINK: 'there is no VPC' }),
    Description: label,
    RequestParameters: refused('request parameters are not mapped'),
    ContentHandlingStrategy: refused('contents are not converted'),
    ConnectionId: refused('there is no VPC'),
    ...all(
      ['IntegrationSubtype', 'PayloadFormatVersion', 'ResponseParameters', 'TlsConfig'],
      refused('is for HTTP APIs'),
    ),
  },
  identity: shortId('IntegrationId', 7),
  ...ONLY_EXISTS,
};
