import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryPrefix, sweep } from './function-code.ts';

test('what a killed process left is swept up, and nothing else', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'sweep-test-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  const kept = [
    `${directoryPrefix(process.pid)}abc123`,
    `${directoryPrefix(1)}abc123`,
    'bench-function-x',
    `${gone}`,
  ];
  for (const name of [...kept, `${directoryPrefix(gone)}abc123`])
    mkdirSync(join(parent, name, 'inner'), { recursive: true });
  sweep(parent);
  assert.deepEqual(readdirSync(parent).sort(), [...kept].sort());
});
