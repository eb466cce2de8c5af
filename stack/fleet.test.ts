/** What the roles of the templates may do, and who may take them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PLAN_NAME } from '../bench/fleet/fleet-files.ts';
import { partialName } from '../bench/measure/fleet/partial.ts';
import { parseTemplate } from './template/syntax.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal: { readonly Service: string };
  readonly Condition?: object;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function resourcesOf(file: string): Readonly<Record<string, Resource>> {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return parseTemplate(text, file).root.Resources as unknown as Readonly<Record<string, Resource>>;
}

const FLEET = resourcesOf('fleet.yaml');

const statementsOf = (document: unknown) =>
  (document as { readonly Statement: readonly Statement[] }).Statement;

/** Objects of the bucket that a worker may do this to, as patterns of keys. */
function allowed(action: string): RegExp[] {
  const policies = FLEET.WorkerRole?.Properties.Policies as readonly { readonly PolicyDocument: unknown }[];
  return policies
    .flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument))
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action))
    .flatMap(({ Resource }) => [Resource].flat())
    .map((resource) => (resource as { readonly 'Fn::Sub': string })['Fn::Sub'])
    .map((pattern) =>
      pattern
        .replace(/^\$\{Bucket\.Arn\}\//, '')
        .replaceAll('.', '\\.')
        .replaceAll('*', '.*'),
    )
    .map((pattern) => new RegExp(`^${pattern}$`));
}

test('a worker may write what workers write, and neither plan nor start of any run', () => {
  const written = [partialName(3), partialName(3, 'a1b2'), 'progress-00003.json', 'clock-3-4711'];
  const others = [PLAN_NAME, 'run.json', 'start.json', 'stage.json'];
  const may = (action: string, names: readonly string[], prefix = 'runs/20300101T000000Z-x/') =>
    names.filter((name) => allowed(action).some((pattern) => pattern.test(`${prefix}${name}`)));
  assert.deepEqual(
    [
      may('s3:PutObject', [...written, ...others]),
      may('s3:DeleteObject', [...written, ...others]),
      may('s3:GetObject', others),
      may('s3:PutObject', written, 'elsewhere/'),
      may('s3:GetObject', written, 'elsewhere/'),
    ],
    [written, ['clock-3-4711'], others, [], []],
  );
});

test('the bucket can be reached by TLS only', () => {
  const [statement, ...more] = statementsOf(FLEET.BucketPolicy?.Properties.PolicyDocument);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [statement?.Effect, statement?.Principal, statement?.Action, statement?.Condition],
    ['Deny', '*', 's3:*', { Bool: { 'aws:SecureTransport': 'false' } }],
  );
});

test('roles are taken on behalf of their own account only, by every service that is known to say whose it acts for', () => {
  const roles = ['template.yaml', 'article.yaml', 'fleet.yaml'].flatMap((file) =>
    Object.values(resourcesOf(file)).filter(({ Type }) => Type === 'AWS::IAM::Role'),
  );
  const trusts = roles.flatMap(({ Properties }) => statementsOf(Properties.AssumeRolePolicyDocument));
  const open = trusts
    .filter(({ Condition }) => Condition === undefined)
    .map(({ Principal }) => Principal.Service);
  assert.deepEqual([roles.length, [...new Set(open)]], [7, ['apigateway.amazonaws.com']]);
  const conditions = trusts.flatMap(({ Condition }) => Condition ?? []);
  for (const condition of conditions)
    assert.deepEqual(condition, { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
});
