/** Names that are taken fail a change set, and its events say which. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { type Resources, served, templateOf } from './testing/cloudformation.ts';

const RESOURCES: Resources = {
  Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'taken', ShardCount: 1 } },
  Queue: { Type: 'AWS::SQS::Queue' },
};

test('a name that is taken fails the change set; its events name the resource, by the ARN of the change set only', async (context) => {
  const { client, settled } = await served(context);
  const TemplateBody = templateOf(RESOURCES);
  await client.send(new cfn.CreateStackCommand({ StackName: 'first', TemplateBody }));
  await settled('first');
  const set = { StackName: 'second', ChangeSetName: 'one' } as const;
  const { Id: ChangeSetName = '' } = await client.send(
    new cfn.CreateChangeSetCommand({ ...set, TemplateBody, ChangeSetType: 'CREATE' }),
  );
  const described = await client.send(new cfn.DescribeChangeSetCommand(set));
  assert.deepEqual([described.Status, described.ExecutionStatus], ['FAILED', 'UNAVAILABLE']);
  assert.match(
    described.StatusReason ?? '',
    /\[AWS::EarlyValidation::ResourceExistenceCheck\].*DescribeEvents/,
  );
  const { OperationEvents = [] } = await client.send(
    new cfn.DescribeEventsCommand({ ChangeSetName, Filters: { FailedEvents: true } }),
  );
  assert.deepEqual(
    OperationEvents.map(({ EventType, LogicalResourceId, ValidationName, OperationType }) => [
      EventType,
      LogicalResourceId,
      ValidationName,
      OperationType,
    ]),
    [['VALIDATION_ERROR', 'Events', 'NAME_CONFLICT_VALIDATION', 'CREATE_CHANGESET']],
  );
  await assert.rejects(
    client.send(new cfn.DescribeEventsCommand({ ChangeSetName: 'one' })),
    /must be specified/,
  );
  await assert.rejects(client.send(new cfn.ExecuteChangeSetCommand(set)), {
    name: 'InvalidChangeSetStatusException',
  });
});

test('a stack’s own names are not in its way, nor is one that CloudFormation makes up', async (context) => {
  const { client, settled } = await served(context);
  const name = { StackName: 'first' } as const;
  await client.send(new cfn.CreateStackCommand({ ...name, TemplateBody: templateOf(RESOURCES) }));
  await settled('first');
  const more = templateOf({ ...RESOURCES, Another: { Type: 'AWS::SQS::Queue' } });
  const set = { ...name, ChangeSetName: 'more' } as const;
  await client.send(new cfn.CreateChangeSetCommand({ ...set, TemplateBody: more }));
  assert.equal((await client.send(new cfn.DescribeChangeSetCommand(set))).Status, 'CREATE_COMPLETE');
});
