/** Parameters are judged all at once, before AWS sees them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parseTemplate, readTemplate, TemplateProblems } from './template.ts';
import {
  effectiveParameters,
  keptParameters,
  parameterProblems,
  shownParameters,
} from './template-parameters.ts';

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
    "parameter: Mode must be one of A, B, not 'C'",
    'parameter: Count must be at most 10, not 11',
  ]);
  assert.match(parameterProblems(TEMPLATE, { Needed: 'x', Count: 'two' }, {}).join(), /must be a number/);
  assert.match(parameterProblems(TEMPLATE, { Needed: 'x', Count: '0' }, {}).join(), /at least 1/);
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
