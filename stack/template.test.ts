/** The reference stack: it resolves with every parameter, deploys what it changes, and its request template is safe. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../bench/measure/random.ts';
import { MessageBody } from './local/gateway/message-body.ts';
import { MappingTemplate } from './local/gateway/vtl.ts';
import type { TemplateContext } from './local/gateway/vtl-variables.ts';
import { namesUsed } from './template/reference.ts';
import { resolveTemplate } from './template/resolve.ts';
import { parseTemplate } from './template/syntax.ts';
import { deploymentIdOf, snapshotOf } from './template/testing/deployment-id.ts';
import type { Json, ResolvedResource, ResolvedStack } from './template/value.ts';

const FILE = 'stack/template.yaml';
const text = readFileSync(new URL('template.yaml', import.meta.url), 'utf8');
const source = parseTemplate(text, FILE);

type Mapping = Readonly<Record<string, Json>>;

function resolve(parameters: Readonly<Record<string, string>> = {}, region = 'eu-west-1'): ResolvedStack {
  const place = { stackName: 'bench', region, accountId: '123456789012', random: seededRandom(7) };
  return resolveTemplate({ text, fileName: FILE, parameters, ...place });
}

function resource(stack: ResolvedStack, logicalId: string): ResolvedResource {
  const found = stack.resources.find((candidate) => candidate.logicalId === logicalId);
  assert.ok(found, `${logicalId} is not in the stack`);
  return found;
}

/** A property by its path, such as `Environment.Variables.CALLBACK_URL`. */
function property(stack: ResolvedStack, logicalId: string, path: string): Json | undefined {
  let value: Json | undefined = resource(stack, logicalId).properties;
  for (const key of path.split('.')) value = (value as Mapping | undefined)?.[key];
  return value;
}

describe('the deployment', () => {
  test('is named for the definitions it is a snapshot of', () => {
    const id = deploymentIdOf(text, FILE);
    const present = Object.keys(source.root.Resources as Mapping).filter((name) =>
      name.startsWith('Deployment'),
    );
    assert.deepEqual(
      present,
      [id],
      `The API, a route or an integration changed. So that AWS deploys the change, replace ${present.join()} by ${id} everywhere in ${FILE}.`,
    );
  });

  test('waits for every route', () => {
    const resources = source.root.Resources as Readonly<Record<string, Mapping>>;
    const routes = Object.keys(resources).filter(
      (name) => resources[name]?.Type === 'AWS::ApiGatewayV2::Route',
    );
    assert.deepEqual(resources[deploymentIdOf(text, FILE)]?.DependsOn, routes);
  });

  test('is a snapshot of nothing that a parameter could change without changing its name', () => {
    const parameters = Object.keys(source.root.Parameters as Mapping);
    const used = namesUsed(snapshotOf(source.root), 'Resources').filter(({ name }) =>
      parameters.includes(name),
    );
    assert.deepEqual(used, []);
  });
});

describe('the reference stack', () => {
  test('has every output, in the forms AWS gives them', () => {
    const { outputs } = resolve();
    const name = (logicalId: string): RegExp => new RegExp(`^bench-${logicalId}-[A-Z0-9]{12}$`);
    const queue = (logicalId: string): RegExp =>
      new RegExp(`^https://sqs\\.eu-west-1\\.amazonaws\\.com/123456789012/bench-${logicalId}-[A-Z0-9]{12}$`);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const forms: Readonly<Record<string, RegExp>> = {
      WebSocketURI: /^wss:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com\/v1$/,
      ApiId: /^[a-z0-9]{10}$/,
      StageName: /^v1$/,
      StreamName: name('EventStream'),
      ConsumerName: /^bench-echo$/,
      EchoFunctionName: name('EchoFunction'),
      EchoMappingId: uuid,
      EchoFailureQueueUrl: queue('EchoFailureQueue'),
      AuditFunctionName: name('AuditFunction'),
      AuditMappingId: uuid,
      AuditFailureQueueUrl: queue('AuditFailureQueue'),
    };
    assert.deepEqual(Object.keys(outputs), Object.keys(forms));
    for (const [output, form] of Object.entries(forms)) assert.match(outputs[output] ?? '', form);
  });

  test('reads by enhanced fan-out unless told to poll', () => {
    const fanOut = resolve();
    assert.equal(
      property(fanOut, 'EchoMapping', 'EventSourceArn'),
      resource(fanOut, 'EchoConsumer').physicalId,
    );
    const polling = resolve({ Consumer: 'POLLING' });
    const streamArn = resource(polling, 'EventStream').attributes.Arn;
    assert.equal(property(polling, 'EchoMapping', 'EventSourceArn'), streamArn);
    const consumers = polling.resources.filter(({ type }) => type === 'AWS::Kinesis::StreamConsumer');
    assert.deepEqual(consumers, []);
    assert.equal(polling.outputs.ConsumerName, undefined);
    assert.doesNotMatch(JSON.stringify(resource(polling, 'EchoRole').properties), /SubscribeToShard/);
  });

  test('gives the stream shards only when it is provisioned', () => {
    const provisioned = resolve({ ShardCount: '8' });
    assert.equal(property(provisioned, 'EventStream', 'ShardCount'), 8);
    const onDemand = resolve({ StreamMode: 'ON_DEMAND' });
    assert.equal(property(onDemand, 'EventStream', 'StreamModeDetails.StreamMode'), 'ON_DEMAND');
    assert.equal(property(onDemand, 'EventStream', 'ShardCount'), undefined);
  });

  test('has no trace of the audit service when there is none', () => {
    const stack = resolve({ AuditService: 'false' });
    assert.deepEqual(
      stack.resources.filter(({ logicalId }) => logicalId.startsWith('Audit')),
      [],
    );
    assert.deepEqual(
      Object.keys(stack.outputs).filter((name) => name.startsWith('Audit')),
      [],
    );
    const audited = resolve();
    assert.equal(
      property(audited, 'AuditMapping', 'EventSourceArn'),
      resource(audited, 'EventStream').attributes.Arn,
    );
    assert.notEqual(property(audited, 'AuditFunction', 'Role'), property(audited, 'EchoFunction', 'Role'));
  });

  const settings: readonly (readonly [
    parameter: string,
    value: string,
    logicalId: string,
    path: string,
    result: Json,
  ])[] = [
    ['BatchSize', '10000', 'EchoMapping', 'BatchSize', 10_000],
    ['MaximumBatchingWindowInSeconds', '5', 'EchoMapping', 'MaximumBatchingWindowInSeconds', 5],
    ['ParallelizationFactor', '10', 'EchoMapping', 'ParallelizationFactor', 10],
    ['MaximumRetryAttempts', '-1', 'EchoMapping', 'MaximumRetryAttempts', -1],
    ['MaximumRetryAttempts', '3', 'AuditMapping', 'MaximumRetryAttempts', 3],
    ['MaximumRecordAgeInSeconds', '60', 'EchoMapping', 'MaximumRecordAgeInSeconds', 60],
    ['MemorySize', '128', 'EchoFunction', 'MemorySize', 128],
    ['MemorySize', '10240', 'AuditFunction', 'MemorySize', 10_240],
    ['FunctionTimeoutInSeconds', '60', 'EchoFunction', 'Timeout', 60],
    ['PostConcurrency', '64', 'EchoFunction', 'Environment.Variables.POST_CONCURRENCY', '64'],
    ['AuditBatchSize', '50', 'AuditMapping', 'BatchSize', 50],
    ['ThrottlingRateLimit', '250.5', 'Stage', 'DefaultRouteSettings.ThrottlingRateLimit', 250.5],
    ['ThrottlingBurstLimit', '10', 'Stage', 'DefaultRouteSettings.ThrottlingBurstLimit', 10],
    ['LogRetentionInDays', '30', 'EchoLogGroup', 'RetentionInDays', 30],
  ];
  for (const [parameter, value, logicalId, path, result] of settings) {
    test(`hands ${parameter}=${value} to ${logicalId}`, () => {
      assert.equal(property(resolve({ [parameter]: value }), logicalId, path), result);
    });
  }

  const mistakes: readonly (readonly [parameter: string, value: string, message: RegExp])[] = [
    ['ShardCount', '0', /ShardCount: "0" must be at least 1/],
    ['StreamMode', 'provisioned', /must be one of PROVISIONED, ON_DEMAND/],
    ['Consumer', 'PUSH', /must be one of EFO, POLLING/],
    ['BatchSize', '10001', /must be at most 10000/],
    ['ParallelizationFactor', '11', /must be at most 10/],
    ['MaximumRecordAgeInSeconds', '59', /must be at least 60/],
    ['PostConcurrency', 'many', /"many" must be a number/],
    ['AuditService', 'yes', /must be one of true, false/],
    ['Shards', '2', /no such parameter; the template knows ShardCount, StreamMode,/],
  ];
  for (const [parameter, value, message] of mistakes) {
    test(`refuses ${parameter}=${value}`, () =>
      assert.throws(() => resolve({ [parameter]: value }), message));
  }

  test('describes every parameter', () => {
    for (const [name, definition] of Object.entries(
      source.root.Parameters as Readonly<Record<string, Mapping>>,
    )) {
      assert.ok(typeof definition.Description === 'string' && definition.Description.length > 20, name);
      assert.ok('Default' in definition, name);
    }
  });

  test('resolves in every partition of AWS', () => {
    const china = resolve({}, 'cn-north-1');
    assert.match(
      china.outputs.WebSocketURI ?? '',
      /^wss:\/\/\w+\.execute-api\.cn-north-1\.amazonaws\.com\.cn\/v1$/,
    );
    assert.match(
      String(property(china, 'StreamIntegration', 'IntegrationUri')),
      /^arn:aws-cn:apigateway:cn-north-1:/,
    );
    assert.match(
      String(property(china, 'EchoFunction', 'Environment.Variables.CALLBACK_URL')),
      /\.amazonaws\.com\.cn\/v1$/,
    );
  });

  test('writes no log of messages, names no role, and downloads no code', () => {
    const stack = resolve();
    assert.equal(property(stack, 'Stage', 'DefaultRouteSettings.LoggingLevel'), 'OFF');
    assert.equal(property(stack, 'Stage', 'DefaultRouteSettings.DataTraceEnabled'), false);
    assert.doesNotMatch(text, /RoleName|Layers|S3Bucket/);
  });

  test('gives every role its actions on named resources only', () => {
    const roles = resolve().resources.filter(({ type }) => type === 'AWS::IAM::Role');
    assert.equal(roles.length, 3);
    for (const { logicalId, properties } of roles) {
      const resources: readonly string[] = JSON.stringify(properties).match(/"Resource":"([^"]*)"/g) ?? [];
      assert.ok(resources.length > 0, logicalId);
      assert.ok(!resources.includes('"Resource":"*"'), logicalId);
      assert.ok(!JSON.stringify(properties).includes('ManagedPolicyArns'), logicalId);
    }
  });
});

describe('the request template', () => {
  const stack = resolve();
  const template = new MappingTemplate(
    String(property(stack, 'StreamIntegration', 'RequestTemplates.default')),
  );
  const facts = {
    connectionId: 'L0SM9cOFvHcCIhw=',
    messageId: 'L0SNBeTlPHcCIhw=',
    requestTimeEpoch: 1_708_327_306_706,
  };

  function rendered(body: string): { readonly request: Mapping; readonly envelope: Mapping } {
    const variables = {
      context: { ...facts, connection: facts } as unknown as TemplateContext,
      body: new MessageBody(body),
      stageVariables: {},
    };
    const request = JSON.parse(template.render(variables));
    return { request, envelope: JSON.parse(Buffer.from(request.Data, 'base64').toString()) };
  }

  test('makes a PutRecord request whose data is the envelope', () => {
    const { request, envelope } = rendered('{"msg":"Hello World!"}');
    assert.deepEqual(Object.keys(request).sort(), ['Data', 'PartitionKey', 'StreamName']);
    assert.equal(request.StreamName, stack.outputs.StreamName);
    assert.equal(request.PartitionKey, facts.connectionId);
    const body = Buffer.from('{"msg":"Hello World!"}').toString('base64');
    assert.deepEqual(envelope, { ...facts, body });
  });

  test('carries any text, and lets none of it become part of the envelope or the template', () => {
    const hostile = [
      '"}',
      '$context.connectionId',
      '#set($q = "x")',
      `$${'{q}'}`,
      '","connectionId":"other',
      '',
      '\\"',
      'é☃💥\u2028',
    ];
    const bodies = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme' }), fc.json());
    fc.assert(
      fc.property(bodies, (body) => {
        const { envelope } = rendered(body);
        assert.deepEqual({ ...envelope, body: null }, { ...facts, body: null });
        assert.equal(Buffer.from(String(envelope.body), 'base64').toString(), body);
      }),
    );
  });
});
