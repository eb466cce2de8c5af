/** Tags of a stack reach its resources, and an update of them does what each type's schema says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { type Resources, type Served, STREAM, served, templateOf } from './testing/cloudformation.ts';

const NAME = { StackName: 'demo' } as const;
const CONSUMER: Resources = {
  ...STREAM,
  Reader: {
    Type: 'AWS::Kinesis::StreamConsumer',
    Properties: { ConsumerName: 'reader', StreamARN: { 'Fn::GetAtt': ['Events', 'Arn'] } },
  },
};

const tagsOf = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

async function created(stage: Served, resources: Resources, tags: Readonly<Record<string, string>>) {
  const TemplateBody = templateOf(resources);
  await stage.client.send(new cfn.CreateStackCommand({ ...NAME, TemplateBody, Tags: tagsOf(tags) }));
  return stage.settled('demo');
}

async function tagged(stage: Served, tags: Readonly<Record<string, string>>) {
  await stage.client.send(
    new cfn.UpdateStackCommand({ ...NAME, UsePreviousTemplate: true, Tags: tagsOf(tags) }),
  );
  return stage.settled('demo');
}

const ownTags = ({ Tags = [] }: cfn.Stack) => Tags.filter(({ Key }) => !Key?.startsWith('local-stage:'));

test('a new tag on a stack with a named consumer fails as on AWS, and is rolled back with its tags', async (context) => {
  const stage = await served(context);
  await created(stage, CONSUMER, { team: 'a' });
  for (const tags of [{ team: 'b' }, { team: 'a', more: 'x' }, {}]) {
    const stack = await tagged(stage, tags);
    assert.equal(stack.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
    assert.deepEqual(ownTags(stack), tagsOf({ team: 'a' }));
  }
  const { StackEvents = [] } = await stage.client.send(new cfn.DescribeStackEventsCommand(NAME));
  const reasons = StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
  for (const { LogicalResourceId, ResourceStatusReason } of reasons) {
    assert.equal(LogicalResourceId, 'Reader');
    assert.match(
      ResourceStatusReason ?? '',
      /^CloudFormation cannot update a stack when a custom-named resource requires replacing\. Rename .*reader.* and update the stack again\.$/,
    );
  }
  assert.equal(reasons.length, 3);
});

test('other types take new tags in place, and a change set says so', async (context) => {
  const stage = await served(context);
  await created(stage, STREAM, {});
  await stage.client.send(
    new cfn.CreateChangeSetCommand({
      ...NAME,
      ChangeSetName: 'tags',
      UsePreviousTemplate: true,
      Tags: tagsOf({ team: 'b' }),
    }),
  );
  const { Changes } = await stage.client.send(
    new cfn.DescribeChangeSetCommand({ ...NAME, ChangeSetName: 'tags' }),
  );
  const change = Changes?.[0]?.ResourceChange;
  assert.deepEqual(
    [Changes?.length, change?.Replacement, change?.Scope, change?.Details?.[0]?.Target],
    [1, 'False', ['Tags'], { Attribute: 'Tags', RequiresRecreation: 'Never' }],
  );
  const stack = await tagged(stage, { team: 'b' });
  assert.deepEqual([stack.StackStatus, ownTags(stack)], ['UPDATE_COMPLETE', tagsOf({ team: 'b' })]);
});

test('a tag of a resource’s own wins over the stack’s, in both shapes that types have', async (context) => {
  const stage = await served(context);
  const own = { Type: 'AWS::SQS::Queue', Properties: { Tags: tagsOf({ team: 'own' }) } };
  const api = {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: 'x',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
      Tags: { team: 'own' },
    },
  };
  await created(stage, { Queue: own, Api: api }, { team: 'stack', more: 'x' });
  const resources = stage.aws.cloudFormation.stack('demo').version?.resolved.resources ?? [];
  assert.deepEqual(
    resources.map(({ properties }) => properties.Tags),
    [tagsOf({ team: 'own', more: 'x' }), { team: 'own', more: 'x' }],
  );
});

test('an update that only tags disturbs nothing that runs', async (context) => {
  const stage = await served(context);
  await created(stage, STREAM, {});
  const stream = stage.aws.account.kinesis.streamNames()[0]!;
  const updates: string[] = [];
  const update = stage.aws.account.kinesis.updateStream.bind(stage.aws.account.kinesis);
  stage.aws.account.kinesis.updateStream = (resource) => {
    updates.push(resource.logicalId);
    return update(resource);
  };
  await tagged(stage, { team: 'b' });
  assert.deepEqual([updates, stage.aws.account.kinesis.streamNames()], [[], [stream]]);
});

test('tags that AWS keeps to itself are refused', async (context) => {
  const stage = await served(context);
  await assert.rejects(created(stage, STREAM, { 'aws:x': '1' }), {
    name: 'ValidationError',
    message: /aws: prefixed tag key names are not allowed/,
  });
});
