import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ConfigurationError } from '../model/failure.ts';
import { historyCommand } from './history.ts';
import { type HistoryFlags, parseHistoryFlags } from './history-options.ts';

const place = mkdtempSync(path.join(tmpdir(), 'history-command-'));
after(() => rmSync(place, { recursive: true, force: true }));

const FLAGS: HistoryFlags = {
  smallestEffect: undefined,
  last: undefined,
  seed: undefined,
  metrics: [],
  fail: true,
};

test('everything that is wrong with the flags is said at once', () => {
  assert.deepEqual(parseHistoryFlags({ ...FLAGS, smallestEffect: '2.5 %', last: '30' }), {
    smallestEffect: 0.025,
    last: 30,
    seed: 1,
    metrics: [],
    isFailing: true,
  });
  try {
    parseHistoryFlags({ ...FLAGS, smallestEffect: '5', last: '0', seed: 'x' });
    assert.fail('not refused');
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    assert.deepEqual(
      error.problems.map((problem) => problem.split(':')[0]),
      ['smallest-effect', 'last', 'seed'],
    );
  }
});

function codeOf(verdict: string, flags: Partial<HistoryFlags>, out: string): Promise<number> {
  return historyCommand(
    {
      directory: 'x',
      flags: { ...FLAGS, ...flags },
      out: path.join(place, out),
      quiet: true,
      json: false,
    },
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
