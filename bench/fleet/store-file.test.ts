/** The store in a directory: whole files, no second writer, and refusals that a person can act on. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../node/clock.ts';
import { probeClock } from './agreed-start.ts';
import { StoreError } from './store.ts';
import { FileStore } from './store-file.ts';

const parent = mkdtempSync(path.join(tmpdir(), 'bench-store-'));
after(() => rmSync(parent, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const storeAt = (name: string) => new FileStore(pathToFileURL(path.join(parent, name)));

test('of many that add one file at once, one does, and its file is whole', async () => {
  const store = storeAt('race');
  const added = await Promise.all(
    [...'abcdefgh'].map((letter) => store.add('file', bytes(letter.repeat(9)))),
  );
  assert.equal(added.filter(Boolean).length, 1);
  const text = new TextDecoder().decode((await store.get('file')) ?? undefined);
  assert.match(text, /^(.)\1{8}$/);
  assert.deepEqual(readdirSync(path.join(parent, 'race')), ['file'], 'drafts are left');
});

test('a missing store is empty', async () => {
  const store = storeAt('none');
  assert.equal(await store.get('file'), null);
  assert.deepEqual(await store.list(''), []);
});

test('a store that can’t be written says so, and is not taken for one that has the file', async () => {
  writeFileSync(path.join(parent, 'occupied'), '');
  const store = storeAt('occupied');
  for (const doing of [
    () => store.put('file', bytes('a')),
    () => store.add('file', bytes('a')),
    () => store.clock('clock'),
  ])
    await assert.rejects(doing, (error: Error) => {
      assert.ok(error instanceof StoreError, error.stack);
      return /^The store file:.*occupied can't be used: E(EXIST|NOTDIR)/.test(error.message);
    });
});

test('a store that can’t be written is found by the first comparison of clocks; a later failure costs only precision', async () => {
  const place = path.join(parent, 'no-directory');
  writeFileSync(place, '');
  await assert.rejects(probeClock(storeAt('no-directory'), systemClock, 'clock'), StoreError);
  const store = storeAt('moody');
  let asked = 0;
  const moody = Object.assign(Object.create(store) as FileStore, {
    clock: (name: string) => (++asked > 1 ? Promise.reject(new StoreError('full')) : store.clock(name)),
  });
  assert.equal((await probeClock(moody, systemClock, 'clock'))?.probes, 1);
});

test('the time of the store is the time of now', async () => {
  const before = Date.now();
  const { resolutionMs } = storeAt('time');
  const stamp = await storeAt('time').clock('clock');
  assert.ok(stamp >= before - resolutionMs && stamp <= Date.now() + 1, `${stamp} at ${before}`);
});
