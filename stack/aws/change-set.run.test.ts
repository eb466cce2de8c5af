/** Change sets that fail, take their time or are given up, on a stage that is as slow and as strict as AWS. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateStackCommand, DescribeChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { systemClock } from '../../bench/node/clock.ts';
import { served } from '../local/cloudformation/testing/cloudformation.ts';
import { IDEAL_PROFILE } from '../local/profile.ts';
import { type Account, openAccount } from './account.ts';
import { changesOf, createChangeSet, discardChangeSet } from './change-set.ts';

const endpoint = process.env.AWS_ENDPOINT_URL;
after(() => {
  if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = endpoint;
});

const TEMPLATE = JSON.stringify({
  Resources: { Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'taken', ShardCount: 1 } } },
});
const wait = { clock: systemClock, signal: new AbortController().signal };

async function stage(context: Parameters<typeof served>[0], changeSetMs = 0) {
  const quirks = { ...IDEAL_PROFILE.quirks, changeSetMs };
  const local = await served(context, { profile: { ...IDEAL_PROFILE, quirks } });
  process.env.AWS_ENDPOINT_URL = local.connection.endpoint;
  const account = await openAccount(null);
  const deployed = async (StackName: string) => {
    await local.client.send(new CreateStackCommand({ StackName, TemplateBody: TEMPLATE }));
    await local.settled(StackName);
  };
  return { ...local, account, deployed };
}

const request = (stackName: string, type: 'CREATE' | 'UPDATE', templateText = TEMPLATE) =>
  ({ stackName, type, templateText, given: {}, kept: [], tags: {}, capabilities: [] }) as const;

async function begun(account: Account, ...what: Parameters<typeof request>) {
  const changeSet = await createChangeSet(account, request(...what), systemClock);
  assert.ok(changeSet !== null);
  return changeSet;
}

test('what early validation found is fetched, resource by resource', async (context) => {
  const { account, deployed } = await stage(context);
  await deployed('first');
  const changeSet = await begun(account, 'second', 'CREATE');
  await assert.rejects(changesOf(account, changeSet, wait), {
    message:
      "AWS refuses the change: Events (AWS::Kinesis::Stream): Resource of type 'AWS::Kinesis::Stream' with identifier 'taken' already exists.",
  });
});

test('a caller that may not read the events is told AWS’s own reason', async (context) => {
  const { account, deployed } = await stage(context);
  await deployed('first');
  const changeSet = await begun(account, 'second', 'CREATE');
  afterAnswer(account, 'DescribeEventsCommand', { name: 'AccessDenied' });
  await assert.rejects(changesOf(account, changeSet, wait), /EarlyValidation::ResourceExistenceCheck/);
});

/** Makes a command fail although AWS has done what it asks for. */
function afterAnswer({ cloudFormation }: Account, command: string, error: object): void {
  cloudFormation.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === command) throw Object.assign(new Error('no'), error);
        return answer;
      },
    { step: 'build' },
  );
}

test('a change set that is given up while AWS works it out leaves neither itself nor its stack', async (context) => {
  const { account, aws } = await stage(context, 60_000);
  const changeSet = await begun(account, 'fresh', 'CREATE');
  const { signal } = { signal: AbortSignal.abort() };
  await assert.rejects(changesOf(account, changeSet, { ...wait, signal }));
  await discardChangeSet(account, changeSet, systemClock);
  assert.equal(aws.cloudFormation.find('fresh'), undefined);
});

test('on a stack that stays, a change set goes as soon as AWS lets it go', async (context) => {
  const { account, aws, client, deployed } = await stage(context, 300);
  await deployed('first');
  const changeSet = await begun(account, 'first', 'UPDATE', TEMPLATE.replace('1}', '2}'));
  const { Status } = await client.send(new DescribeChangeSetCommand({ ChangeSetName: changeSet.id }));
  assert.equal(Status, 'CREATE_IN_PROGRESS');
  await discardChangeSet(account, changeSet, systemClock);
  assert.deepEqual([...aws.cloudFormation.stack('first').changeSets.keys()], []);
});

test('a change set whose answer was lost is found and taken back', async (context) => {
  const { account, aws } = await stage(context);
  afterAnswer(account, 'CreateChangeSetCommand', { code: 'ECONNRESET' });
  await assert.rejects(createChangeSet(account, request('fresh', 'CREATE'), systemClock), /ECONNRESET/);
  assert.equal(aws.cloudFormation.find('fresh'), undefined);
});

test('a stack in which somebody else’s change set waits stays', async (context) => {
  const { account, aws } = await stage(context);
  const changeSet = await begun(account, 'shared', 'CREATE');
  const stack = aws.cloudFormation.stack('shared');
  const [own] = stack.changeSets.values();
  stack.changeSets.set('theirs', { ...own!, name: 'theirs', id: 'arn:theirs' });
  await discardChangeSet(account, changeSet, systemClock);
  assert.deepEqual([stack.status, [...stack.changeSets.keys()]], ['REVIEW_IN_PROGRESS', ['theirs']]);
});
