import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fixture, writeFixture } from './testing/fixture.ts';
import { writeReports } from './write.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bench-reports-'));
  await writeFixture(directory, fixture('violations'));
});
after(() => rm(directory, { recursive: true, force: true }));

const REPORTS = ['index.html', 'junit.xml', 'summary.md'];

test('the reports appear beside the data, whole, and nothing else does', async () => {
  const paths = await writeReports(directory);
  assert.deepEqual(paths.map((path) => path.slice(directory.length + 1)).sort(), REPORTS);
  const names = await readdir(directory);
  assert.deepEqual(names.sort(), [...REPORTS, 'latency.hlog', 'result.json', 'violations.ndjson'].sort());
});

test('the same data give the same reports, byte for byte', async () => {
  const all = (): Promise<string[]> =>
    Promise.all(REPORTS.map((name) => readFile(join(directory, name), 'utf8')));
  await writeReports(directory);
  const first = await all();
  await writeReports(directory);
  assert.deepEqual(await all(), first);
});

test('an unreadable result leaves earlier reports alone', async () => {
  await writeReports(directory);
  const before = await readFile(join(directory, 'summary.md'), 'utf8');
  await writeFile(join(directory, 'result.json'), '{"schema": 2}');
  await assert.rejects(writeReports(directory), /schema 2/);
  assert.equal(await readFile(join(directory, 'summary.md'), 'utf8'), before);
});
