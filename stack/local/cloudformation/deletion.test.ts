/** A resource that refuses its deletion fails that of its stack, which says why, at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { STREAM, served, templateOf } from './testing/cloudformation.ts';

const NAME = { StackName: 'demo' } as const;
const QUEUE = { Queue: { Type: 'AWS::SQS::Queue' } };

test('what refuses its deletion is DELETE_FAILED with its reason, and so is its stack; the rest is gone', async (context) => {
  const stage = await served(context, { refuseDeletion: ['Events'] });
  const { client } = stage;
  const TemplateBody = templateOf({ ...STREAM, ...QUEUE });
  await client.send(new cfn.CreateStackCommand({ ...NAME, TemplateBody }));
  await stage.settled('demo');
  for (const _ of ['first try', 'another']) {
    await client.send(new cfn.DeleteStackCommand(NAME));
    const stack = await stage.settled('demo');
    assert.deepEqual(
      [stack.StackStatus, stack.StackStatusReason],
      ['DELETE_FAILED', 'The following resource(s) failed to delete: [Events].'],
    );
  }
  const { StackResources = [] } = await client.send(new cfn.DescribeStackResourcesCommand(NAME));
  assert.deepEqual(
    StackResources.map(({ LogicalResourceId, ResourceStatus }) => [LogicalResourceId, ResourceStatus]),
    [
      ['Events', 'DELETE_FAILED'],
      ['Queue', 'DELETE_COMPLETE'],
    ],
  );
  assert.match(StackResources[0]?.ResourceStatusReason ?? '', /in use.*HandlerErrorCode/);
});

test('a resource that refuses its deletion can be retained, but only then', async (context) => {
  const stage = await served(context, { refuseDeletion: ['Events'] });
  const { client } = stage;
  const TemplateBody = templateOf({ ...STREAM, ...QUEUE });
  const { StackId = '' } = await client.send(new cfn.CreateStackCommand({ ...NAME, TemplateBody }));
  await stage.settled('demo');
  const retaining = new cfn.DeleteStackCommand({ ...NAME, RetainResources: ['Events'] });
  await assert.rejects(client.send(retaining), /only when it is in DELETE_FAILED state/);
  await client.send(new cfn.DeleteStackCommand(NAME));
  await stage.settled('demo');
  await client.send(new cfn.DeleteStackCommand({ ...NAME, RetainResources: ['Events'] }));
  assert.equal((await stage.settled(StackId)).StackStatus, 'DELETE_COMPLETE');
  assert.equal(stage.aws.account.kinesis.streamNames().length, 1);
});
