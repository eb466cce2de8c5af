/** Documents: generated pages are those of the files, and READMEs stay short. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedPages, purposeOf } from './readmes.ts';

const textOf = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('every generated page is as `npm run readmes` writes it', () => {
  const stale = [...generatedPages()].filter(([page, text]) => textOf(page) !== text).map(([page]) => page);
  assert.deepEqual(stale, [], 'run `npm run readmes` and commit what it writes');
});

test('every file says in its header what it is for', () => {
  const silent = [...generatedPages().values()].flatMap((text) => text.match(/^- `[^`]*` $/gm) ?? []);
  assert.deepEqual(silent, []);
});

test('a purpose is the first sentence of a header, whatever comes before it', () => {
  assert.equal(purposeOf('/** One thing. Another. */\n'), 'One thing.');
  assert.equal(purposeOf('/**\n * Two lines of\n * v1.2 text.\n */\n'), 'Two lines of v1.2 text.');
  assert.equal(
    purposeOf('#!/usr/bin/env bash\n# A script: it\n# runs. More.\nset -e\n'),
    'A script: it runs.',
  );
  assert.equal(purposeOf('// biome-ignore-all x: y\n/** After that. */\n'), 'After that.');
  assert.equal(
    purposeOf("Version: '1'\nDescription: >-\n  A template. Of ours.\nParameters:\n"),
    'A template.',
  );
  assert.equal(purposeOf("import x from 'y';\n/** Not of the file. */\n"), '');
});
