/**
 * Types that can't change the path from a client through the stream and back: accepted whatever their properties are, and
 * not made. One declaration, with the reason for each; names and attributes follow AWS's forms, so that what refers to
 * them resolves.
 */
import { ENCRYPTION, IAM, LOGS } from '../property.ts';
import { ONLY_EXISTS, type ResourceType } from '../resource-type.ts';

interface Form {
  /** The property that holds its name, where it has one. */
  readonly name?: string;
  /** Attributes that hold the ARN; all others hold the property of that name, or the resource's name. */
  readonly arns?: readonly string[];
  /** Whether Ref gives the ARN rather than the name. */
  readonly refIsArn?: boolean;
}

const ALARMS = 'nobody is alarmed locally';
const SNS = 'topics only receive failed batches and alarms, and nobody reads them';
const XRAY = 'there is no X-Ray';

/** Type, the service in its ARN, why it changes nothing here, and what else there is to say of its names. */
const ROWS: readonly (readonly [type: string, service: string, why: string, form?: Form])[] = [
  ['AWS::Budgets::Budget', 'budgets', 'nothing is billed locally'],
  ['AWS::CDK::Metadata', 'cdk', 'tells CDK which constructs are used'],
  ['AWS::CloudFormation::WaitConditionHandle', 'cloudformation', 'nothing waits for it'],
  ['AWS::CloudWatch::Alarm', 'cloudwatch', ALARMS, { name: 'AlarmName', arns: ['Arn'] }],
  ['AWS::CloudWatch::AnomalyDetector', 'cloudwatch', ALARMS],
  ['AWS::CloudWatch::CompositeAlarm', 'cloudwatch', ALARMS, { name: 'AlarmName', arns: ['Arn'] }],
  ['AWS::CloudWatch::Dashboard', 'cloudwatch', 'nobody looks at it', { name: 'DashboardName' }],
  ['AWS::IAM::InstanceProfile', 'iam', IAM, { name: 'InstanceProfileName', arns: ['Arn'] }],
  ['AWS::IAM::ManagedPolicy', 'iam', IAM, { name: 'ManagedPolicyName', arns: ['PolicyArn'], refIsArn: true }],
  ['AWS::IAM::RolePolicy', 'iam', IAM, { name: 'PolicyName' }],
  ['AWS::KMS::Alias', 'kms', ENCRYPTION, { name: 'AliasName' }],
  ['AWS::KMS::Key', 'kms', ENCRYPTION, { arns: ['Arn'] }],
  ['AWS::Kinesis::ResourcePolicy', 'kinesis', IAM],
  ['AWS::Lambda::EventInvokeConfig', 'lambda', 'is for asynchronous invocations'],
  ['AWS::Logs::LogStream', 'logs', LOGS, { name: 'LogStreamName' }],
  ['AWS::Logs::MetricFilter', 'logs', LOGS, { name: 'FilterName' }],
  ['AWS::Logs::QueryDefinition', 'logs', LOGS],
  ['AWS::Logs::ResourcePolicy', 'logs', LOGS, { name: 'PolicyName' }],
  ['AWS::Logs::SubscriptionFilter', 'logs', LOGS, { name: 'FilterName' }],
  [
    'AWS::ResourceGroups::Group',
    'resource-groups',
    'groups resources for people',
    { name: 'Name', arns: ['Arn'] },
  ],
  ['AWS::SNS::Subscription', 'sns', SNS, { refIsArn: true }],
  ['AWS::SNS::Topic', 'sns', SNS, { name: 'TopicName', arns: ['TopicArn'], refIsArn: true }],
  ['AWS::SNS::TopicPolicy', 'sns', IAM],
  ['AWS::SQS::QueuePolicy', 'sqs', IAM],
  ['AWS::SSM::Parameter', 'ssm', 'there is no SSM to read it from', { name: 'Name' }],
  ['AWS::XRay::Group', 'xray', XRAY, { name: 'GroupName', arns: ['GroupARN'] }],
  ['AWS::XRay::SamplingRule', 'xray', XRAY],
];

export const INERT_TYPES: readonly ResourceType[] = ROWS.map(
  ([type, service, why, { name = '', arns = [], refIsArn = false } = {}]) => ({
    type,
    properties: {},
    identity(naming) {
      const Name = naming.text(name) || naming.name();
      const Arn = naming.arn(service, Name);
      return { physicalId: refIsArn ? Arn : Name, attributes: { Name, Arn } };
    },
    ...ONLY_EXISTS,
    inert: { why, arns },
  }),
);
