/**
 * What a changed property does to its resource when a stack is updated. Most properties change in place; those that
 * CloudFormation's schemas call create-only make another resource, which takes the place of the old one.
 * Source: `createOnlyProperties` of the CloudFormation resource type schemas.
 */
import { isDeepStrictEqual } from 'node:util';
import { NO_VALUE, type Value } from './value.ts';

const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::ApiGatewayV2::Route': ['ApiId'],
  'AWS::ApiGatewayV2::Integration': ['ApiId'],
  'AWS::ApiGatewayV2::Stage': ['StageName', 'ApiId'],
  'AWS::ApiGatewayV2::Deployment': ['ApiId'],
  'AWS::Kinesis::Stream': ['Name'],
  'AWS::Kinesis::StreamConsumer': ['ConsumerName', 'StreamARN', 'Tags'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType', 'TenancyConfig'],
  'AWS::Lambda::EventSourceMapping': [
    'StartingPosition',
    'StartingPositionTimestamp',
    'EventSourceArn',
    'SelfManagedEventSource',
  ],
  'AWS::Lambda::Permission': [
    'FunctionName',
    'Action',
    'EventSourceToken',
    'FunctionUrlAuthType',
    'SourceArn',
    'SourceAccount',
    'PrincipalOrgID',
    'Principal',
    'InvokedViaFunctionUrl',
  ],
  'AWS::IAM::Role': ['Path', 'RoleName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::SQS::Queue': ['FifoQueue', 'QueueName'],
};

/** The property that names a resource, where its author may choose the name, and how many characters its service takes. */
export const NAMED_PROPERTIES: Readonly<
  Record<string, { readonly property: string; readonly limit: number }>
> = {
  'AWS::Kinesis::Stream': { property: 'Name', limit: 128 },
  'AWS::Kinesis::StreamConsumer': { property: 'ConsumerName', limit: 128 },
  'AWS::Lambda::Function': { property: 'FunctionName', limit: 64 },
  'AWS::IAM::Role': { property: 'RoleName', limit: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', limit: 512 },
  'AWS::SQS::Queue': { property: 'QueueName', limit: 80 },
};

interface Properties {
  readonly [name: string]: Value;
}

/** Names of the properties that differ, sorted. */
export function changedProperties(before: Properties, after: Properties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(present(before[name]), present(after[name]))).sort();
}

/** Whether changing the property makes another resource. */
export function isCreateOnly(type: string, property: string): boolean {
  return CREATE_ONLY[type]?.includes(property) ?? false;
}

/** The name that the template gives the resource; undefined where CloudFormation makes one up. */
export function customName(type: string, properties: Properties): Value | undefined {
  const named = NAMED_PROPERTIES[type];
  return named === undefined ? undefined : present(properties[named.property]);
}

function present(value: Value | undefined): Value | undefined {
  return value === NO_VALUE ? undefined : value;
}
