import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { ConfigurationError } from '../model/failure.ts';
import { HISTORY_FLAGS, historyCommand } from './history.ts';
import { asked, type Typed } from './testing/asked.ts';

const place = mkdtempSync(path.join(tmpdir(), 'history-command-'));
after(() => rmSync(place, { recursive: true, force: true }));

type Flags = Typed<typeof HISTORY_FLAGS>;

test('everything that is wrong with the flags is said at once', async () => {
  const { flags } = asked(HISTORY_FLAGS, { smallestEffect: '2.5 %', last: '30' });
  const { smallestEffect, last, seed, metric, fail } = flags;
  assert.deepEqual([smallestEffect, last, seed, metric, fail], [0.025, 30, 1, null, true]);
  await assert.rejects(
    codeOf('steady', { smallestEffect: '5', last: '0', seed: 'x' }, 'refused'),
    (error: ConfigurationError) => {
      assert.deepEqual(
        error.problems.map((problem) => problem.split(':')[0]),
        ['smallest-effect', 'last', 'seed'],
      );
      return true;
    },
  );
});

function codeOf(verdict: string, flags: Flags, out: string): Promise<number> {
  return historyCommand(
    asked(HISTORY_FLAGS, { ...flags, out: path.join(place, out), quiet: true }, { words: ['x'] }),
    {
      read: () => ({ verdict }),
      write: async (directory) => writeFileSync(path.join(directory, 'history.json'), '{}'),
      summary: () => [],
    },
  );
}

test('a regression is exit code 3 unless --no-fail; anything else is 0', async () => {
  assert.equal(await codeOf('regression', {}, 'a'), 3);
  assert.equal(await codeOf('regression', { fail: false }, 'b'), 0);
  assert.equal(await codeOf('no regression', {}, 'c'), 0);
  assert.equal(await codeOf('too few', {}, 'd'), 0);
});

test('an earlier history is written over; a run, or a directory of anything else, is not', async () => {
  assert.equal(await codeOf('too few', {}, 'again'), 0);
  assert.equal(await codeOf('too few', {}, 'again'), 0);
  for (const [name, file] of [
    ['run', 'result.json'],
    ['letters', 'letter.txt'],
  ] as const) {
    mkdirSync(path.join(place, name));
    writeFileSync(path.join(place, name, file), '');
    await assert.rejects(codeOf('too few', {}, name), /is a run|is not empty/);
  }
});
