/** What a run needs of a stack, from lists of resources as odd as templates get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf, urlOf } from './aws/stack-description.ts';
import { needsMappingEnds, pipelineOf, type StackParts, type StackResource } from './pipeline.ts';

const CONSUMER = 'arn:aws:kinesis:eu-west-1:123456789012:stream/events-1/consumer/reader:1700000000';

function resource(type: string, logicalId: string, physicalId = logicalId.toLowerCase()): StackResource {
  return { type: `AWS::${type}`, logicalId, physicalId };
}

const REFERENCE = [
  resource('ApiGatewayV2::Api', 'Api', 'abc123'),
  resource('ApiGatewayV2::Stage', 'Stage', 'v1'),
  resource('Kinesis::Stream', 'EventStream', 'events-1'),
  resource('Kinesis::StreamConsumer', 'EchoConsumer', CONSUMER),
  resource('Lambda::EventSourceMapping', 'EchoMapping', 'uuid-1'),
  resource('Lambda::Function', 'AuditFunction', 'audit-fn'),
  resource('Lambda::Function', 'EchoFunction', 'echo-fn'),
];

function stackOf(
  resources: readonly StackResource[],
  outputs: Readonly<Record<string, string>> = {},
): StackParts {
  return { outputs, resources };
}

const ON_AWS = { region: 'eu-west-1', localEndpoint: null };

function addressOf(stack: StackParts, options: Parameters<typeof urlOf>[2] = ON_AWS) {
  return urlOf(stack, pipelineOf(stack, null), options);
}

test('the parts are found by their types, the consumer by its ARN', () => {
  const pipeline = pipelineOf(stackOf(REFERENCE, { EchoFunctionName: 'echo-fn' }), null);
  assert.deepEqual(pipeline.api, { apiId: 'abc123', stageName: 'v1' });
  assert.deepEqual(pipeline.streams, [{ logicalId: 'EventStream', name: 'events-1' }]);
  assert.deepEqual(pipeline.consumers, [
    { logicalId: 'EchoConsumer', streamName: 'events-1', name: 'reader' },
  ]);
  assert.deepEqual(
    pipeline.functions.map(({ name }) => name),
    ['echo-fn', 'audit-fn'],
  );
  assert.deepEqual(pipeline.mappings, [{ logicalId: 'EchoMapping', name: 'uuid-1' }]);
});

test('without outputs the primary parts are those at the ends of the mapping', () => {
  const stack = stackOf([...REFERENCE, resource('Kinesis::Stream', 'Another', 'another')]);
  assert.ok(needsMappingEnds(stack), 'two functions and no output that names one');
  const ends = {
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:echo-fn:live',
    sourceArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/another',
  };
  const pipeline = pipelineOf(stack, ends);
  assert.equal(pipeline.functions[0]?.name, 'echo-fn');
  assert.equal(pipeline.streams[0]?.name, 'another');
});

test('Lambda is asked only where it matters', () => {
  assert.ok(!needsMappingEnds(stackOf(REFERENCE, { EchoFunctionName: 'echo-fn' })), 'an output tells');
  assert.ok(!needsMappingEnds(stackOf([resource('Lambda::Function', 'Only')])), 'there is but one');
});

test('the address is the output named for it, else any that is one, else composed', () => {
  const outputs = { Other: 'wss://other.example/x', WebSocketURI: 'wss://abc123.execute-api.x/v1' };
  assert.equal(addressOf(stackOf(REFERENCE, outputs)), outputs.WebSocketURI);
  assert.equal(addressOf(stackOf(REFERENCE, { Endpoint: 'WSS://custom.example' })), 'WSS://custom.example');
  assert.equal(
    addressOf(stackOf(REFERENCE, { Site: 'https://example.com' })),
    'wss://abc123.execute-api.eu-west-1.amazonaws.com/v1',
  );
  const china = { region: 'cn-north-1', localEndpoint: null };
  assert.equal(
    addressOf(stackOf(REFERENCE), china),
    'wss://abc123.execute-api.cn-north-1.amazonaws.com.cn/v1',
  );
  assert.equal(addressOf(stackOf([resource('Kinesis::Stream', 'S')])), null);
});

test('behind a local endpoint no address leads off this machine', () => {
  const local = { region: 'us-east-1', localEndpoint: 'http://127.0.0.1:4566' };
  const aws = stackOf(REFERENCE, { WebSocketURI: 'wss://abc123.execute-api.us-east-1.amazonaws.com/v1' });
  assert.equal(addressOf(aws, local), 'ws://127.0.0.1:4566/abc123/v1');
  const own = stackOf(REFERENCE, { WebSocketURI: 'ws://127.0.0.1:9/abc123/v1' });
  assert.equal(addressOf(own, local), 'ws://127.0.0.1:9/abc123/v1');
  assert.deepEqual(pipelineOf(own, null).api, { apiId: 'abc123', stageName: 'v1' });
});

test('of several APIs none is chosen without an output', () => {
  const resources = [resource('ApiGatewayV2::Api', 'AdminApi', 'admin99'), ...REFERENCE];
  assert.equal(addressOf(stackOf(resources, {})), null);
});

test('of several APIs the one that the address leads to is the pipeline’s', () => {
  const resources = [
    resource('ApiGatewayV2::Api', 'AdminApi', 'admin99'),
    resource('ApiGatewayV2::Stage', 'AdminStage', '$default'),
    ...REFERENCE,
  ];
  const outputs = { Url: 'wss://abc123.execute-api.eu-west-1.amazonaws.com/v1' };
  assert.deepEqual(pipelineOf(stackOf(resources, outputs), null).api, { apiId: 'abc123', stageName: 'v1' });
  const custom = { Url: 'wss://custom.example', ApiId: 'abc123', StageName: 'v1' };
  assert.deepEqual(pipelineOf(stackOf(resources, custom), null).api, { apiId: 'abc123', stageName: 'v1' });
});

test('only a stack that is whole and at rest is driven; every other state is refused with what to do', () => {
  for (const good of ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE']) {
    assert.equal(refusalOf({ name: 's', status: good, statusReason: '' }), null, good);
  }
  const bad: readonly [string, RegExp][] = [
    ['ROLLBACK_COMPLETE', /never created whole/],
    ['ROLLBACK_FAILED', /never created whole/],
    ['CREATE_FAILED', /never created whole/],
    ['DELETE_COMPLETE', /gone/],
    ['DELETE_FAILED', /gone/],
    ['DELETE_IN_PROGRESS', /gone/],
    ['REVIEW_IN_PROGRESS', /never executed/],
    ['CREATE_IN_PROGRESS', /wait/],
    ['UPDATE_IN_PROGRESS', /wait/],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', /wait/],
    ['UPDATE_ROLLBACK_FAILED', /not certain/],
    ['unknown', /not certain/],
  ];
  for (const [state, advice] of bad) {
    const refusal = refusalOf({ name: 's', status: state, statusReason: 'the reason' }) ?? '';
    assert.match(refusal, advice, state);
    assert.ok(refusal.includes(state) && refusal.includes('the reason'), refusal);
  }
});
