/** Commands about a stack that is another account's or region's than the shell's: by its ARN it is found, or refused by name. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { fixture } from '../../reports/testing/fixture.ts';
import { openAccount } from '../../stack/aws/account.ts';
import { OWNER_TAG } from '../../stack/aws/ownership.ts';
import { findStack } from '../../stack/aws/stack-description.ts';
import { openStackStage } from '../../stack/aws/stage-stack.ts';
import { ConfigurationError } from '../model/failure.ts';
import type { RunResult } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { REPORT_FLAGS, reportCommand } from './report.ts';
import { STAGE_DOWN_FLAGS, stageDownCommand } from './stage-down.ts';
import { asked } from './testing/asked.ts';
import { as, OTHER, TEXT, useLocalAws } from './testing/local-aws.ts';

useLocalAws();

async function createdIn(region: string, name: string): Promise<string> {
  const { cloudFormation } = await openAccount(region);
  const Tags = [{ Key: OWNER_TAG, Value: '1.0.0' }];
  const command = new CreateStackCommand({ StackName: name, TemplateBody: TEXT, Tags });
  return (await cloudFormation.send(command)).StackId!;
}

test('a stack of another region is deleted by its ARN, and its namesake here is not', async () => {
  as('local', 'us-east-1');
  const here = await createdIn('us-east-1', 'demo');
  const there = await createdIn('eu-west-1', 'demo');
  assert.equal(await downWhenQuiet(there), 0);
  assert.match((await findStack(await openAccount('us-east-1'), here))?.status ?? '', /^CREATE_/);
  assert.equal((await findStack(await openAccount('eu-west-1'), there))?.status, 'DELETE_COMPLETE');
  // Gone already.
  assert.equal(await stageDownCommand(asked(STAGE_DOWN_FLAGS, { name: [there], yes: true, quiet: true })), 0);
});

/** Not before its creation has ended. */
async function downWhenQuiet(id: string): Promise<number> {
  const account = await openAccount(id.split(':')[3]!);
  while ((await findStack(account, id))?.status === 'CREATE_IN_PROGRESS') await new Promise(setImmediate);
  return stageDownCommand(asked(STAGE_DOWN_FLAGS, { name: [id], yes: true, quiet: true }));
}

test('an ARN of another account, or one that contradicts --region, is refused with the remedy', async () => {
  as('local', 'us-east-1');
  const id = await createdIn('us-east-1', 'mine');
  await assert.rejects(
    stageDownCommand(asked(STAGE_DOWN_FLAGS, { name: [id], yes: true, region: 'eu-west-1' })),
    (error) =>
      error instanceof ConfigurationError &&
      error.message.includes('region: eu-west-1 contradicts the ARN, which is of us-east-1'),
  );
  as(OTHER, 'us-east-1');
  const refused = new RegExp(
    `the stack mine is in account 123456789012 .*credentials are of account ${OTHER}`,
  );
  await assert.rejects(
    stageDownCommand(asked(STAGE_DOWN_FLAGS, { name: [id], yes: true, quiet: true })),
    refused,
  );
  const options = { region: null, clock: systemClock, metricsWaitMs: null };
  await assert.rejects(openStackStage({ ...options, name: id }), refused);
});

test('metrics are not read again in another account or region than the run was made in', async (t) => {
  const place = mkdtempSync(path.join(os.tmpdir(), 'refresh-elsewhere-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const { result } = fixture('deployed');
  const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/0';
  const stage = { ...result.stage, kind: 'local', region: 'us-east-1', stackId } as const;
  const traffic = { ...result.traffic!, startEpochMs: Date.now(), endEpochMs: Date.now() };
  const saved: RunResult = { ...result, stage, traffic };
  writeFileSync(path.join(place, 'result.json'), '{}');
  const refresh = (region?: string) =>
    reportCommand(asked(REPORT_FLAGS, { refreshMetrics: true, region }, { words: [place] }), {
      parse: () => saved,
      write: () => Promise.resolve(),
    });
  as(OTHER, 'us-east-1');
  await assert.rejects(refresh(), /the stack demo is in account 123456789012 .*of account 111122223333/);
  as('local', 'eu-west-1');
  await assert.rejects(refresh('eu-west-1'), /the stack demo is in us-east-1, and this is eu-west-1/);
  // The environment's region is not asked: the ARN says where.
  await assert.rejects(refresh(), /CloudWatch has nothing of this run in us-east-1/);
});
