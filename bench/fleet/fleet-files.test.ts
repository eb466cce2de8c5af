import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { partialName } from '../measure/fleet/partial.ts';
import { PLAN_NAME, putProgress, putRun, putStart, withdrawRun } from './fleet-files.ts';
import { openStore } from './open-store.ts';
import { StoreError } from './store.ts';

const RUN = { runId: '0123456789abcdef', planHash: 'f'.repeat(64), of: 2, engine: 'slurm', job: null };

async function filled(t: { after(fn: () => void): void }) {
  const place = path.join(mkdtempSync(path.join(os.tmpdir(), 'fleet-files-')), 'run');
  t.after(() => rmSync(path.dirname(place), { recursive: true, force: true }));
  const store = await openStore(place);
  await store.put(PLAN_NAME, new Uint8Array([1]));
  await putRun(store, RUN);
  await putStart(store, RUN.runId, 0);
  const nothing = { connections: 0, sent: 0, delivered: 0, reason: '' };
  await putProgress(store, { runId: RUN.runId, index: 0, state: 'failed', ...nothing });
  return { place, store };
}

test('a run of which nothing was measured leaves nothing in the store, nor the directory', async (t) => {
  const { place, store } = await filled(t);
  assert.deepEqual(await withdrawRun(store), []);
  assert.equal(existsSync(place), false);
});

test('what is not the run’s stays, and with a partial all of it does', async (t) => {
  const { store } = await filled(t);
  await store.put('notes.txt', new Uint8Array([1]));
  await store.put(partialName(0), new Uint8Array([1]));
  const before = await store.list('');
  assert.deepEqual(await withdrawRun(store), []);
  assert.deepEqual(await store.list(''), before);
  await store.remove(partialName(0));
  await withdrawRun(store);
  assert.deepEqual(await store.list(''), ['notes.txt']);
});

test('what can’t be removed is named', async (t) => {
  const { store } = await filled(t);
  const stubborn = {
    list: (prefix: string) => store.list(prefix),
    remove: (name: string) =>
      name === PLAN_NAME ? Promise.reject(new StoreError('denied')) : store.remove(name),
  };
  assert.deepEqual(await withdrawRun(stubborn), [PLAN_NAME]);
});
