/** What is read of a side. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixture } from '../testing/fixture.ts';
import { readSide, UnreadableSide } from './side.ts';

const place = mkdtempSync(join(tmpdir(), 'side-test-'));
after(() => rmSync(place, { recursive: true, force: true }));

const { result } = fixture('valid');

let count = 0;
const fresh = (): string => join(place, `${++count}`);

/** A run directory with these messages lost, of a plan of so many milliseconds. */
function save(directory: string, lost: number, violations?: string, durationMs = 3000, id = 'a'): string {
  mkdirSync(directory, { recursive: true });
  const messages = { ...result.messages, lost };
  const written = { ...result, id, plan: { ...result.plan, durationMs }, messages };
  writeFileSync(join(directory, 'result.json'), JSON.stringify(written));
  if (violations !== undefined) writeFileSync(join(directory, 'violations.ndjson'), violations);
  return directory;
}

const lost = (sentMs: number) =>
  JSON.stringify({ kind: 'lost', stream: 1, sequence: 1, intendedMs: 9, sentMs });
const UNEXPECTED = JSON.stringify({
  kind: 'unexpected',
  stream: 1,
  what: 'corrupt',
  arrivedMs: 100,
  excerpt: '',
});

const lostBySecond = (...run: [lost: number, violations?: string, durationMs?: number]) =>
  readSide(save(fresh(), ...run)).runs[0]!.lostBySecond;

test('lost messages are counted by the second in which they were sent, as long as each has a witness', () => {
  const lines = [lost(-5), lost(0), lost(999), UNEXPECTED, '', lost(1000), 'damaged', lost(9999)];
  assert.deepEqual(lostBySecond(5, `${lines.join('\n')}\n`), [3, 1, 1]);
  assert.deepEqual(lostBySecond(5, lines.join('\n'), 2001), [3, 1, 1], 'a second that was begun is one');
  assert.equal(lostBySecond(6, lines.join('\n')), null);
  assert.equal(lostBySecond(4, lines.join('\n')), null);
  assert.deepEqual(lostBySecond(0, lines.join('\n')), [0, 0, 0], 'of none nothing is read');
  assert.deepEqual(lostBySecond(0), [0, 0, 0]);
  assert.equal(lostBySecond(1), null);
});

test('without a log there is no latency, and that is said once', () => {
  const directory = save(fresh(), 0);
  const { label, runs } = readSide(directory);
  assert.deepEqual(
    [label, runs.map(({ directory: at, response, service, gaps }) => ({ at, response, service, gaps }))],
    [
      directory,
      [
        {
          at: directory,
          response: [],
          service: [],
          gaps: [`${directory} has no latency.hlog, so its latency can't be compared.`],
        },
      ],
    ],
  );
});

test('a directory of repeats is read in order, but for what is hidden and what is no directory', () => {
  const directory = fresh();
  for (const name of ['10', '2', '.hidden', 'ends.']) save(join(directory, name), 0, '', 3000, name);
  writeFileSync(join(directory, 'notes.txt'), '');
  const { label, runs } = readSide(directory);
  assert.deepEqual(
    [label, runs.map((run) => run.directory)],
    [directory, ['10', '2', 'ends.'].map((name) => join(directory, name))],
  );
});

test('all that can’t be read is told, each by name', () => {
  const directory = fresh();
  for (const name of ['a', 'c']) mkdirSync(join(directory, name), { recursive: true });
  save(join(directory, 'b'), 0);
  assert.throws(
    () => readSide(directory),
    (error) => {
      assert.ok(error instanceof UnreadableSide);
      assert.deepEqual(
        error.problems,
        ['a', 'c'].map((name) => `${join(directory, name)} is no run: it has no result.json.`),
      );
      return true;
    },
  );
});
