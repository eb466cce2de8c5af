/** Which stacks may be touched, in which state, and what deleting one leaves behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OWNER_TAG, ownershipObstacle, tagProblems, tagsOf } from './ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { logGroupsLeftBehind } from './removal.ts';
import type { StackDescription } from './stack-description.ts';
import { afterFailure, isBusy, isGood, updateObstacle } from './stack-status.ts';
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

test('a stack without the tag is not touched, one in review holds nothing', () => {
  assert.match(
    ownershipObstacle(stack({}), 'do this') ?? '',
    /not made by this tool: it lacks the tag .*; do this/,
  );
  assert.equal(ownershipObstacle(stack({ [OWNER_TAG]: '0.1.0' }), ''), null);
  assert.equal(ownershipObstacle(stack({}, 'REVIEW_IN_PROGRESS'), ''), null);
});

test('an update keeps other tags and the version that made the stack', () => {
  assert.deepEqual(tagsOf(null, { team: 'a' }, '2.0.0'), { team: 'a', [OWNER_TAG]: '2.0.0' });
  assert.deepEqual(tagsOf(stack({ team: 'a', x: 'y', [OWNER_TAG]: '1.0.0' }), { team: 'b' }, '2.0.0'), {
    team: 'b',
    x: 'y',
    [OWNER_TAG]: '1.0.0',
  });
  assert.equal(tagProblems({ fine: '1', 'aws:x': '1', [OWNER_TAG]: '1' }).length, 2);
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
