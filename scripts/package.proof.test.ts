/** The package as people get it: packed, installed without what only its development needs, and run from elsewhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../bench/testing/cli.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const directory = temporaryDirectory();
after(() => directory.remove());

function run(program: string, args: readonly string[], cwd = directory.path) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function bench(...args: string[]) {
  return run(path.join(directory.path, 'node_modules', '.bin', 'bench'), args);
}

before(() => {
  const packed = run('npm', ['pack', '--pack-destination', directory.path], ROOT);
  assert.equal(packed.status, 0, packed.stderr);
  const [tarball = ''] = readdirSync(directory.path);
  writeFileSync(path.join(directory.path, 'package.json'), '{"private":true}');
  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const installed = run('npm', ['install', ...flags, `./${tarball}`]);
  assert.equal(installed.status, 0, installed.stderr);
  assert.equal(
    existsSync(path.join(directory.path, 'node_modules', 'typescript')),
    false,
    'without development',
  );
});

test('every verb is there and can be asked for help', () => {
  const { status, stdout, stderr } = bench('--help');
  assert.equal(status, 0, stderr);
  const verbs = [...stdout.matchAll(/^ {2}bench (\w+)/gm)].map(([, verb]) => verb!);
  assert.ok(verbs.length >= 12, stdout);
  for (const verb of new Set(verbs)) assert.equal(bench(verb, '--help').status, 0, verb);
});

test('a run on its local stage measures, with all files of a run directory', () => {
  const load = [
    '--connections',
    '20',
    '--rate',
    '100',
    '--duration',
    '2s',
    '--warmup',
    '1s',
    '--drain',
    '3s',
  ];
  const thresholds = ['--threshold', 'messages.lost == 0'];
  const { status, stderr } = bench(
    'run',
    'quick',
    ...load,
    ...thresholds,
    '--profile',
    'ideal',
    '--out',
    'run',
  );
  assert.ok(status === 0 || status === 4, stderr);
  const out = path.join(directory.path, 'run');
  const files = ['index.html', 'junit.xml', 'latency.hlog', 'result.json', 'summary.md', 'violations.ndjson'];
  assert.deepEqual(
    files.filter((file) => !existsSync(path.join(out, file))),
    [],
  );
  const result = JSON.parse(readFileSync(path.join(out, 'result.json'), 'utf8'));
  assert.deepEqual([result.messages.scheduled, result.messages.delivered], [200, 200]);
  assert.equal(bench('report', 'run').status, 0);
});

test('a simulation with faults, and a template that is not there, end as they should', () => {
  const load = ['--connections', '10', '--rate', '100', '--duration', '20s'];
  const simulated = bench('simulate', 'quick', ...load, '--faults', 'lossy', '--out', 'simulated', '--quiet');
  assert.equal(simulated.status, 0, simulated.stderr);
  const refused = bench('run', '--template', 'absent.yaml');
  assert.deepEqual([refused.status, refused.stderr], [2, 'error: template: absent.yaml does not exist\n']);
});
