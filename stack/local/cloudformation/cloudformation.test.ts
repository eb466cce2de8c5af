/** Stacks through the stock SDK: made, changed, rolled back and deleted as CloudFormation does it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { CHANGE_SETS } from './cloudformation.ts';
import { type Resources, type Served, STREAM, served, templateOf } from './testing/cloudformation.ts';

const NAME = { StackName: 'demo' } as const;

async function created(stage: Served, resources: Resources, more: Partial<cfn.CreateStackInput> = {}) {
  const TemplateBody = templateOf(resources);
  await stage.client.send(new cfn.CreateStackCommand({ ...NAME, TemplateBody, ...more }));
  return stage.settled('demo');
}

async function updated(stage: Served, resources: Resources, Parameters: cfn.Parameter[] = []) {
  const TemplateBody = templateOf(resources);
  await stage.client.send(new cfn.UpdateStackCommand({ ...NAME, TemplateBody, Parameters }));
  return stage.settled('demo');
}

function outputOf(stack: cfn.Stack, key: string): string | undefined {
  return stack.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
}

/** Events in the order they happened: `Events CREATE_COMPLETE`. */
async function events({ client }: Served, StackName = 'demo'): Promise<string[]> {
  const { StackEvents = [] } = await client.send(new cfn.DescribeStackEventsCommand({ StackName }));
  return StackEvents.reverse().map(
    ({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`,
  );
}

const named = (Name: string) => ({ Type: 'AWS::Kinesis::Stream', Properties: { Name, ShardCount: 1 } });
const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });

test('a stack is made resource by resource, described, listed, and deleted', async (context) => {
  const stage = await served(context);
  const { client, aws } = stage;
  const stack = await created(stage, STREAM, {
    Parameters: [{ ParameterKey: 'Shards', ParameterValue: '2' }],
    Tags: [{ Key: 'team', Value: 'bench' }],
  });
  const stream = outputOf(stack, 'Events') ?? '';
  assert.match(stream, /^demo-Events-[A-Z0-9]{12}$/);
  assert.equal(aws.account.kinesis.stream(stream)?.openShards.length, 2);
  assert.deepEqual(
    [stack.StackStatus, stack.Description, stack.Tags, stack.Outputs?.[0]?.Description],
    [
      'CREATE_COMPLETE',
      'a small stack',
      [
        { Key: 'team', Value: 'bench' },
        { Key: 'local-stage:profile', Value: 'ideal' },
        { Key: 'local-stage:dispatch', Value: 'serial' },
        { Key: 'local-stage:settling-ms', Value: '0' },
      ],
      'the Events',
    ],
  );
  assert.deepEqual(stack.Parameters, [
    { ParameterKey: 'Shards', ParameterValue: '2' },
    { ParameterKey: 'Secret', ParameterValue: '****' },
  ]);
  assert.deepEqual(await events(stage), [
    'demo CREATE_IN_PROGRESS',
    'Events CREATE_IN_PROGRESS',
    'Events CREATE_COMPLETE',
    'demo CREATE_COMPLETE',
  ]);
  const { StackResources } = await client.send(new cfn.DescribeStackResourcesCommand(NAME));
  const { StackResourceSummaries } = await client.send(new cfn.ListStackResourcesCommand(NAME));
  for (const resource of [StackResources?.[0], StackResourceSummaries?.[0]])
    assert.deepEqual([resource?.PhysicalResourceId, resource?.ResourceStatus], [stream, 'CREATE_COMPLETE']);
  const { TemplateBody } = await client.send(new cfn.GetTemplateCommand(NAME));
  assert.equal(TemplateBody, templateOf(STREAM));

  await client.send(new cfn.DeleteStackCommand(NAME));
  const gone = await stage.settled(stack.StackId ?? '');
  assert.equal(gone.StackStatus, 'DELETE_COMPLETE');
  assert.equal(aws.account.kinesis.stream(stream), undefined);
  await assert.rejects(client.send(new cfn.DescribeStacksCommand(NAME)), /Stack with id demo does not exist/);
  await client.send(new cfn.DeleteStackCommand(NAME));
});

test('a parameter that AWS changes in place keeps the resource, another replaces it', async (context) => {
  const stage = await served(context);
  const { kinesis } = stage.aws.account;
  const before = outputOf(await created(stage, STREAM), 'Events') ?? '';
  const wider = await updated(stage, STREAM, [{ ParameterKey: 'Shards', ParameterValue: '2' }]);
  assert.deepEqual([wider.StackStatus, outputOf(wider, 'Events')], ['UPDATE_COMPLETE', before]);
  assert.equal(kinesis.stream(before)?.openShards.length, 2);

  const renamed = await updated(stage, { Events: named('chosen') });
  assert.equal(outputOf(renamed, 'Events'), 'chosen');
  assert.equal(kinesis.stream(before), undefined);
  assert.deepEqual((await events(stage)).slice(-6), [
    'Events UPDATE_IN_PROGRESS',
    'Events UPDATE_COMPLETE',
    'demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'Events DELETE_IN_PROGRESS',
    'Events DELETE_COMPLETE',
    'demo UPDATE_COMPLETE',
  ]);
  await assert.rejects(updated(stage, { Events: named('chosen') }), {
    name: 'ValidationError',
    message: 'No updates are to be performed.',
  });
});

test('a resource that cannot be made rolls the new stack back', async (context) => {
  const stage = await served(context);
  const { client, aws } = stage;
  await client.send(
    new cfn.CreateStackCommand({ StackName: 'first', TemplateBody: templateOf({ A: named('taken') }) }),
  );
  const stack = await created(stage, { Queue: queue('mine'), B: named('taken') });
  assert.equal(stack.StackStatus, 'ROLLBACK_COMPLETE');
  assert.match(stack.StackStatusReason ?? 'none', /^none$/);
  assert.deepEqual(await events(stage), [
    'demo CREATE_IN_PROGRESS',
    'Queue CREATE_IN_PROGRESS',
    'Queue CREATE_COMPLETE',
    'B CREATE_IN_PROGRESS',
    'B CREATE_FAILED',
    'demo ROLLBACK_IN_PROGRESS',
    'B DELETE_COMPLETE',
    'Queue DELETE_IN_PROGRESS',
    'Queue DELETE_COMPLETE',
    'demo ROLLBACK_COMPLETE',
  ]);
  const { StackEvents = [] } = await client.send(new cfn.DescribeStackEventsCommand(NAME));
  const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  assert.match(
    failure?.ResourceStatusReason ?? '',
    /taken .*already exists.*HandlerErrorCode: AlreadyExists/,
  );
  assert.ok(aws.account.kinesis.stream('taken'), 'the other stack keeps its stream');
  await assert.rejects(updated(stage, STREAM), /is in ROLLBACK_COMPLETE state and can not be updated/);
});

test('a failed creation can be kept or deleted instead', async (context) => {
  const stage = await served(context);
  await created(stage, { A: named('taken') });
  const TemplateBody = templateOf({ Queue: queue('mine'), B: named('taken') });
  for (const [OnFailure, status] of [
    ['DO_NOTHING', 'CREATE_FAILED'],
    ['DELETE', 'DELETE_COMPLETE'],
  ] as const) {
    const StackName = OnFailure === 'DELETE' ? 'deleted' : 'kept';
    const { StackId } = await stage.client.send(
      new cfn.CreateStackCommand({
        StackName,
        TemplateBody: TemplateBody.replace('mine', StackName),
        OnFailure,
      }),
    );
    assert.equal((await stage.settled(StackId ?? '')).StackStatus, status);
  }
});

test('a failed update is undone: what was changed is changed back, what was made is removed', async (context) => {
  const stage = await served(context);
  const { kinesis } = stage.aws.account;
  await stage.client.send(
    new cfn.CreateStackCommand({ StackName: 'first', TemplateBody: templateOf({ A: named('taken') }) }),
  );
  const before = outputOf(await created(stage, STREAM), 'Events') ?? '';
  const more = { ...STREAM, Queue: queue('new'), Clash: named('taken') };
  const stack = await updated(stage, more, [{ ParameterKey: 'Shards', ParameterValue: '2' }]);
  assert.deepEqual([stack.StackStatus, outputOf(stack, 'Events')], ['UPDATE_ROLLBACK_COMPLETE', before]);
  assert.equal(kinesis.stream(before)?.openShards.length, 1);
  const log = await events(stage);
  assert.deepEqual(log.slice(log.indexOf('Clash CREATE_FAILED')), [
    'Clash CREATE_FAILED',
    'demo UPDATE_ROLLBACK_IN_PROGRESS',
    'Events UPDATE_IN_PROGRESS',
    'Events UPDATE_COMPLETE',
    'Clash DELETE_COMPLETE',
    'demo UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'Queue DELETE_IN_PROGRESS',
    'Queue DELETE_COMPLETE',
    'demo UPDATE_ROLLBACK_COMPLETE',
  ]);
  assert.equal(
    (await updated(stage, STREAM, [{ ParameterKey: 'Shards', ParameterValue: '2' }])).StackStatus,
    'UPDATE_COMPLETE',
  );
});

test('what the service refuses in place fails the update, such as too many shards at once', async (context) => {
  const stage = await served(context);
  await created(stage, STREAM);
  const stack = await updated(stage, STREAM, [{ ParameterKey: 'Shards', ParameterValue: '3' }]);
  assert.equal(stack.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  assert.ok((await events(stage)).includes('Events UPDATE_FAILED'), 'the stream says no');
});

test('a resource with a name of its own cannot be replaced', async (context) => {
  const stage = await served(context);
  const consumer = (team: string) => ({
    Type: 'AWS::Kinesis::StreamConsumer',
    Properties: {
      ConsumerName: 'c',
      StreamARN: { 'Fn::GetAtt': ['Events', 'Arn'] },
      Tags: [{ Key: 'team', Value: team }],
    },
  });
  await created(stage, { ...STREAM, Reader: consumer('a') });
  const stack = await updated(stage, { ...STREAM, Reader: consumer('b') });
  assert.equal(stack.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
});

test('policies keep resources that would be deleted', async (context) => {
  const stage = await served(context);
  const { kinesis } = stage.aws.account;
  const stack = await created(stage, { Events: { ...named('kept'), DeletionPolicy: 'Retain' } });
  await stage.client.send(new cfn.DeleteStackCommand(NAME));
  await stage.settled(stack.StackId ?? '');
  assert.ok((await events(stage, stack.StackId)).includes('Events DELETE_SKIPPED'), 'it is skipped');
  assert.ok(kinesis.stream('kept'), 'the stream is there');
});

test('a change set shows what would change, and changes it when executed', async (context) => {
  const stage = await served(context);
  const { client } = stage;
  const set = { ...NAME, ChangeSetName: 'first', TemplateBody: templateOf({ ...STREAM, Queue: queue('q') }) };
  await client.send(new cfn.CreateChangeSetCommand({ ...set, ChangeSetType: 'CREATE' }));
  const review = await client.send(new cfn.DescribeStacksCommand(NAME));
  assert.equal(review.Stacks?.[0]?.StackStatus, 'REVIEW_IN_PROGRESS');
  await client.send(new cfn.ExecuteChangeSetCommand({ ...NAME, ChangeSetName: 'first' }));
  assert.equal((await stage.settled('demo')).StackStatus, 'CREATE_COMPLETE');

  const next = {
    ...NAME,
    ChangeSetName: 'second',
    TemplateBody: templateOf({ Events: named('other'), Fresh: queue('fresh') }),
  };
  await client.send(new cfn.CreateChangeSetCommand(next));
  const described = await client.send(
    new cfn.DescribeChangeSetCommand({ ...NAME, ChangeSetName: 'second', IncludePropertyValues: true }),
  );
  assert.deepEqual([described.Status, described.ExecutionStatus], ['CREATE_COMPLETE', 'AVAILABLE']);
  const shown = described.Changes?.map(({ ResourceChange: change }) => [
    change?.Action,
    change?.LogicalResourceId,
    change?.Replacement,
    change?.Details?.map(({ Target }) => [Target?.Name, Target?.RequiresRecreation, Target?.AfterValue]),
  ]);
  assert.deepEqual(shown, [
    ['Modify', 'Events', 'True', [['Name', 'Always', 'other']]],
    ['Add', 'Fresh', undefined, []],
    ['Remove', 'Queue', undefined, []],
  ]);
  await client.send(new cfn.ExecuteChangeSetCommand({ ...NAME, ChangeSetName: 'second' }));
  assert.equal(outputOf(await stage.settled('demo'), 'Events'), 'other');
  await assert.rejects(client.send(new cfn.ExecuteChangeSetCommand({ ...NAME, ChangeSetName: 'second' })), {
    name: 'InvalidChangeSetStatusException',
  });
});

test('a change set without changes fails with the words that tools look for, and can be deleted', async (context) => {
  const stage = await served(context);
  const { client } = stage;
  await created(stage, STREAM);
  const set = { ...NAME, ChangeSetName: 'same' };
  await client.send(new cfn.CreateChangeSetCommand({ ...set, TemplateBody: templateOf(STREAM) }));
  const { Status, StatusReason } = await client.send(new cfn.DescribeChangeSetCommand(set));
  assert.equal(Status, 'FAILED');
  assert.match(StatusReason ?? '', /The submitted information didn't contain changes\./);
  await client.send(new cfn.DeleteChangeSetCommand(set));
  await assert.rejects(client.send(new cfn.DescribeChangeSetCommand(set)), {
    name: 'ChangeSetNotFoundException',
  });
});

test('of change sets that nobody executes the failed ones make room, and more than a hundred others are refused', async (context) => {
  const { client, settled, aws } = await served(context);
  const stack = { StackName: 'full' };
  const add = (ChangeSetName: string, resources: Resources) =>
    client.send(
      new cfn.CreateChangeSetCommand({ ...stack, ChangeSetName, TemplateBody: templateOf(resources) }),
    );
  await client.send(new cfn.CreateStackCommand({ ...stack, TemplateBody: templateOf(STREAM) }));
  await settled('full');
  const kept = aws.cloudFormation.stack('full').changeSets;
  const fillWith = (name: string) => {
    const like = kept.get(name)!;
    for (let index = kept.size; index < CHANGE_SETS; index++)
      kept.set(`${name}-${index}`, { ...like, name: `${name}-${index}` });
  };
  await add('same', STREAM);
  await add('other', { Queue: queue('other') });
  fillWith('other');
  await add('more', { Queue: queue('more') });
  assert.deepEqual(
    [kept.size, kept.has('same'), kept.has('other'), kept.has('more')],
    [CHANGE_SETS, false, true, true],
  );
  await assert.rejects(add('last', { Queue: queue('last') }), {
    name: 'LimitExceededException',
    message: /ChangeSet limit exceeded for stack full: it has 100; execute one or delete some/,
  });
});

test('values that a parameter does not allow are refused before anything is made', async (context) => {
  const { client } = await served(context);
  const table: readonly (readonly [definition: object, message: string])[] = [
    [{ Type: 'String', AllowedValues: ['a'] }, "Parameter 'P' must be one of AllowedValues"],
    [{ Type: 'String', AllowedPattern: '[a-z]+' }, "Parameter 'P' must match pattern [a-z]+"],
    [{ Type: 'String', MinLength: 2 }, "Parameter 'P' must contain at least 2 characters"],
    [{ Type: 'Number', MinValue: 1, Default: 1 }, "Parameter 'P' must be a number not less than 1"],
    [
      { Type: 'Number', MaxValue: -1, ConstraintDescription: 'below zero' },
      "Parameter 'P' failed to satisfy constraint: below zero",
    ],
  ];
  for (const [P, message] of table) {
    const TemplateBody = JSON.stringify({ Parameters: { P }, Resources: {} });
    const given = {
      StackName: 'bound',
      TemplateBody,
      Parameters: [{ ParameterKey: 'P', ParameterValue: '0' }],
    };
    const refusal = { name: 'ValidationError', message };
    await assert.rejects(client.send(new cfn.CreateStackCommand(given)), refusal);
    const changeSet = { ...given, ChangeSetName: 'c', ChangeSetType: 'CREATE' } as const;
    await assert.rejects(client.send(new cfn.CreateChangeSetCommand(changeSet)), refusal);
  }
});

test('requests that CloudFormation refuses are refused with its codes', async (context) => {
  const stage = await served(context);
  const { client } = stage;
  await created(stage, STREAM);
  const body = templateOf(STREAM);
  const role = JSON.stringify({
    Resources: { R: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } } },
  });
  const create = (input: Partial<cfn.CreateStackInput>) =>
    client.send(new cfn.CreateStackCommand({ StackName: 'other', TemplateBody: body, ...input }));
  const table: [Promise<unknown>, string, RegExp][] = [
    [create({ StackName: 'demo' }), 'AlreadyExistsException', /Stack \[demo\] already exists/],
    [
      create({ TemplateBody: role }),
      'InsufficientCapabilitiesException',
      /Requires capabilities : \[CAPABILITY_IAM\]/,
    ],
    [create({ TemplateBody: 'Resources: [' }), 'ValidationError', /line/],
    [
      create({ TemplateBody: '{"Resources":{"X":{"Type":"AWS::S3::Bucket"}}}' }),
      'ValidationError',
      /type AWS::S3::Bucket is not supported/,
    ],
    [create({ TemplateBody: 'x'.repeat(51_201) }), 'ValidationError', /less than or equal to 51200/],
    [
      create({ Parameters: [{ ParameterKey: 'No', ParameterValue: '1' }] }),
      'ValidationError',
      /Parameters: \[No\] do not exist in the template/,
    ],
    [
      create({ Parameters: [{ ParameterKey: 'Shards', UsePreviousValue: true }] }),
      'ValidationError',
      /usePreviousValue/,
    ],
    [client.send(new cfn.GetTemplateSummaryCommand({})), 'ValidationError', /must be specified/],
    [
      client.send(new cfn.UpdateStackCommand({ StackName: 'none', TemplateBody: body })),
      'ValidationError',
      /does not exist/,
    ],
  ];
  for (const [refused, name, message] of table) await assert.rejects(refused, { name, message });
  const { Stacks } = await client.send(new cfn.DescribeStacksCommand({}));
  assert.deepEqual(
    Stacks?.map(({ StackName }) => StackName),
    ['demo'],
  );
});

test('an update keeps values it is told to keep and takes defaults for the others', async (context) => {
  const stage = await served(context);
  const given = [
    { ParameterKey: 'Shards', ParameterValue: '2' },
    { ParameterKey: 'Secret', ParameterValue: 's' },
  ];
  await created(stage, STREAM, { Parameters: given });
  const kept = await updated(stage, { ...STREAM, Queue: queue('q') }, [
    { ParameterKey: 'Shards', UsePreviousValue: true },
  ]);
  assert.equal(kept.Parameters?.[0]?.ParameterValue, '2');
  const { StackId } = await stage.client.send(
    new cfn.UpdateStackCommand({ ...NAME, UsePreviousTemplate: true }),
  );
  assert.equal((await stage.settled(StackId ?? '')).Parameters?.[0]?.ParameterValue, '1');
});

test('a template is validated and summarised without a stack', async (context) => {
  const { client } = await served(context);
  const TemplateBody = templateOf({
    ...STREAM,
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } },
  });
  const valid = await client.send(new cfn.ValidateTemplateCommand({ TemplateBody }));
  assert.deepEqual([valid.Capabilities, valid.Description], [['CAPABILITY_NAMED_IAM'], 'a small stack']);
  const summary = await client.send(new cfn.GetTemplateSummaryCommand({ TemplateBody }));
  assert.deepEqual(summary.ResourceTypes, ['AWS::Kinesis::Stream', 'AWS::IAM::Role']);
  assert.deepEqual(
    summary.Parameters?.map(({ ParameterKey, DefaultValue, NoEcho }) => [ParameterKey, DefaultValue, NoEcho]),
    [
      ['Shards', '1', false],
      ['Secret', 'none', true],
    ],
  );
});
