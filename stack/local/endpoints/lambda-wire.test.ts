import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../errors.ts';
import { serveEndpoints } from './testing/endpoints.ts';

test('Lambda: payload, headers, paths, queries and status codes are where the model binds them', async (t) => {
  const inputs: unknown[] = [];
  const note = (input: object) => inputs.push(JSON.parse(JSON.stringify(input)));
  const { client, endpoint } = await serveEndpoints(t, {
    lambda: {
      Invoke: (input) => {
        const { Payload, ...rest } = input as { Payload: Uint8Array };
        note({ ...rest, bytes: [...Payload] });
        return {
          StatusCode: 200,
          FunctionError: 'Unhandled',
          ExecutedVersion: '$LATEST',
          Payload: new Uint8Array([0, 200, 255]),
        };
      },
      ListFunctions: (input) => {
        note(input);
        return { Functions: [{ FunctionName: 'echo', Timeout: 3 }], NextMarker: 'n' };
      },
      UpdateEventSourceMapping: (input) => {
        note(input);
        return { UUID: 'u', LastModified: new Date(1_767_322_445_678), BatchSize: 5 };
      },
      DeleteAlias: (input) => {
        note(input);
        return {};
      },
      UntagResource: (input) => {
        note(input);
        return {};
      },
    },
  });
  const lambda = new LambdaClient(client);
  t.after(() => lambda.destroy());
  const FunctionName = 'arn:aws:lambda:us-east-1:123456789012:function:echo';
  const invoked = await lambda.send(
    new InvokeCommand({
      FunctionName,
      Payload: new Uint8Array([1, 0, 255]),
      LogType: 'None',
      Qualifier: '1',
    }),
  );
  assert.deepEqual([...invoked.Payload!], [0, 200, 255]);
  assert.equal(invoked.FunctionError, 'Unhandled');
  assert.equal(invoked.ExecutedVersion, '$LATEST');
  assert.equal(invoked.StatusCode, 200);
  const listed = await lambda.send(new ListFunctionsCommand({ MaxItems: 7 }));
  assert.deepEqual(listed.Functions, [{ FunctionName: 'echo', Timeout: 3 }]);
  const updated = await lambda.send(new UpdateEventSourceMappingCommand({ UUID: 'u', BatchSize: 5 }));
  assert.equal(updated.LastModified?.getTime(), 1_767_322_445_678);
  assert.equal(updated.$metadata.httpStatusCode, 202);
  const deleted = await lambda.send(new DeleteAliasCommand({ FunctionName: 'f', Name: 'a/b' }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  await lambda.send(new UntagResourceCommand({ Resource: 'arn:x', TagKeys: ['a', 'b c'] }));
  assert.deepEqual(inputs, [
    { FunctionName, LogType: 'None', Qualifier: '1', bytes: [1, 0, 255] },
    { MaxItems: 7 },
    { UUID: 'u', BatchSize: 5 },
    { FunctionName: 'f', Name: 'a/b' },
    { Resource: 'arn:x', TagKeys: ['a', 'b c'] },
  ]);
  assert.match(endpoint, /127\.0\.0\.1/);
});

test('Lambda: errors have the model’s status, unknown and unsupported operations are told apart', async (t) => {
  const { client, endpoint } = await serveEndpoints(t, {
    lambda: {
      GetEventSourceMapping: () => {
        throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
      },
    },
  });
  const lambda = new LambdaClient(client);
  t.after(() => lambda.destroy());
  await assert.rejects(
    lambda.send(new GetEventSourceMappingCommand({ UUID: 'u' })),
    (error: Error & { $metadata: { httpStatusCode: number } }) => {
      assert.equal(error.name, 'ResourceNotFoundException');
      assert.equal(error.message, 'The resource you requested does not exist.');
      assert.equal(error.$metadata.httpStatusCode, 404);
      return true;
    },
  );
  for (const command of [
    new ListEventSourceMappingsCommand({}),
    new GetFunctionConfigurationCommand({ FunctionName: 'f' }),
  ]) {
    await assert.rejects(lambda.send(command as ListEventSourceMappingsCommand), {
      name: 'UnknownOperationException',
      message: /is not supported by the local stage/,
    });
  }
  const unknown = await fetch(`${endpoint}/2015-03-31/nothing/%zz`, { headers: { authorization: 'x' } });
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers.get('x-amzn-errortype'), 'UnknownOperationException');
  assert.deepEqual(await unknown.json(), { message: 'Unknown operation GET /2015-03-31/nothing/%zz' });
});
