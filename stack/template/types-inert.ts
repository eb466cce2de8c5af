/**
 * Types that can't change the path from a client through the stream and back: accepted whatever their properties are, and not
 * made. One declaration, with the reason for each; names and attributes follow AWS's forms, so that what refers to them resolves.
 */
import { partitionOf } from './identity.ts';

interface InertType {
  /** Why it changes nothing here. */
  readonly why: string;
  /** The service in its ARN. */
  readonly service: string;
  /** The property that holds its name, where it has one. */
  readonly name?: string;
  /** Attributes that hold the ARN; all others hold the property of that name, or the resource's name. */
  readonly arns?: readonly string[];
  /** Whether Ref gives the ARN rather than the name. */
  readonly refIsArn?: boolean;
}

const ALARMS = 'nobody is alarmed locally';
const LOGS = 'the local stage writes no CloudWatch logs';
const IAM = 'permissions are not evaluated locally';
const SNS = 'topics only receive failed batches and alarms, and nobody reads them';
const XRAY = 'there is no X-Ray';

/** The types by CloudFormation name. */
export const INERT_TYPES: Readonly<Record<string, InertType>> = {
  'AWS::Budgets::Budget': { why: 'nothing is billed locally', service: 'budgets' },
  'AWS::CDK::Metadata': { why: 'tells CDK which constructs are used', service: 'cdk' },
  'AWS::CloudFormation::WaitConditionHandle': { why: 'nothing waits for it', service: 'cloudformation' },
  'AWS::CloudWatch::Alarm': { why: ALARMS, service: 'cloudwatch', name: 'AlarmName', arns: ['Arn'] },
  'AWS::CloudWatch::AnomalyDetector': { why: ALARMS, service: 'cloudwatch' },
  'AWS::CloudWatch::CompositeAlarm': { why: ALARMS, service: 'cloudwatch', name: 'AlarmName', arns: ['Arn'] },
  'AWS::CloudWatch::Dashboard': { why: 'nobody looks at it', service: 'cloudwatch', name: 'DashboardName' },
  'AWS::IAM::InstanceProfile': { why: IAM, service: 'iam', name: 'InstanceProfileName', arns: ['Arn'] },
  'AWS::IAM::ManagedPolicy': {
    why: IAM,
    service: 'iam',
    name: 'ManagedPolicyName',
    arns: ['PolicyArn'],
    refIsArn: true,
  },
  'AWS::IAM::RolePolicy': { why: IAM, service: 'iam', name: 'PolicyName' },
  'AWS::KMS::Alias': { why: 'nothing is encrypted at rest locally', service: 'kms', name: 'AliasName' },
  'AWS::KMS::Key': { why: 'nothing is encrypted at rest locally', service: 'kms', arns: ['Arn'] },
  'AWS::Kinesis::ResourcePolicy': { why: IAM, service: 'kinesis' },
  'AWS::Lambda::EventInvokeConfig': { why: 'is for asynchronous invocations', service: 'lambda' },
  'AWS::Logs::LogStream': { why: LOGS, service: 'logs', name: 'LogStreamName' },
  'AWS::Logs::MetricFilter': { why: LOGS, service: 'logs', name: 'FilterName' },
  'AWS::Logs::QueryDefinition': { why: LOGS, service: 'logs' },
  'AWS::Logs::ResourcePolicy': { why: LOGS, service: 'logs', name: 'PolicyName' },
  'AWS::Logs::SubscriptionFilter': { why: LOGS, service: 'logs', name: 'FilterName' },
  'AWS::ResourceGroups::Group': {
    why: 'groups resources for people',
    service: 'resource-groups',
    name: 'Name',
    arns: ['Arn'],
  },
  'AWS::SNS::Subscription': { why: SNS, service: 'sns', refIsArn: true },
  'AWS::SNS::Topic': { why: SNS, service: 'sns', name: 'TopicName', arns: ['TopicArn'], refIsArn: true },
  'AWS::SNS::TopicPolicy': { why: IAM, service: 'sns' },
  'AWS::SQS::QueuePolicy': { why: IAM, service: 'sqs' },
  'AWS::SSM::Parameter': { why: 'there is no SSM to read it from', service: 'ssm', name: 'Name' },
  'AWS::XRay::Group': { why: XRAY, service: 'xray', name: 'GroupName', arns: ['GroupARN'] },
  'AWS::XRay::SamplingRule': { why: XRAY, service: 'xray' },
};

/** What Ref gives for a resource of one of these types, and its ARN. */
export function inertIdentity(
  type: InertType,
  { name, region, accountId }: { readonly name: string; readonly region: string; readonly accountId: string },
): { readonly physicalId: string; readonly arn: string } {
  const arn = `arn:${partitionOf(region).partition}:${type.service}:${region}:${accountId}:${name}`;
  return { physicalId: type.refIsArn ? arn : name, arn };
}

/** The resources of a stack that are accepted and not made, as one sentence; none where there are none. */
export function inertNotes(
  resources: readonly { readonly type: string; readonly logicalId: string }[],
): string[] {
  const found = resources.flatMap(({ type, logicalId }) => {
    const known = INERT_TYPES[type];
    return known === undefined ? [] : [`${logicalId} (${type}: ${known.why})`];
  });
  return found.length === 0
    ? []
    : [`Accepted and not made, as they can't change the path: ${found.join(', ')}.`];
}
