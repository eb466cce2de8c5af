/** What a sweep that goes on may delete, and where: against accounts and regions of a local AWS. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { sweepFixture } from '../../reports/sweep/testing/fixture.ts';
import { type Account, openAccount } from '../../stack/aws/account.ts';
import { OWNER_TAG } from '../../stack/aws/ownership.ts';
import { findStack } from '../../stack/aws/stack-description.ts';
import { parseTemplate } from '../../stack/aws/template.ts';
import type { SweepResult } from '../model/sweep.ts';
import type { SweepDirectory } from '../node/sweep-directory.ts';
import { sweepOnAws } from './sweep-aws.ts';
import { deployStack } from './sweep-stack.ts';
import { SweepState } from './sweep-state.ts';
import { as, OTHER, TEXT, useLocalAws } from './testing/local-aws.ts';

const TEMPLATE = parseTemplate(TEXT, 'test');

const localAws = useLocalAws();

/** Of the sweep: made by it, ARN and all. */
async function made(account: Account, name: string): Promise<string> {
  let id = '';
  const order = { account, name, template: TEMPLATE, parameters: {}, signal: AbortSignal.timeout(20_000) };
  await deployStack({ ...order, id: null, known: (told) => (id = told) });
  return id;
}

/** Goes on with a sweep that was killed and has nothing more to run. Returns what it said, and what is saved. */
async function resumed(changes: Partial<SweepResult>): Promise<{ said: string[]; saved: SweepResult }> {
  const directory = { path: 'x', save: () => {} } as unknown as SweepDirectory;
  const sweep = sweepFixture('single');
  const state = new SweepState(directory, { ...sweep, place: 'aws', stackPrefix: 'swept', ...changes });
  const said: string[] = [];
  const options = { parallel: 1, maxCostUsd: null, pricesPath: undefined } as never;
  const interrupted = new AbortController().signal;
  const context = { state, options, interrupted, say: (line: string) => said.push(line) };
  await sweepOnAws({ ...context, runOptions: () => ({}) as never, finished: () => {} }, []);
  return { said, saved: state.result };
}

const HOME = { account: '123456789012', region: 'us-east-1' };

test('a sweep that goes on elsewhere says where it is, and never that its stack is gone', async () => {
  as('local', 'us-east-1');
  const account = await openAccount(null);
  const id = await made(account, 'swept-1');
  const left = { stacks: ['swept-1'], stackIds: { 'swept-1': id }, home: HOME };
  as(OTHER, 'us-east-1');
  await assert.rejects(resumed(left), {
    message: `this sweep was begun, and has its stack swept-1, in account 123456789012 (us-east-1), and these credentials are of account ${OTHER}: choose that account's profile with AWS_PROFILE; nothing was changed`,
  });
  as('local', 'us-east-1');
  const plan = { ...sweepFixture('single').plan, region: 'eu-west-1' };
  await assert.rejects(
    resumed({ ...left, plan }),
    /in us-east-1, and this is eu-west-1: say --region us-east-1/,
  );
  assert.equal((await findStack(account, id))?.status, 'CREATE_COMPLETE');

  // Where only the environment's region is another, it goes on where its stacks are.
  as('local', 'eu-west-1');
  const { said, saved } = await resumed(left);
  assert.ok(said.includes('stack swept-1 is gone'), said.join('\n'));
  assert.deepEqual([saved.stacks, saved.stackIds], [[], {}]);
  assert.equal((await findStack(account, id))?.status, 'DELETE_COMPLETE');
});

test('a stack of the name that the sweep did not make is left alone, marked or not', async () => {
  as('local', 'us-east-1');
  const account = await openAccount(null);
  const create = (Tags: { Key: string; Value: string }[]) =>
    account.cloudFormation.send(new CreateStackCommand({ StackName: 'swept-1', TemplateBody: TEXT, Tags }));
  const { StackId: stranger } = await create([]);
  const before = { stacks: ['swept-1'], home: HOME, startedAt: new Date(0).toISOString() };
  await assert.rejects(resumed(before), /was not made by this tool/);
  await localAws().cloudFormation.delete('swept-1');

  // A colleague's sweep of the same name, which began before.
  const { StackId: colleague } = await create([{ Key: OWNER_TAG, Value: '1.0.0' }]);
  const later = { ...before, startedAt: new Date(Date.now() + 60_000).toISOString() };
  await assert.rejects(
    resumed(later),
    /there is a stack swept-1 that this sweep did not make .*it is not deleted/,
  );
  // Its own was deleted by somebody, and the name is another's now.
  const { saved } = await resumed({ ...later, stackIds: { 'swept-1': stranger! } });
  assert.deepEqual(saved.stacks, []);
  assert.match((await findStack(account, colleague!))?.status ?? '', /^CREATE_/);
  await assert.rejects(
    made(account, 'swept-1'),
    /a stack swept-1 that this sweep did not make .*not changed/,
  );
  await localAws().cloudFormation.delete('swept-1');
});

test('a sweep of an earlier version, which does not say where its stack is, takes no silence for an end', async () => {
  as('local', 'us-east-1');
  await assert.rejects(
    resumed({ stacks: ['swept-1'] }),
    /does not say where it is; there is none in region us-east-1/,
  );
});
