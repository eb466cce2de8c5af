/** cfn-lint finds nothing in any template, for regions of different ages. Skips where it is missing: `pip install cfn-lint`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { REGIONS, TEMPLATES } from './deployable.ts';

const isMissing = spawnSync('cfn-lint', ['--version']).status !== 0;
const skip = isMissing && 'cfn-lint is not installed';

function linted(templates: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    'cfn-lint',
    ['--regions', ...REGIONS, '--template', ...templates],
    { encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}

test('cfn-lint finds nothing in any template', { skip }, () => {
  assert.deepEqual(linted(TEMPLATES), { status: 0, output: '' });
});

test('cfn-lint, so called, finds what a region does not have', { skip }, (t) => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'cfn-lint-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'bad.yaml');
  // App Runner is in some of the regions only.
  writeFileSync(file, 'Resources: {Bad: {Type: "AWS::AppRunner::AutoScalingConfiguration"}}\n');
  const { status, output } = linted([file]);
  assert.notEqual(status, 0);
  assert.match(output, /sa-east-1/);
});
