/** A WebSocket API. */
import {
  all,
  createOnly,
  deciding,
  except,
  flag,
  inert,
  label,
  mappedTags,
  ref,
  refused,
  required,
  text,
} from '../property.ts';
import { metricRows, type ResourceType } from '../resource-type.ts';

export const API: ResourceType = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: {
    Name: required(label),
    ProtocolType: createOnly(
      deciding(except(required(text({ oneOf: ['WEBSOCKET'] })), { HTTP: 'only WebSocket APIs run locally' })),
    ),
    RouteSelectionExpression: required(text()),
    DisableExecuteApiEndpoint: except(flag(), { true: 'the local API has no other endpoint' }),
    Description: label,
    Version: label,
    Tags: mappedTags,
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
    ...all(['CorsConfiguration', 'CredentialsArn', 'RouteKey', 'Target'], refused('is for HTTP APIs')),
  },
  identity(naming) {
    const id = naming.lowerCase(10);
    const ApiEndpoint = `wss://${naming.host(`${id}.execute-api`)}`;
    const ExecuteApiArn = naming.arn('execute-api', id);
    return { physicalId: id, attributes: { ApiId: id, ApiEndpoint, ExecuteApiArn } };
  },
  // It is put into service with all of its routes and stages, when the whole stack is there.
  making: { create: () => {}, remove: ({ apis }, id) => apis.remove(id) },
  isFoundByName: false,
  metrics: {
    namespace: 'AWS/ApiGateway',
    dimension: 'ApiId',
    rows: metricRows(
      ['connectCount', 'Connections opened', 'ConnectCount', 'Sum'],
      ['messageCount', 'Messages, both ways', 'MessageCount', 'Sum'],
      ['clientErrors', 'Client errors', 'ClientError', 'Sum'],
      ['integrationErrors', 'Integration errors', 'IntegrationError', 'Sum'],
      ['executionErrors', 'Execution errors', 'ExecutionError', 'Sum'],
      ['integrationLatency', 'Integration latency, average', 'IntegrationLatency', 'Average', 'Milliseconds'],
      [
        'integrationLatencyMax',
        'Integration latency, maximum',
        'IntegrationLatency',
        'Maximum',
        'Milliseconds',
      ],
    ),
  },
  shape: null,
};

/** The API that a resource belongs to. */
export const apiId = createOnly(required(text({ links: [ref(API)] })));
