/** Types of API Gateway that the local stage knows. See {@link file://./types.ts}. */
import type { ResourceType } from './schema.ts';
import {
  all,
  deciding,
  except,
  flag,
  IAM,
  inert,
  integer,
  LOGS,
  label,
  map,
  number,
  ONE_WAY,
  object,
  refused,
  required,
  tags,
  text,
} from './vocabulary.ts';

const HTTP_ONLY = 'is for HTTP APIs';
const STATIC_PUT_RECORD = /^arn:[a-z-]+:apigateway:[a-z0-9-]+:kinesis:action\/PutRecord$/;

const API: ResourceType = {
  attributes: ['ApiId', 'ApiEndpoint', 'ExecuteApiArn'],
  properties: {
    Name: required(label),
    ProtocolType: deciding(
      except(required(text({ oneOf: ['WEBSOCKET'] })), { HTTP: 'only WebSocket APIs run locally' }),
    ),
    RouteSelectionExpression: required(text()),
    DisableExecuteApiEndpoint: except(flag(), { true: 'the local API has no other endpoint' }),
    Description: label,
    Version: label,
    Tags: tags,
    ApiKeySelectionExpression: inert(text(), 'API keys are refused at the route'),
    DisableSchemaValidation: inert(flag(), 'models are refused at the route'),
    IpAddressType: inert(
      text({ oneOf: ['ipv4', 'dualstack'] }),
      'the local API is reached on the loopback address',
    ),
    ...all(
      ['Body', 'BodyS3Location', 'FailOnWarnings', 'BasePath'],
      refused('imported definitions are for HTTP APIs'),
    ),
    ...all(['CorsConfiguration', 'CredentialsArn', 'RouteKey', 'Target'], refused(HTTP_ONLY)),
  },
};

const ROUTE: ResourceType = {
  attributes: ['RouteId'],
  properties: {
    ApiId: required(text()),
    RouteKey: required(text()),
    Target: text({ pattern: /^integrations\/.+$/, says: 'integrations/ and the id of an integration' }),
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
};

const INTEGRATION: ResourceType = {
  attributes: ['IntegrationId'],
  properties: {
    ApiId: required(text()),
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
      refused(HTTP_ONLY),
    ),
  },
};

const STAGE: ResourceType = {
  attributes: ['Id'],
  properties: {
    ApiId: required(text()),
    StageName: required(
      text({ pattern: /^[A-Za-z0-9_-]{1,128}$/, says: 'letters, digits, - and _, at most 128' }),
    ),
    DeploymentId: text(),
    DefaultRouteSettings: object({
      ThrottlingBurstLimit: integer(0),
      ThrottlingRateLimit: number(0),
      LoggingLevel: inert(text({ oneOf: ['OFF', 'ERROR', 'INFO'] }), LOGS),
      DataTraceEnabled: inert(flag(), LOGS),
      DetailedMetricsEnabled: flag(),
    }),
    StageVariables: map(text()),
    AutoDeploy: inert(flag(), 'the local stage serves the whole template from the start'),
    AccessLogSettings: inert(object({ DestinationArn: text(), Format: text() }), LOGS),
    Description: label,
    Tags: tags,
    RouteSettings: refused('routes have no settings of their own; use DefaultRouteSettings'),
    ClientCertificateId: refused('integrations present no certificate'),
    AccessPolicyId: refused('is no longer supported by AWS'),
  },
  rules: ({ DeploymentId, AutoDeploy }) =>
    DeploymentId === undefined && AutoDeploy !== true
      ? ['DeploymentId is needed unless AutoDeploy is true: a stage without a deployment serves nothing']
      : [],
};

const DEPLOYMENT: ResourceType = {
  attributes: ['DeploymentId'],
  properties: {
    ApiId: required(text()),
    Description: label,
    StageName: refused('name the deployment in the stage: DeploymentId'),
  },
};

const ACCOUNT: ResourceType = {
  attributes: ['Id'],
  properties: { CloudWatchRoleArn: inert(text(), LOGS) },
};

/** The types by CloudFormation name. */
export const GATEWAY_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGatewayV2::Api': API,
  'AWS::ApiGatewayV2::Route': ROUTE,
  'AWS::ApiGatewayV2::Integration': INTEGRATION,
  'AWS::ApiGatewayV2::Stage': STAGE,
  'AWS::ApiGatewayV2::Deployment': DEPLOYMENT,
  'AWS::ApiGateway::Account': ACCOUNT,
};
