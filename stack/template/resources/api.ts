/** A WebSocket API. */
import * as p from '../property.ts';
import { metricRows, type ResourceType } from '../resource-type.ts';

export const API: ResourceType = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: {
    Name: p.required(p.label),
    ProtocolType: p.createOnly(
      p.deciding(
        p.except(p.required(p.text({ oneOf: ['WEBSOCKET'] })), { HTTP: 'only WebSocket APIs run locally' }),
      ),
    ),
    RouteSelectionExpression: p.required(p.text()),
    DisableExecuteApiEndpoint: p.except(p.flag(), { true: 'the local API has no other endpoint' }),
    Description: p.label,
    Version: p.label,
    Tags: p.mappedTags,
    ApiKeySelectionExpression: p.inert(p.text(), 'API keys are refused at the route'),
    DisableSchemaValidation: p.inert(p.flag(), 'models are refused at the route'),
    IpAddressType: p.inert(
      p.text({ oneOf: ['ipv4', 'dualstack'] }),
      'the local API is reached on the loopback address',
    ),
    ...p.all(
      ['Body', 'BodyS3Location', 'FailOnWarnings', 'BasePath'],
      p.refused('imported definitions are for HTTP APIs'),
    ),
    ...p.all(['CorsConfiguration', 'CredentialsArn', 'RouteKey', 'Target'], p.refused('is for HTTP APIs')),
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
export const apiId = p.createOnly(p.required(p.text({ links: [p.ref(API)] })));
