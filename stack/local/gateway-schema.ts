/**
 * The API Gateway resource types the local stage runs, with every property it knows. A property that is not listed is
 * refused by name, so a template never seems to work while part of it is ignored. Listed without effect here: names,
 * descriptions, tags, roles and logging, which change nothing that a client of the API can see.
 */
import { z } from 'zod';

/** CloudFormation passes parameters as strings, so `"true"` and `"100"` are as good as their values. */
const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number),
]);
const off = boolean.refine((value) => !value, 'is not supported by the local stage unless it is false');
const ignored = z.unknown();

const api = z.strictObject({
  Name: z.string().optional(),
  ProtocolType: z.literal('WEBSOCKET', 'must be WEBSOCKET'),
  RouteSelectionExpression: z.string(),
  ApiKeySelectionExpression: ignored,
  Description: ignored,
  DisableExecuteApiEndpoint: off.optional(),
  DisableSchemaValidation: ignored,
  IpAddressType: ignored,
  Tags: ignored,
  Version: ignored,
});

const route = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z
    .string()
    .regex(/^integrations\/.+/, 'must be integrations/<id>')
    .optional(),
  AuthorizationType: z.literal('NONE', 'must be NONE: the local stage has no authorizers').optional(),
  ApiKeyRequired: off.optional(),
  OperationName: ignored,
});

const integration = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.enum(
    ['AWS', 'MOCK'],
    'must be AWS (Kinesis PutRecord) or MOCK: the local stage runs no other',
  ),
  IntegrationMethod: z.literal('POST', 'must be POST').optional(),
  IntegrationUri: z
    .string()
    .regex(
      /^arn:aws[\w-]*:apigateway:[\w-]+:kinesis:action\/PutRecord$/,
      'must be arn:aws:apigateway:<region>:kinesis:action/PutRecord: the local stage runs no other action',
    )
    .optional(),
  ConnectionType: z.literal('INTERNET', 'must be INTERNET').optional(),
  CredentialsArn: ignored,
  Description: ignored,
  PassthroughBehavior: z.enum(['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER']).optional(),
  RequestTemplates: z.record(z.string(), z.string()).optional(),
  TemplateSelectionExpression: z.string().optional(),
  // Accepted without effect: the modelled stream answers or refuses within milliseconds, far below the shortest useful value.
  TimeoutInMillis: number.optional(),
});

const stage = z.strictObject({
  ApiId: z.string(),
  StageName: z.string(),
  AccessLogSettings: ignored,
  AutoDeploy: ignored,
  DefaultRouteSettings: z
    .strictObject({
      DataTraceEnabled: ignored,
      DetailedMetricsEnabled: ignored,
      LoggingLevel: ignored,
      ThrottlingBurstLimit: number.optional(),
      ThrottlingRateLimit: number.optional(),
    })
    .optional(),
  DeploymentId: ignored,
  Description: ignored,
  StageVariables: z.record(z.string(), z.string()).optional(),
  Tags: ignored,
});

const deployment = z.strictObject({ ApiId: z.string(), Description: ignored, StageName: ignored });

/** Schema of the properties, by resource type. */
export const GATEWAY_SCHEMAS = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::ApiGatewayV2::Deployment': deployment,
} as const;

export type GatewayType = keyof typeof GATEWAY_SCHEMAS;

/** Properties of a resource type, checked. */
export type GatewayProperties<T extends GatewayType> = z.infer<(typeof GATEWAY_SCHEMAS)[T]>;
