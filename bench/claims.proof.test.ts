/** `bench claims` as a user runs it, in its shortest form: on the local stage, and on a stack by its name. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { writeSavedReports } from '../reports/saved-reports.ts';
import type { ClaimsResult } from './model/claim.ts';
import { bench, benchWith, startLocalStage, temporaryDirectory } from './testing/cli.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

test('a claim on the local stage is saved with its run, both with reports, and a verdict fails nothing', async () => {
  const out = path.join(directory.path, 'local');
  const flags = ['--quick', '--only', 'low-latency', '--slo', 'latency.response.p50 < 1', '--out', out];
  const { code, stdout, stderr } = await bench('claims', ...flags);
  // A busy machine makes the run invalid; the experiment was made all the same.
  assert.ok(code === 0 || code === 4, `exit code ${code}: ${stderr}`);
  assert.match(stdout, /^1 not shown · Local stage, profile aws/m);
  assert.match(stderr, /steady: a steady load/);
  assert.deepEqual(readdirSync(out).sort(), ['claims.json', 'index.html', 'runs', 'summary.md']);
  const result = JSON.parse(readFileSync(path.join(out, 'claims.json'), 'utf8')) as ClaimsResult;
  const [claim] = result.claims;
  assert.deepEqual([result.partial, result.asked, claim?.state], [false, ['low-latency'], 'done']);
  const findings = claim?.findings.map(({ basis, verdict }) => [basis, verdict]);
  assert.deepEqual(findings, [
    ['template', 'supported'],
    ['model', 'not shown'],
  ]);
  assert.ok(existsSync(path.join(out, 'runs/00-steady/index.html')), 'the run has a report');
  const page = readFileSync(path.join(out, 'index.html'), 'utf8');
  await writeSavedReports('claims.json', out);
  assert.equal(readFileSync(path.join(out, 'index.html'), 'utf8'), page);
});

test('a stack that does not let its services fail is asked nothing that takes a fault, and says what to do', async () => {
  const stage = await startLocalStage('--name', 'deaf');
  const out = path.join(directory.path, 'deaf');
  const flags = ['--stage', 'deaf', '--only', 'decoupled,fault-tolerant', '--json', '--out', out];
  const { code, stdout, stderr } = await benchWith(stage.environment, 'claims', ...flags);
  await stage.stop();
  assert.equal(code, 0, stderr);
  const { claims, stage: facts } = JSON.parse(stdout) as ClaimsResult;
  assert.equal(facts.name, 'deaf');
  for (const { state, verdict, problems, runs } of claims) {
    assert.deepEqual([state, verdict, runs], ['not possible', 'not shown', []]);
    assert.match(problems[0] ?? '', /--parameter FaultInjection=true/);
  }
});
