/** Parameters are judged all at once, before AWS sees them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  effectiveParameters,
  keptParameters,
  parameterProblems,
  parseTemplate,
  readTemplate,
  shownParameters,
  TemplateProblems,
} from './template.ts';

const TEMPLATE = parseTemplate(
  `
Parameters:
  Needed: {Type: String}
  Mode: {Type: String, Default: 'A', AllowedValues: [A, B]}
  Count: {Type: Number, Default: 2, MinValue: 1, MaxValue: 10}
  Secret: {Type: String, Default: hush, NoEcho: true}
Resources: {}
`,
  't.yaml',
);

test('every problem is found at once, and names the remedy', () => {
  assert.deepEqual(parameterProblems(TEMPLATE, { Mode: 'C', Count: '11', Nope: '1' }, {}), [
    'parameter: t.yaml has no parameter Nope; it has Needed, Mode, Count, Secret',
    'parameter: Needed has no default; give --parameter Needed=…',
    "parameter: Mode must be one of A, B, not 'C' (AllowedValues)",
    'parameter: Count must be at most 10, not 11 (MaxValue)',
  ]);
  assert.match(parameterProblems(TEMPLATE, { Needed: 'x', Count: 'two' }, {}).join(), /must be a number/);
  assert.match(parameterProblems(TEMPLATE, { Needed: 'x', Count: '0' }, {}).join(), /at least 1/);
});

test('constraints are named, with what the template says of them; patterns that only Java reads are left to AWS', () => {
  const template = parseTemplate(
    `
Parameters:
  Repository: {Type: String, AllowedPattern: '[a-z]+/[a-z]+', ConstraintDescription: must be OWNER/REPOSITORY}
  Password: {Type: String, NoEcho: true, MinLength: 8, AllowedPattern: '[a-z]+'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', AllowedPattern: 'subnet-.+'}
  Class: {Type: String, AllowedPattern: '\\p{Alpha}++'}
  Broken: {Type: String, AllowedPattern: '('}
  Size: {Type: Number, Default: 5, MinValue: 6}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>', AllowedPattern: 'ami-.+'}
Resources: {}
`,
    't.yaml',
  );
  const given = {
    Repository: 'a',
    Password: 'X',
    Subnets: 'subnet-1,x',
    Class: 'é',
    Broken: 'b',
    Image: '/a',
  };
  assert.deepEqual(parameterProblems(template, given, {}), [
    "parameter: Repository must match [a-z]+/[a-z]+, not 'a' (AllowedPattern: must be OWNER/REPOSITORY)",
    'parameter: Password must have a length of at least 8 (MinLength)',
    'parameter: Password must match [a-z]+ (AllowedPattern)',
    "parameter: Subnets must match subnet-.+, not 'subnet-1,x' (AllowedPattern)",
    'parameter: Size must be at least 6, not 5 (MinValue)',
  ]);
  assert.deepEqual(
    parameterProblems(
      template,
      { ...given, Repository: 'a/b', Subnets: 'subnet-1' },
      { Password: '****', Size: '6' },
    ),
    [
      'parameter: Password must have a length of at least 8 (MinLength)',
      'parameter: Password must match [a-z]+ (AllowedPattern)',
    ],
    'what is in force is held against the constraints too',
  );
});

test('a value in force is no missing value, and as long as that is not known nothing is missing', () => {
  assert.deepEqual(parameterProblems(TEMPLATE, {}, { Needed: 'x' }), []);
  assert.deepEqual(parameterProblems(TEMPLATE, {}, null), []);
});

test('given values win over those in force, those over defaults; what the template dropped is gone', () => {
  const inForce = { Needed: 'x', Count: '5', Dropped: '1' };
  assert.deepEqual(effectiveParameters(TEMPLATE, { Count: '7' }, inForce), {
    Needed: 'x',
    Mode: 'A',
    Count: '7',
    Secret: 'hush',
  });
  assert.deepEqual(keptParameters(TEMPLATE, { Count: '7' }, inForce), ['Needed']);
  assert.equal(shownParameters(TEMPLATE, { Secret: 'hush' }).Secret, '****');
});

test('a template that AWS does not take in a request, is no YAML or is not there is refused', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'template-'));
  try {
    const file = path.join(directory, 'large.yaml');
    writeFileSync(file, `Description: ${'x'.repeat(51_200)}`);
    assert.throws(() => readTemplate(file), /51213 bytes, and CloudFormation takes at most 51200/);
    assert.throws(() => readTemplate(path.join(directory, 'none.yaml')), /can't be read/);
    assert.throws(() => parseTemplate('a: [', 'bad.yaml'), TemplateProblems);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
