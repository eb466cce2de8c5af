/** Accounts and Regions of the local stage, asked by the real SDK, as a person with several profiles asks AWS. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { startLocalAws } from './local-aws.ts';
import { IDEAL_PROFILE } from './profile.ts';

const OTHER = '111122223333';
const TEMPLATE = JSON.stringify({
  Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } } },
});

async function served(context: { after(done: () => Promise<void>): void }) {
  const random = seededRandom(1);
  const aws = await startLocalAws({
    profile: IDEAL_PROFILE,
    port: 0,
    clock: systemClock,
    random,
    log: () => {},
  });
  context.after(() => aws.close());
  return (accessKeyId: string, region: string) => {
    const settings = {
      endpoint: `http://127.0.0.1:${aws.port}`,
      region,
      credentials: { accessKeyId, secretAccessKey: 'x' },
      maxAttempts: 1,
    };
    const cloudFormation = new CloudFormationClient(settings);
    return {
      create: async (StackName: string) =>
        (await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody: TEMPLATE }))).StackId!,
      describe: async (StackName: string) =>
        (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]?.StackId,
      remove: (StackName: string) => cloudFormation.send(new DeleteStackCommand({ StackName })),
      account: async () => (await new STSClient(settings).send(new GetCallerIdentityCommand({}))).Account,
    };
  };
}

test('two Regions and two accounts have stacks of one name, and none sees the others', async (context) => {
  const as = await served(context);
  const home = as('local', 'us-east-1');
  const abroad = as('local', 'eu-west-1');
  const stranger = as(OTHER, 'us-east-1');
  const ids = [await home.create('demo'), await abroad.create('demo'), await stranger.create('demo')];
  assert.deepEqual(
    ids.map((id) => id.split(':').slice(3, 5).join(' ')),
    ['us-east-1 123456789012', 'eu-west-1 123456789012', `us-east-1 ${OTHER}`],
  );
  assert.deepEqual(
    [await home.describe('demo'), await abroad.describe('demo'), await stranger.describe('demo')],
    ids,
  );
  assert.deepEqual([await home.account(), await stranger.account()], ['123456789012', OTHER]);
});

test('an ARN of another Region is unknown there, one of another account is denied, and neither is deleted', async (context) => {
  const as = await served(context);
  const home = as('local', 'us-east-1');
  const id = await home.create('demo');
  await assert.rejects(as('local', 'eu-west-1').describe(id), {
    name: 'ValidationError',
    message: `Stack with id ${id} does not exist`,
  });
  await as('local', 'eu-west-1').remove(id);
  await assert.rejects(as(OTHER, 'us-east-1').describe(id), { name: 'AccessDenied' });
  await assert.rejects(as(OTHER, 'us-east-1').remove(id), { name: 'AccessDenied' });
  assert.equal(await home.describe(id), id);
});

test('a Region that can be none is refused', async (context) => {
  const as = await served(context);
  await assert.rejects(as('local', 'moon').describe('demo'), { name: 'SignatureDoesNotMatch' });
});
