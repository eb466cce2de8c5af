/** That no workflow leaves a stack on AWS; scripts/clean-up.proof.test.ts runs what is only read here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

test('workflows clean up whatever happened, in time, and never with a job at work', () => {
  const read = (file: string) =>
    parse(readFileSync(new URL(`../.github/workflows/${file}`, import.meta.url), 'utf8'));
  const { measure } = read('performance.yaml').jobs;
  const stepNamed = (name: string) => measure.steps.find((step: { name?: string }) => step.name === name);
  assert.match(stepNamed('Nothing is left behind').if, /always\(\)/);
  const { 'timeout-minutes': measured } = stepNamed('Deploy, measure, compare, tear down');
  assert.ok(measured + 10 < measure['timeout-minutes'], 'no time is left to clean up');
  const age = /\|\| '(\d+)h'/.exec(read('janitor.yaml').jobs.clean.steps.at(-1).env.OLDER_THAN)?.[1];
  assert.ok(
    Number(age) * 60 > measure['timeout-minutes'],
    'the janitor would delete the stack of a job at work',
  );
});
