/** The end of a deletion, whatever it is, on a stage whose resources can refuse theirs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateChangeSetCommand, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { removeStack } from '../../bench/command/sweep-stack.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { served, templateOf } from '../local/cloudformation/testing/cloudformation.ts';
import { openAccount } from './account.ts';
import { OWNER_TAG } from './ownership.ts';
import { followDeletion, quietStack, remainsOf } from './removal.ts';
import { findStack, type StackDescription } from './stack-description.ts';

const endpoint = process.env.AWS_ENDPOINT_URL;
after(() => {
  if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = endpoint;
});

const TEMPLATE = templateOf({
  Held: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
  Queue: { Type: 'AWS::SQS::Queue' },
});
const watched = { clock: systemClock, signal: new AbortController().signal, onEvent: () => {} };

/** A stack `demo` on a stage of its own. */
async function stage(context: Parameters<typeof served>[0], refuseDeletion: readonly string[]) {
  const local = await served(context, { refuseDeletion });
  process.env.AWS_ENDPOINT_URL = local.connection.endpoint;
  const Tags = [{ Key: OWNER_TAG, Value: '1.0.0' }];
  await local.client.send(new CreateStackCommand({ StackName: 'demo', TemplateBody: TEMPLATE, Tags }));
  await local.settled('demo');
  const account = await openAccount(null);
  return { ...local, account, stack: (await findStack(account, 'demo')) as StackDescription };
}

test('a failed deletion ends at once with the reasons of the resources', async (context) => {
  const { account, stack } = await stage(context, ['Held']);
  const { status, failures } = await followDeletion(account, stack, watched);
  assert.equal(status, 'DELETE_FAILED');
  assert.deepEqual(
    failures.map(({ logicalId, reason }) => [logicalId, /in use/.test(reason)]),
    [['Held', true]],
  );
  const { isGone, left } = await remainsOf(account, 'demo', stack.id);
  assert.deepEqual([isGone, left.map(({ logicalId }) => logicalId)], [false, ['Held']]);
});

test('the teardown of a sweep says at once what holds its stack, and what to do', async (context) => {
  const { account, stack } = await stage(context, ['Held']);
  await assert.rejects(
    removeStack(account, { name: 'demo', id: stack.id, madeAfter: '' }),
    (error: Error) => {
      assert.match(
        error.message,
        /^stack demo is not deleted \(DELETE_FAILED\): Held \(AWS::Kinesis::Stream\): .*in use.*; remove what holds it, then run 'npm run teardown -- --name demo'$/,
      );
      return true;
    },
  );
});

test('a deletion that was over before it could be watched is no reason to wait', async (context) => {
  const { account, stack, aws } = await stage(context, []);
  await aws.cloudFormation.delete('demo');
  assert.deepEqual(await followDeletion(account, stack, watched), { status: null, failures: [] });
});

test('a stack in review goes without events', async (context) => {
  const { account, client } = await stage(context, []);
  await client.send(
    new CreateChangeSetCommand({
      StackName: 'seen',
      ChangeSetName: 'one',
      ChangeSetType: 'CREATE',
      TemplateBody: TEMPLATE,
    }),
  );
  const stack = (await findStack(account, 'seen')) as StackDescription;
  await followDeletion(account, stack, watched);
  assert.equal(await quietStack(account, 'seen', watched), null);
});
