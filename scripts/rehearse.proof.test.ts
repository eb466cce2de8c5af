/** The rehearsal as a user starts it: all of it is survived, and whatever becomes of it nothing is left. About four minutes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory, watched } from '../bench/testing/cli.ts';
import { STEPS } from './rehearsal/steps.ts';

const SCRIPT = fileURLToPath(new URL('./rehearse.ts', import.meta.url));
const directory = temporaryDirectory();
after(() => directory.remove());

/** Processes inherit it, so that they are known. */
const MARKER = `BENCH_REHEARSAL_PROOF=${process.pid}`;
const [KEY, VALUE] = MARKER.split('=') as [string, string];

function started(name: string) {
  const out = path.join(directory.path, name);
  const env = { ...process.env, [KEY]: VALUE };
  const args = ['--import', 'tsx', SCRIPT, '--out', out];
  return { out, ...watched(spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })) };
}

/** Command lines of what still runs. */
function running(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(MARKER);
      return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      return [];
    }
  });
}

function assertNothingLeft(): void {
  assert.deepEqual(running(), []);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith('bench-rehearsal-')),
    [],
  );
}

test('Ctrl-C ends all that it started, and the table so far is there', { timeout: 120_000 }, async () => {
  const { child, exited, out, saw } = started('interrupted');
  await saw(/^[✓✗] /m);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await exited;
  assert.equal(code, 130, stderr);
  assert.match(stdout, /^[✓✗] [\s\S]*^\d+ of \d+ survived in .*; \d+ were not rehearsed$/m);
  assert.deepEqual(
    readdirSync(out).filter((name) => name.endsWith('.md')),
    ['rehearsal.md'],
  );
  assertNothingLeft();
});

test('every trap is survived in under five minutes', { timeout: 600_000 }, async () => {
  const startMs = performance.now();
  const { exited, out } = started('whole');
  const { code, stdout, stderr } = await exited;
  assert.equal(code, 0, stdout + stderr);
  const table = readFileSync(path.join(out, 'rehearsal.md'), 'utf8');
  assert.equal(table.match(/ \| ✓ \|$/gm)?.length, STEPS.length);
  assert.ok(performance.now() - startMs < 300_000, `${performance.now() - startMs} ms`);
  assertNothingLeft();
});
