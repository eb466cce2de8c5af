/** The role of the scheduled workflows may do what the product does with it, nothing else, and is taken by nobody else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ALLOWED, actionOf, calledActions, ROLE, rootOf, STATEMENTS } from './testing/ci-role.ts';
import { RESOURCE_PERMISSIONS } from './testing/resource-permissions.ts';

const { Parameters } = rootOf('ci-role.yaml');

/** Of the templates that stage up and sweep deploy; the role's own and the fleet's are a person's to deploy. */
const TYPES = new Set(
  ['template.yaml', 'article.yaml'].flatMap((file) =>
    Object.values(rootOf(file).Resources).map(({ Type }) => Type),
  ),
);

const sorted = (actions: readonly string[]) => [...new Set(actions)].sort();

test('each action that a command calls, or CloudFormation on its behalf, is allowed, and each that is allowed is called', () => {
  assert.deepEqual(sorted(Object.keys(RESOURCE_PERMISSIONS)), sorted([...TYPES]));
  const called = calledActions();
  assert.ok(called.includes('cloudformation:CreateChangeSet') && called.includes('kinesis:GetRecords'));
  const used = [...called, ...Object.values(RESOURCE_PERMISSIONS).flat()];
  assert.deepEqual(sorted(ALLOWED), sorted(used));
  assert.deepEqual(ALLOWED, [...new Set(ALLOWED)], 'an action is allowed twice');
});

test('asking who one is needs no permission, and a push has a name of its own', () => {
  assert.equal(actionOf('sts', 'GetCallerIdentity'), null);
  assert.equal(actionOf('apigatewaymanagementapi', 'PostToConnection'), 'execute-api:ManageConnections');
});

test('it reaches the stacks of its prefix only, but for what has no name or no ARN, and passes roles to two services', () => {
  const isPrefixed = (resource: unknown) => /\$\{StackPrefix\}\*/.test(JSON.stringify(resource));
  const open = STATEMENTS.filter(
    ({ Resource, Condition = null }) => ![Resource].flat().every(isPrefixed) && !isPrefixed(Condition),
  );
  assert.deepEqual(
    open.map(({ Sid }) => Sid),
    ['Looking', 'Gateway', 'Pushes', 'MappingStates', 'FunctionTags', 'LogLists'],
  );
  assert.deepEqual(STATEMENTS.find(({ Action }) => Action === 'iam:PassRole')?.Condition, {
    StringEquals: { 'iam:PassedToService': ['apigateway.amazonaws.com', 'lambda.amazonaws.com'] },
  });
});

test('it is taken by one branch or environment of one repository, whose tokens are meant for AWS', () => {
  const [trust, ...more] = ROLE.AssumeRolePolicyDocument.Statement;
  assert.deepEqual(more, []);
  assert.deepEqual(trust?.Condition, {
    StringEquals: {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's.
      'token.actions.githubusercontent.com:sub': { 'Fn::Sub': 'repo:${Repository}:${Subject}' },
    },
  });
  const takes = (name: string, value: string) =>
    new RegExp(`^(?:${Parameters[name]?.AllowedPattern})$`).test(value);
  for (const value of ['acme/bench', 'acme@12/bench@345']) assert.ok(takes('Repository', value), value);
  for (const value of ['acme/*', '*', 'acme', 'a/b:ref']) assert.ok(!takes('Repository', value), value);
  for (const value of ['ref:refs/heads/main', 'environment:aws']) assert.ok(takes('Subject', value), value);
  for (const value of ['*', 'ref:refs/heads/*', 'pull_request']) assert.ok(!takes('Subject', value), value);
});

test('it lasts as long as the workflow asks for, and its prefix is the scripts’', () => {
  const workflow = parse(readFileSync('.github/workflows/performance.yaml', 'utf8'));
  const asked = workflow.jobs.measure.steps.map((step: { with?: object }) => step.with ?? {});
  const durations = asked.flatMap((given: Record<string, number>) => given['role-duration-seconds'] ?? []);
  assert.deepEqual(durations, [ROLE.MaxSessionDuration]);
  const prefix = Parameters.StackPrefix?.Default;
  assert.ok(readFileSync('.github/workflows/janitor.yaml', 'utf8').includes(`--prefix ${prefix} `));
  assert.ok(readFileSync('scripts/performance.ts', 'utf8').includes(`default: '${prefix}'`));
});
