/** What is accepted and not made, and what CDK adds to every template. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { TemplateError } from '../problems.ts';
import { resolveTemplate } from '../resolve.ts';
import { inertNotes } from '../types.ts';
import { INERT_TYPES } from './inert.ts';

function resolved(template: object) {
  return resolveTemplate({
    text: JSON.stringify(template),
    fileName: 'template',
    stackName: 'demo',
    parameters: {},
    region: 'us-east-1',
    accountId: '123456789012',
    random: seededRandom(1),
  });
}

function problemsOf(template: object): readonly string[] {
  try {
    resolved(template);
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
  return [];
}

const QUEUE = { Type: 'AWS::SQS::Queue' };

const BOOTSTRAP = {
  Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' } },
  Rules: {
    CheckBootstrapVersion: {
      Assertions: [
        { Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2'], { Ref: 'BootstrapVersion' }] }] } },
      ],
    },
  },
};

test('every inert type is accepted with any property, and told in one sentence with its reason', () => {
  const resources = INERT_TYPES.map(({ type: Type }, index) => [
    `R${index}`,
    { Type, Properties: { Any: { Thing: 1 } } },
  ]);
  const stack = resolved({ Resources: Object.fromEntries(resources) });
  assert.equal(stack.resources.length, resources.length);
  const [note = '', ...more] = inertNotes(stack.resources);
  assert.deepEqual(more, []);
  for (const { type, inert } of INERT_TYPES) assert.ok(note.includes(`(${type}: ${inert?.why})`), type);
  assert.deepEqual(inertNotes(resolved({ Resources: { Queue: QUEUE } }).resources), []);
});

test('what refers to an inert resource resolves, and what an inert resource refers to must exist', () => {
  const { outputs } = resolved({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'failed' } },
      Setting: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a', Type: 'String', Value: 'x' } },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [{ Ref: 'Topic' }] } },
    },
    Outputs: {
      Topic: { Value: { Ref: 'Topic' } },
      Name: { Value: { 'Fn::GetAtt': ['Topic', 'TopicName'] } },
      Value: { Value: { 'Fn::GetAtt': ['Setting', 'Value'] } },
      Alarm: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } },
    },
  });
  const { Alarm = '', ...others } = outputs;
  assert.deepEqual(others, {
    Topic: 'arn:aws:sns:us-east-1:123456789012:failed',
    Name: 'failed',
    Value: 'x',
  });
  assert.match(Alarm, /^arn:aws:cloudwatch:us-east-1:123456789012:demo-Alarm-/);
  const lost = { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [{ Ref: 'Nowhere' }] } };
  assert.match(
    problemsOf({ Resources: { Queue: QUEUE, Lost: lost } }).join(),
    /no parameter or resource is named Nowhere/,
  );
});

test('the bootstrap check of CDK is passed over; a rule about other parameters, or a value looked up, is refused by name', () => {
  assert.deepEqual(problemsOf({ ...BOOTSTRAP, Resources: { Queue: QUEUE } }), []);
  const used = { Queue: { ...QUEUE, Properties: { QueueName: { Ref: 'BootstrapVersion' } } } };
  assert.match(
    problemsOf({ ...BOOTSTRAP, Resources: used }).join(),
    /QueueName.*refers to BootstrapVersion, whose value AWS looks up/,
  );
  const rule = { Assertions: [{ Assert: { 'Fn::Equals': [{ Ref: 'Size' }, '1'] } }] };
  const ruled = {
    Parameters: { Size: { Type: 'String', Default: '1' } },
    Rules: { Rule: rule },
    Resources: { Queue: QUEUE },
  };
  assert.match(problemsOf(ruled).join(), /Rules\.Rule: not supported locally: .*AllowedValues/);
});

test('a refused kind of resource is one problem: nothing that follows from it is told as well', () => {
  const api = {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { Name: 'a', ProtocolType: 'HTTP', CorsConfiguration: {} },
  };
  const integration = {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:x',
      PayloadFormatVersion: '1.0',
    },
  };
  const route = {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: '$default',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    },
  };
  const table = { Type: 'AWS::DynamoDB::Table', Properties: {} };
  const mapping = {
    Type: 'AWS::Lambda::EventSourceMapping',
    DependsOn: 'Table',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { 'Fn::GetAtt': ['Image', 'Arn'] },
      StartingPosition: 'LATEST',
    },
  };
  const image = {
    Type: 'AWS::Lambda::Function',
    Properties: { PackageType: 'Image', Code: { ImageUri: 'x' }, Role: 'r' },
  };
  const outputs = { Name: { Value: { Ref: 'Table' } } };
  const resources = {
    Api: api,
    Integration: integration,
    Route: route,
    Table: table,
    Mapping: mapping,
    Image: image,
  };
  const problems = problemsOf({ Resources: resources, Outputs: outputs });
  const places = problems.map((problem) => /Resources\.\w+(\.Properties\.\w+)?/.exec(problem)?.[0]);
  assert.deepEqual(places, [
    'Resources.Api.Properties.ProtocolType',
    'Resources.Integration.Properties.IntegrationType',
    'Resources.Table',
    'Resources.Image.Properties.PackageType',
  ]);
});
