import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type FixtureKind, fixture, writeFixture } from '../testing/fixture.ts';
import { readRun } from './directory.ts';
import type { RunReading } from './reading.ts';

let parent: string;
before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'bench-reports-'));
});
after(() => rm(parent, { recursive: true, force: true }));

async function directoryOf(kind: FixtureKind): Promise<string> {
  const directory = await mkdtemp(join(parent, 'run-'));
  await writeFixture(directory, fixture(kind));
  return directory;
}

const at = (points: RunReading['distributions']['response']['points'], percentile: number): number =>
  points.find((point) => point.percentile === percentile)?.valueMs ?? Number.NaN;

test('a run directory is read with its result, both curves and no gaps', async () => {
  const { result, distributions, gaps, violations } = await readRun(await directoryOf('valid'));
  const { response, service } = fixture('valid').result.latency;
  assert.deepEqual(result, fixture('valid').result);
  assert.equal(distributions.response.count, response.count);
  assert.equal(at(distributions.response.points, 99), response.p99);
  assert.equal(at(distributions.service.points, 50), service.p50);
  assert.deepEqual([gaps, violations], [[], []]);
});

test('violations are read in order, each kind with its fields, and counted', async () => {
  const written = fixture('violations').violations;
  const reading = await readRun(await directoryOf('violations'));
  assert.deepEqual(reading.violations, written);
  assert.equal(reading.violationsTotal, written.length);
  assert.deepEqual(reading.gaps, []);
});

test('only the first 200 violations of a kind are kept, and all are counted', async () => {
  const directory = await directoryOf('violations');
  const line = JSON.stringify(fixture('violations').violations[0]);
  const lost = JSON.stringify({ kind: 'lost', stream: 1, sequence: 2, intendedMs: 3, sentMs: 4 });
  const lines = [...Array<string>(499).fill(line), lost, ''];
  await appendFile(join(directory, 'violations.ndjson'), lines.join('\n'));
  const { violations, violationsTotal } = await readRun(directory);
  assert.equal(violations.filter(({ kind }) => kind === 'reordered').length, 200);
  assert.equal(violations.filter(({ kind }) => kind === 'lost').length, 4, 'the last line is not hidden');
  assert.equal(violationsTotal, fixture('violations').violations.length + 500);
});

test('a missing histogram log is a gap, unless no answer came at all', async () => {
  const partial = await readRun(await directoryOf('partial'));
  assert.deepEqual(partial.distributions.response, { count: 0, points: [] });
  assert.deepEqual(partial.gaps, ['latency.hlog is missing, so there is no percentile curve.']);
  assert.deepEqual((await readRun(await directoryOf('empty'))).gaps, []);
});

test('violations that were counted but not listed are a gap', async () => {
  const directory = await directoryOf('violations');
  await rm(join(directory, 'violations.ndjson'));
  assert.match((await readRun(directory)).gaps.join(), /counted but not listed/);
});

test('a damaged line of either log is reported and the rest is read', async () => {
  const directory = await directoryOf('violations');
  const log = await readFile(join(directory, 'latency.hlog'), 'utf8');
  await writeFile(join(directory, 'latency.hlog'), log.slice(0, -100));
  await writeFile(join(directory, 'violations.ndjson'), '{"kind":"lost"}\n{"kind":"lo\n');
  const { gaps, violations, violationsTotal } = await readRun(directory);
  assert.deepEqual([violations, violationsTotal], [[], 2]);
  assert.match(gaps.join(' '), /violations\.ndjson has 2 damaged/);
});

test('a log that disagrees with the counts is a gap with both figures', async () => {
  const directory = await directoryOf('valid');
  const lines = (await readFile(join(directory, 'latency.hlog'), 'utf8')).split('\n');
  await writeFile(
    join(directory, 'latency.hlog'),
    lines.filter((line) => !line.startsWith('Tag=response,5.000')).join('\n'),
  );
  assert.match((await readRun(directory)).gaps.join(), /holds 29500 response times and result\.json 30000/);
});

test('service times that the log lacks are a gap too', async () => {
  const directory = await directoryOf('valid');
  const path = join(directory, 'latency.hlog');
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, lines.filter((line) => !line.startsWith('Tag=service,5.000')).join('\n'));
  assert.match((await readRun(directory)).gaps.join(), /holds 29500 service times and result\.json 30000/);
});

test('without a readable result the error names the file and the remedy', async () => {
  const directory = await directoryOf('valid');
  await writeFile(join(directory, 'result.json'), '{"schema":1,"id":"5f');
  await assert.rejects(readRun(directory), /result\.json can't be read: it is cut short/);
  await assert.rejects(
    readRun(join(directory, 'none')),
    /result\.json does not exist: name the directory that has result/,
  );
});
