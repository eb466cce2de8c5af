/** Which stacks may be touched, in which state, and what deleting one leaves behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { MARK, makerOf, OWNER_TAG, ownershipObstacle, ownOutputs, tagProblems, tagsOf } from './ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { logGroupsLeftBehind } from './removal.ts';
import { afterFailure, isBusy, isGood, type StackDescription, updateObstacle } from './stack-description.ts';
import { parseTemplate, readTemplate } from './template.ts';

function stack(tags: Readonly<Record<string, string>>, status = 'CREATE_COMPLETE'): StackDescription {
  return {
    id: 'arn',
    name: 'demo',
    status,
    statusReason: '',
    createdAt: null,
    updatedAt: null,
    parameters: {},
    tags,
    outputs: {},
  };
}

/** AWS with one template behind every stack and change set, and these change sets. */
function accountWith(templateText: string, changeSets: readonly string[] = []): Account {
  const Summaries = changeSets.map((ChangeSetName) => ({ ChangeSetName }));
  const send = async () => ({ TemplateBody: templateText, Summaries });
  const cloudFormation = Object.assign(new CloudFormationClient({ region: 'us-east-1' }), { send });
  return { cloudFormation } as unknown as Account;
}

const PLAIN = 'Resources: {}';
const MARKED = `{Outputs: {${MARK}: {Value: 1.2.3}}, Resources: {}}`;

test('a stack is known by its output, by the tag of earlier versions, or by its template where it has no outputs', async () => {
  const plain = accountWith(PLAIN);
  const torn = stack({}, 'ROLLBACK_COMPLETE');
  assert.equal(await makerOf(plain, { ...stack({}), outputs: { [MARK]: '2.0.0', Url: 'x' } }), '2.0.0');
  assert.equal(await makerOf(plain, stack({ [OWNER_TAG]: '0.1.0' })), '0.1.0');
  assert.equal(await makerOf(plain, torn), null);
  assert.equal(await makerOf(accountWith(MARKED), torn), '1.2.3');
  assert.equal(await makerOf(accountWith(MARKED), { ...stack({}), outputs: { Url: 'x' } }), null);
  assert.deepEqual(ownOutputs({ outputs: { [MARK]: '2.0.0', Url: 'x' } }), { Url: 'x' });
});

test('a stack in review is known by the names and templates of its change sets', async () => {
  const review = stack({}, 'REVIEW_IN_PROGRESS');
  assert.equal(await makerOf(accountWith(MARKED, ['bench-1']), review), '1.2.3');
  assert.equal(await makerOf(accountWith(MARKED, ['bench-1', 'theirs']), review), null);
  assert.equal(await makerOf(accountWith(MARKED), review), null);
});

test('a stack without the mark is not touched, nor one in review that somebody is about to decide on', async () => {
  assert.match(
    (await ownershipObstacle(accountWith(PLAIN), stack({}), 'do this')) ?? '',
    /not made by this tool: it has neither its output .* nor the tag .*; do this/,
  );
  assert.equal(await ownershipObstacle(accountWith(PLAIN), stack({ [OWNER_TAG]: '0.1.0' }), ''), null);
  const review = stack({}, 'REVIEW_IN_PROGRESS');
  assert.equal(await ownershipObstacle(accountWith(PLAIN), review, ''), null);
  assert.match(
    (await ownershipObstacle(accountWith(PLAIN, ['theirs']), review, 'do this')) ?? '',
    /awaits the review of somebody else's change set \(theirs\); do this/,
  );
});

test('an update keeps the tags in force, and adds none that was not given', () => {
  assert.deepEqual(tagsOf(null, { team: 'a' }), { team: 'a' });
  assert.deepEqual(
    tagsOf(stack({ team: 'a', x: 'y', 'aws:servicecatalog:x': 'z', [OWNER_TAG]: '1.0.0' }), { team: 'b' }),
    { team: 'b', x: 'y', [OWNER_TAG]: '1.0.0' },
  );
});

test('tags that AWS would refuse are refused, all at once', () => {
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, '1']));
  assert.equal(tagProblems({ fine: '1', 'aws:x': '1', [OWNER_TAG]: '1' }).length, 2);
  assert.equal(tagProblems({ ['k'.repeat(129)]: '1', long: 'v'.repeat(257) }).length, 2);
  assert.deepEqual(tagProblems(many), ['tag: 51 are given; a stack has at most 50']);
});

test('every state that can’t be updated says what to do', () => {
  const can = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'];
  for (const status of can) assert.equal(updateObstacle('demo', status), null, status);
  const torn = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'DELETE_FAILED'];
  for (const status of torn)
    assert.match(updateObstacle('demo', status) ?? '', /npm run teardown -- --name demo/);
  assert.match(updateObstacle('demo', 'UPDATE_IN_PROGRESS') ?? '', /still at work/);
  assert.match(updateObstacle('demo', 'UPDATE_ROLLBACK_FAILED') ?? '', /continue-update-rollback/);
  assert.match(afterFailure('demo', 'UPDATE_ROLLBACK_COMPLETE'), /as it was before/);
  assert.deepEqual([isBusy('REVIEW_IN_PROGRESS'), isBusy('DELETE_IN_PROGRESS')], [false, true]);
  assert.deepEqual([isGood('UPDATE_COMPLETE'), isGood('ROLLBACK_COMPLETE')], [true, false]);
});

const resource = (type: string, logicalId: string, physicalId: string) => ({
  type,
  logicalId,
  physicalId,
  status: 'CREATE_COMPLETE',
  reason: '',
});

test('the reference stack owns its log groups; a template that names none leaves some behind', () => {
  const functions = [
    resource('AWS::Lambda::Function', 'EchoFunction', 'demo-echo'),
    resource('AWS::ApiGatewayV2::Api', 'Api', 'abc'),
    resource('AWS::ApiGatewayV2::Stage', 'Stage', 'v1'),
  ];
  assert.deepEqual(logGroupsLeftBehind(readTemplate(REFERENCE_TEMPLATE_PATH), functions), []);
  const other = parseTemplate(
    `
Resources:
  EchoFunction: {Type: AWS::Lambda::Function}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {DefaultRouteSettings: {LoggingLevel: INFO}}}
`,
    't',
  );
  assert.deepEqual(logGroupsLeftBehind(other, functions), [
    '/aws/lambda/demo-echo',
    'API-Gateway-Execution-Logs_abc/v1',
  ]);
});
