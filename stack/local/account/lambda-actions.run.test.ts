/** Functions and mappings through the stock Lambda client, on a stack with real function processes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import * as lambda from '@aws-sdk/client-lambda';
import { served } from '../cloudformation/testing/cloudformation.ts';

const CODE = `console.log('at the start');
exports.handler = async (event) => {
  if (event.print) for (let line = 0; line < event.print; line++) console.log('line', line);
  if (event.fail) throw new Error('as told');
  return { given: event, name: process.env.NAME };
};`;

function template(properties: object = {}): string {
  return JSON.stringify({
    Resources: {
      Events: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
      Echo: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'echo',
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: 'arn:aws:iam::123456789012:role/r',
          Code: { ZipFile: CODE },
          Environment: { Variables: { NAME: 'one' } },
          ...properties,
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Events', 'Arn'] },
          FunctionName: { Ref: 'Echo' },
          StartingPosition: 'LATEST',
          BatchSize: 16,
        },
      },
    },
  });
}

async function deployed(context: import('node:test').TestContext) {
  const stage = await served(context);
  const input = { StackName: 'demo', TemplateBody: template() };
  await stage.client.send(new cfn.CreateStackCommand(input));
  assert.equal((await stage.settled('demo')).StackStatus, 'CREATE_COMPLETE');
  const client = new lambda.LambdaClient({ ...stage.connection, maxAttempts: 1 });
  context.after(() => client.destroy());
  const invoke = async (event: object, more: Partial<lambda.InvokeCommandInput> = {}) => {
    const input = { FunctionName: 'echo', Payload: Buffer.from(JSON.stringify(event)), ...more };
    const { Payload, ...rest } = await client.send(new lambda.InvokeCommand(input));
    return { ...rest, payload: Payload?.length ? JSON.parse(Payload.transformToString()) : null };
  };
  return { stage, client, invoke };
}

test('what an invocation prints is returned when it is asked for, the last 4 kB of it', async (context) => {
  const { invoke } = await deployed(context);
  const tailOf = async (event: object, more: Partial<lambda.InvokeCommandInput> = {}) => {
    const { LogResult, FunctionError } = await invoke(event, { LogType: 'Tail', ...more });
    const bytes = Buffer.from(LogResult ?? '', 'base64');
    return { FunctionError, bytes: bytes.length, lines: bytes.toString().split('\n') };
  };
  const id = '[0-9a-f-]{36}';
  const frame = (lines: readonly string[]) => [lines[0], lines.at(-3), lines.at(-2)].join();
  const whole = new RegExp(
    `START RequestId: (${id}) Version: \\$LATEST,END RequestId: \\1,REPORT RequestId: \\1\\tDuration: [0-9.]+ ms\\tBilled Duration: [0-9]+ ms\\tMemory Size: 128 MB\\t$`,
  );
  const cold = await tailOf({ print: 2 });
  assert.equal(cold.lines.shift(), 'at the start');
  assert.match(frame(cold.lines), whole);
  assert.deepEqual(cold.lines.slice(1, -3), ['line 0', 'line 1']);
  assert.deepEqual((await tailOf({})).lines.slice(1, -3), [], 'what was printed before is another’s');
  const failed = await tailOf({ fail: true, print: 1 });
  assert.match(frame(failed.lines), whole);
  assert.deepEqual([failed.FunctionError, failed.lines[1]], ['Unhandled', 'line 0']);
  const long = await tailOf({ print: 2_000 });
  assert.deepEqual([long.bytes, long.lines.at(-4)], [4_096, 'line 1999']);
  assert.equal((await invoke({}, { LogType: 'Tail', InvocationType: 'DryRun' })).LogResult, undefined);
  assert.equal((await invoke({ print: 1 })).LogResult, undefined);
});

test('a function is invoked with an event, and its failure is an answer', async (context) => {
  const { client, invoke } = await deployed(context);
  const answer = await invoke({ a: 1 });
  assert.deepEqual(
    [answer.StatusCode, answer.FunctionError, answer.payload],
    [200, undefined, { given: { a: 1 }, name: 'one' }],
  );
  const failure = await invoke({ fail: true });
  assert.deepEqual([failure.StatusCode, failure.FunctionError], [200, 'Unhandled']);
  assert.deepEqual([failure.payload.errorType, failure.payload.errorMessage], ['Error', 'as told']);
  assert.equal((await invoke({}, { InvocationType: 'DryRun' })).StatusCode, 204);
  assert.equal((await invoke({}, { InvocationType: 'Event' })).StatusCode, 202);
  const unknown = client.send(new lambda.InvokeCommand({ FunctionName: 'none' }));
  await assert.rejects(unknown, {
    name: 'ResourceNotFoundException',
    message: /Function not found: arn:.*:none/,
  });
  const malformed = client.send(
    new lambda.InvokeCommand({ FunctionName: 'echo', Payload: Buffer.from('{') }),
  );
  await assert.rejects(malformed, { name: 'InvalidRequestContentException' });
});

test('a function is described, by name and by ARN', async (context) => {
  const { client } = await deployed(context);
  const FunctionName = 'arn:aws:lambda:us-east-1:123456789012:function:echo';
  const { Configuration } = await client.send(new lambda.GetFunctionCommand({ FunctionName }));
  const same = await client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName: 'echo' }));
  for (const found of [Configuration, same])
    assert.deepEqual(
      [found?.FunctionArn, found?.Timeout, found?.MemorySize, found?.State],
      [FunctionName, 3, 128, 'Active'],
    );
});

test('an update deploys new settings at once, and the next event finds them', async (context) => {
  const { stage, invoke } = await deployed(context);
  assert.equal((await invoke({})).payload.name, 'one');
  const TemplateBody = template({ Environment: { Variables: { NAME: 'two' } } });
  await stage.client.send(new cfn.UpdateStackCommand({ StackName: 'demo', TemplateBody }));
  assert.equal((await stage.settled('demo')).StackStatus, 'UPDATE_COMPLETE');
  assert.equal((await invoke({})).payload.name, 'two');
});

test('a function without concurrency is throttled', async (context) => {
  const { stage, invoke } = await deployed(context);
  const TemplateBody = template({ ReservedConcurrentExecutions: 0 });
  await stage.client.send(new cfn.UpdateStackCommand({ StackName: 'demo', TemplateBody }));
  await stage.settled('demo');
  await assert.rejects(invoke({}), { name: 'TooManyRequestsException' });
});

test('mappings are listed, described and changed in place', async (context) => {
  const { client } = await deployed(context);
  const list = await client.send(new lambda.ListEventSourceMappingsCommand({ FunctionName: 'echo' }));
  const [mapping] = list.EventSourceMappings ?? [];
  assert.deepEqual([mapping?.State, mapping?.BatchSize, mapping?.MaximumRetryAttempts], ['Enabled', 16, -1]);
  const UUID = mapping?.UUID ?? '';
  await client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, BatchSize: 5, Enabled: false }));
  const after = await client.send(new lambda.GetEventSourceMappingCommand({ UUID }));
  assert.deepEqual([after.State, after.BatchSize], ['Disabled', 5]);
  const wrong = client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, BatchSize: 20_000 }));
  await assert.rejects(wrong, { name: 'InvalidParameterValueException' });
  const none = client.send(new lambda.GetEventSourceMappingCommand({ UUID: 'none' }));
  await assert.rejects(none, { name: 'ResourceNotFoundException' });
});
