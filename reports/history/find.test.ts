import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeHistory, writeSavedReports } from '../saved-reports.ts';
import { fixture } from '../testing/fixture.ts';
import { findRuns, UnusableHistory } from './find.ts';
import { historyFixture } from './testing/fixture.ts';

const place = mkdtempSync(join(tmpdir(), 'history-test-'));
after(() => rmSync(place, { recursive: true, force: true }));

function save(directory: string, data: unknown, file = 'result.json'): void {
  mkdirSync(join(place, directory), { recursive: true });
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  writeFileSync(join(place, directory, file), text);
}

const problemsOf = (directory: string): string => {
  try {
    findRuns(join(place, directory));
    return '';
  } catch (error) {
    assert.ok(error instanceof UnusableHistory, String(error));
    return error.problems.join('\n');
  }
};

const { result } = fixture('valid');
const run = (id: string) => ({ ...result, id });

test('runs are found at any level down to the bound; the directory that was searched holds no repeats of its own', () => {
  for (const repeat of ['01', '02']) save(`deep/2026/entry/${repeat}`, run(`a${repeat}`));
  save('deep/2026/entry/trend', {}, 'history.json');
  save('deep/single', run('b'));
  save('deep/1/2/3/4/5', run('too deep'));
  save('deep/.hidden/01', run('hidden'));
  const { runs, leftOut } = findRuns(join(place, 'deep'));
  assert.deepEqual(
    runs.map(({ directory, isAmongRuns }) => [directory, isAmongRuns]),
    [
      ['2026/entry/01', true],
      ['2026/entry/02', true],
      ['single', false],
    ],
  );
  assert.deepEqual(leftOut, []);
  const below = findRuns(join(place, 'deep/2026/entry'));
  assert.deepEqual(
    below.runs.map(({ isAmongRuns }) => isAmongRuns),
    [false, false],
  );
});

test('runs of older versions that share an id are told apart by what was measured', () => {
  for (const repeat of [1, 2]) {
    const startedAt = `2026-01-0${repeat}T00:00:00.000Z`;
    for (const cell of ['a', 'b'])
      save(`old-ids/${cell}-${repeat}`, { ...run('1'), startedAt, plan: { ...result.plan, name: cell } });
  }
  const { runs, leftOut } = findRuns(join(place, 'old-ids'));
  assert.deepEqual([runs.length, leftOut], [4, []]);
});

test('links are followed, once each and not in circles, and broken ones passed over', () => {
  save('linked/elsewhere/1', run('l1'));
  save('outside/2', run('l2'));
  symlinkSync(join(place, 'outside'), join(place, 'linked/out'));
  symlinkSync(join(place, 'linked'), join(place, 'linked/elsewhere/circle'));
  symlinkSync(join(place, 'linked/elsewhere/1'), join(place, 'linked/same'));
  symlinkSync(join(place, 'nothing'), join(place, 'linked/broken'));
  const { runs, leftOut } = findRuns(join(place, 'linked'));
  assert.deepEqual(
    runs.map(({ directory }) => directory),
    ['elsewhere/1', 'out/2'],
  );
  assert.deepEqual(leftOut, []);
  symlinkSync(join(place, 'linked'), join(place, 'link-to-all'));
  assert.equal(findRuns(join(place, 'link-to-all')).runs.length, 2);
});

test('of more runs than are read the newest are taken, and it says how many were not', () => {
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
    // The directories' order is not that of time, and that of the files says nothing after a checkout.
    save(`many/${name}`, { ...run(name), startedAt: new Date(Date.UTC(2026, 0, 10 - index)).toISOString() });
  }
  const { runs, leftOut } = findRuns(join(place, 'many'), 2);
  assert.deepEqual(
    runs.map(({ directory }) => directory),
    ['a', 'b'],
  );
  assert.deepEqual(leftOut, [
    { directory: 'many', reason: 'the oldest 2 of its 4 runs: the newest 2 are read.' },
  ]);
});

test('a directory that is itself a run has the name of that directory', () => {
  save('alone/run-1', run('x'));
  const { directory, runs } = findRuns(join(place, 'alone/run-1'));
  assert.deepEqual([directory, runs[0]?.directory], [join(place, 'alone/run-1'), 'run-1']);
  assert.equal(findRuns(join(place, 'alone/run-1', '..')).directory, join(place, 'alone'));
});

test('a sweep, or a part of one, has no history: it says so, and what to give', () => {
  save('sweep', {}, 'sweep.json');
  save('sweep/runs/a/1', run('s'));
  const whole = problemsOf('sweep');
  assert.match(whole, /sweep is a sweep: its settings are compared with each other, so they have no history/);
  assert.match(whole, /is in .*sweep\/index\.html\. For a history give a directory with runs of one plan/);
  assert.match(problemsOf('sweep/runs'), /sweep\/runs is part of a sweep, .*\/sweep: its settings/);
  assert.match(problemsOf('sweep/runs/a/1'), /is part of a sweep/);
});

test('what can’t be read or trusted is left out by name with its reason, and costs nothing else', () => {
  save('bad/good', run('good'));
  save('bad/broken', '{"schema": 1, ');
  save('bad/newer', { schema: 7 });
  save('bad/copy', run('good'));
  save('bad/partial', { ...run('p'), partial: true });
  save('bad/invalid', { ...fixture('invalid').result, id: 'i' });
  save('bad/search', {}, 'capacity.json');
  save('bad/search/probes/01', run('probe'));
  const { runs, leftOut } = findRuns(join(place, 'bad'));
  assert.deepEqual(
    runs.map(({ directory }) => directory),
    ['copy'],
  );
  const reasons = Object.fromEntries(leftOut.map(({ directory, reason }) => [directory, reason]));
  assert.match(reasons.broken!, /cut short/);
  assert.match(reasons.newer!, /schema 7/);
  assert.match(reasons.good!, /same run as copy/);
  assert.match(reasons.partial!, /partial/);
  assert.match(reasons.invalid!, /invalid \(.+\): ./);
  assert.match(reasons.search!, /capacity search/);
  assert.equal(leftOut.length, 6);
});

test('a directory that is missing, empty, or holds nothing of use is refused with what is wrong', () => {
  assert.match(problemsOf('nowhere'), /is no directory/);
  mkdirSync(join(place, 'empty/inside'), { recursive: true });
  assert.match(problemsOf('empty'), /holds no run, down to 4 levels/);
  save('useless/partial', { ...run('p'), partial: true });
  assert.match(problemsOf('useless'), /no run that can be used:\npartial: it is partial/);
});

test('a saved history is rendered again to the same bytes, and a broken one is refused by its name', async () => {
  const directory = join(place, 'saved');
  mkdirSync(directory);
  await writeHistory(directory, historyFixture('few'));
  const before = readFileSync(join(directory, 'index.html'), 'utf8');
  await writeSavedReports('history.json', directory);
  assert.equal(readFileSync(join(directory, 'index.html'), 'utf8'), before);
  save('saved', '{', 'history.json');
  await assert.rejects(writeSavedReports('history.json', directory), /history\.json|cut short/);
  await assert.rejects(writeSavedReports('comparison.json', directory), /comparison\.json does not exist/);
});
