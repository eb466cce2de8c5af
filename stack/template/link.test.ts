/** The reference template with one link broken at a time, and with names given twice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { resolveTemplate, TemplateError } from './resolve.ts';

const TEXT = readFileSync(new URL('../template.yaml', import.meta.url), 'utf8');

function problemsOf(text: string): readonly string[] {
  const place = {
    stackName: 'demo',
    region: 'eu-west-1',
    accountId: '123456789012',
    random: seededRandom(3),
  };
  try {
    resolveTemplate({ text, fileName: 'demo.yaml', parameters: {}, ...place });
    return [];
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error.problems;
  }
}

/** The text after the line of a resource, with the first occurrence of something in it replaced. */
function changed(logicalId: string, from: string | RegExp, to: string): string {
  const start = TEXT.indexOf(`\n  ${logicalId}:\n`);
  assert.ok(start >= 0, `${logicalId} is in the template`);
  const rest = TEXT.slice(start);
  const result = rest.replace(from, to);
  assert.notEqual(result, rest, `${from} is in ${logicalId}`);
  return TEXT.slice(0, start) + result;
}

const OTHER_STREAM = 'arn:aws:kinesis:eu-west-1:123456789012:stream/other';
const OTHER_FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:other';
const DEPLOYMENT = /Deployment[0-9a-f]{8}/.exec(TEXT)?.[0] ?? '';

const broken: readonly (readonly [
  logicalId: string,
  property: string,
  given: RegExp,
  value: string,
  type: string,
])[] = [
  ['DefaultRoute', 'ApiId', /!Ref Api/, 'other', 'AWS::ApiGatewayV2::Api'],
  ['DefaultRoute', 'Target', /!Sub .+/, 'integrations/other', 'AWS::ApiGatewayV2::Integration'],
  ['StreamIntegration', 'ApiId', /!Ref Api/, 'other', 'AWS::ApiGatewayV2::Api'],
  [DEPLOYMENT, 'ApiId', /!Ref Api/, 'other', 'AWS::ApiGatewayV2::Api'],
  ['Stage', 'ApiId', /!Ref Api/, 'other', 'AWS::ApiGatewayV2::Api'],
  ['Stage', 'DeploymentId', /!Ref Deployment\w+/, 'other', 'AWS::ApiGatewayV2::Deployment'],
  ['EchoConsumer', 'StreamARN', /!GetAtt .+/, OTHER_STREAM, 'AWS::Kinesis::Stream'],
  [
    'EchoMapping',
    'EventSourceArn',
    /!If .+/,
    OTHER_STREAM,
    'AWS::Kinesis::Stream or AWS::Kinesis::StreamConsumer',
  ],
  ['EchoMapping', 'FunctionName', /!GetAtt .+/, OTHER_FUNCTION, 'AWS::Lambda::Function'],
];

test('the reference template has no broken link', () => {
  assert.deepEqual(problemsOf(TEXT), []);
});

for (const [logicalId, property, given, value, type] of broken) {
  test(`${logicalId}.${property} that leads nowhere is refused by name`, () => {
    const problems = problemsOf(changed(logicalId, given, value));
    const own = problems.find((problem) =>
      problem.includes(`Resources.${logicalId}.Properties.${property}: `),
    );
    assert.ok(own?.endsWith(`names no ${type} of the template: ${value}`), problems.join('\n'));
    assert.match(own ?? '', /^line \d+: /);
  });
}

test('a function may be linked to by its name', () => {
  assert.deepEqual(problemsOf(changed('EchoMapping', '!GetAtt EchoFunction.Arn', '!Ref EchoFunction')), []);
});

test('a stage needs a deployment, or deploys by itself', () => {
  const without = changed('Stage', /\n {6}DeploymentId: .+/, '');
  assert.match(
    problemsOf(without).join('\n'),
    /Resources\.Stage\.Properties: DeploymentId is needed unless AutoDeploy/,
  );
  assert.deepEqual(problemsOf(changed('Stage', /DeploymentId: .+/, 'AutoDeploy: true')), []);
});

test('two resources of one name are refused', () => {
  const second = '  Second: {Type: AWS::Kinesis::Stream, Properties: {Name: same, ShardCount: 1}}\n';
  const first = changed('EventStream', 'Properties:', 'Properties:\n      Name: same');
  const text = first.replace('Resources:\n', `Resources:\n${second}`);
  assert.match(problemsOf(text).join('\n'), /Resources\.\w+: has the same name as \w+: same/);
});

test('stages of two APIs may have one name', () => {
  const second = `  Second: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: n, ProtocolType: WEBSOCKET, RouteSelectionExpression: a}}
  SecondStage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Second, StageName: v1, AutoDeploy: true}}\n`;
  assert.deepEqual(problemsOf(TEXT.replace('Resources:\n', `Resources:\n${second}`)), []);
});
