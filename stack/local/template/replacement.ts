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

/** The property that names a resource, where its author may choose the name. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Kinesis::StreamConsumer': 'ConsumerName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SQS::Queue': 'QueueName',
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
  const name = NAMES[type];
  return name === undefined ? undefined : present(properties[name]);
}

function present(value: Value | undefined): Value | undefined {
  return value === NO_VALUE ? undefined : value;
}
