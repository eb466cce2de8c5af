import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FileStore } from '../fleet/store-file.ts';
import { ConfigurationError } from '../model/failure.ts';
import { claim, contentsOf, DirectoryInUse, makeDirectory, release } from './directory.ts';
import { RunDirectory } from './run-directory.ts';

const home = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
after(() => rmSync(home, { recursive: true }));
let made = 0;
const fresh = (): string => {
  const place = path.join(home, `d${made++}`);
  mkdirSync(place);
  return place;
};
const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('a directory is claimed once, until it is given back', () => {
  const place = fresh();
  claim(place);
  assert.throws(() => claim(place), DirectoryInUse);
  assert.deepEqual(contentsOf(place), [], 'the claim is no content');
  release(place);
  assert.deepEqual(readdirSync(place), []);
  claim(place);
  release(place);
});

test('a claim counts while its process lives, and where that can’t be known', () => {
  const claimed = (text: string): string => {
    const place = fresh();
    writeFileSync(path.join(place, '.claim'), text);
    return place;
  };
  const parent = claimed(`${process.ppid} ${hostname()}\n`);
  assert.throws(() => claim(parent), { message: new RegExp(`process ${process.ppid} on ${hostname()}`) });
  const elsewhere = claimed('1 another-machine\n');
  assert.throws(() => claim(elsewhere), /process 1 on another-machine; name another directory/);
  assert.throws(() => claim(claimed('')), /another command/, 'one that is being written');
  for (const pid of [gone(), process.pid]) {
    const place = claimed(`${pid} ${hostname()}\n`);
    claim(place);
    release(place);
    assert.deepEqual(readdirSync(place), [], `process ${pid} is gone`);
  }
});

test('a run takes a directory that is new or empty, and nobody else takes it then', () => {
  const place = path.join(home, 'new', 'run');
  const first = new RunDirectory(place);
  assert.throws(() => new RunDirectory(place), /out: .* is being written by process/);
  first.discard();
  assert.ok(!existsSync(path.join(home, 'new')), 'what was made is removed, its parents too');
  const empty = fresh();
  new RunDirectory(empty).discard();
  assert.deepEqual(readdirSync(empty), [], 'one that was there stays');
  writeFileSync(path.join(empty, 'mine.txt'), '');
  assert.throws(() => new RunDirectory(empty), /is not empty/);
  assert.deepEqual(readdirSync(empty), ['mine.txt']);
});

test('a run that was killed before it wrote anything leaves its directory to the next', () => {
  const place = fresh();
  writeFileSync(path.join(place, '.claim'), `${gone()} ${hostname()}\n`);
  writeFileSync(path.join(place, 'result.json.123.tmp'), '{"half');
  new RunDirectory(place).discard();
});

test('directories where none can be made are refused at once, by whoever makes some', async () => {
  assert.throws(() => makeDirectory('/proc/x/y'), { code: 'ENOENT' });
  assert.throws(() => new RunDirectory('/proc/x/y'), ConfigurationError);
  const store = new FileStore(new URL('file:///proc/x/y'));
  await assert.rejects(store.put('name', new Uint8Array()), /The store file:\/\/\/proc\/x\/y can't be used/);
  await assert.rejects(store.clock('name'), /can't be used/);
});
