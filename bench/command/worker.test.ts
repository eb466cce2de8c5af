/** A worker by its command, where there is nobody to tell it a start. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { OperatingError } from '../model/failure.ts';
import { asked } from './testing/asked.ts';
import { workerCommand } from './worker.ts';
import { WORKER_FLAGS } from './worker-options.ts';

test('a worker whose start never comes ends by itself, with the reason', async (t) => {
  const store = mkdtempSync(path.join(tmpdir(), 'worker-'));
  t.after(() => rmSync(store, { recursive: true }));
  const plan = path.join(store, 'plan.json');
  writeFileSync(plan, JSON.stringify({ stage: 'ws://127.0.0.1:1', connections: 2, rate: 10, threads: 1 }));
  const given = { plan, index: '0', of: '2', runId: '0123456789abcdef', out: store };
  const coming = workerCommand(asked(WORKER_FLAGS, { ...given, startAt: 'told', patience: '50ms' }));
  await assert.rejects(coming, (error) => {
    assert.ok(error instanceof OperatingError);
    assert.match(error.message, /^no start was told in file:.* within 1 s: the 'bench fleet run' /);
    return true;
  });
});
