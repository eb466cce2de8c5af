/** The flags of the scripts that package.json names: help and refusals without a stack trace. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function run(script: string, ...args: string[]) {
  const given = ['--import', 'tsx', path.join(ROOT, script), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('every script of package.json reads its flags where help and refusals are', () => {
  const ours = Object.values(scripts).flatMap((line) => /scripts\/[\w-]+\.ts/.exec(line) ?? []);
  assert.ok(ours.length >= 13, `${ours.length} scripts`);
  const others = ours.filter(
    (script) => !/scriptArguments\(/.test(readFileSync(path.join(ROOT, script), 'utf8')),
  );
  assert.deepEqual(others, []);
});

test('the performance job says what it does when it is asked, and begins nothing with what it does not know', () => {
  const { status, stdout } = run('scripts/performance.ts', '--help');
  assert.equal(status, 0);
  assert.match(stdout, /^The scheduled performance job[\s\S]*Usage: npm run performance -- --history DIR/);
  const flags = ['--histroy', 'x', '--slo', 'y', 'extra', '--keep=', '--repeats'];
  assert.deepEqual(run('scripts/performance.ts', ...flags), {
    status: 2,
    stdout: '',
    stderr: [
      'error: --histroy: there is no such flag; did you mean --history?',
      "error: unexpected argument 'x'; this takes flags only",
      'error: --slo: there is no such flag; see --help',
      "error: unexpected argument 'y'; this takes flags only",
      "error: unexpected argument 'extra'; this takes flags only",
      'error: keep: has no value; write one after --keep',
      'error: repeats: has no value; write one after --repeats',
      '',
    ].join('\n'),
  });
});

test('what a run would refuse, the performance job refuses before it has a stack', () => {
  const flags = ['--threshold', 'messages.lots == 0', '--stale', '6', '--max-cost', 'x', '--repeats', '-1'];
  assert.deepEqual(run('scripts/performance.ts', ...flags, '--history', 'h', '--out', 'no-such-directory'), {
    status: 2,
    stdout: '',
    stderr: [
      "error: threshold: 'messages.lots == 0' names nothing that result.json has; bench/README.md lists what it has; did you mean messages.lost?",
      "error: stale: '6' is not a duration such as 6h",
      "error: max-cost: 'x' is not an amount of US dollars, such as 0.50",
      "error: repeats: '-1' is not a whole number from 1 to 100",
      '',
    ].join('\n'),
  });
});
