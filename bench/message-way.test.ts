/** The way of a message, as README.md lists it, against the imports of the files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HERE = path.join(ROOT, 'bench');
const textOf = (file: string) => readFileSync(path.join(HERE, file), 'utf8');

const MAX_FILES = 15;

/** Rows of the table: the file, whether it does something for each message, and files that help it. */
const WAY = textOf('README.md')
  .split("## A message's way")[1]!
  .split('\n## ')[0]!
  .split('\n')
  .map((line) => /^\| \d+ \| `([^`]+)`(\*?) \| [^|]+ \|([^|]*)\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, file, star, helpers]) => ({
    file: file!,
    isPerMessage: star === '*',
    helpers: [...helpers!.matchAll(/`([^`]+)`/g)].map(([, helper]) => helper!),
  }));

/** The files that it imports, relative to this folder: all of them, or without those of which it needs types only. */
function importsOf(file: string, kind: 'all' | 'values'): string[] {
  return [...textOf(file).matchAll(/^import (type )?([^;']*) from '(\.[^']+)';/gm)]
    .filter(([, type, names]) => kind === 'all' || (type === undefined && !isOfTypes(names!)))
    .map(([, , , name]) => path.relative(HERE, path.resolve(HERE, path.dirname(file), name!)));
}

const isOfTypes = (names: string) =>
  names
    .replaceAll(/[{}]/g, '')
    .split(',')
    .every((name) => name.trim() === '' || name.trim().startsWith('type '));

/** Whether one imports the other, or both know each other by a seam. */
function meet(one: string, other: string): boolean {
  const [its, others] = [importsOf(one, 'all'), importsOf(other, 'all')];
  return (
    its.includes(other) || others.includes(one) || [its, others].every((all) => all.includes('ports.ts'))
  );
}

test('a message passes at most 15 files, and each meets one before it by an import or a seam', () => {
  const files = WAY.map(({ file }) => file);
  assert.ok(files.length > 10 && files.length <= MAX_FILES, `${files.length} files`);
  const alone = files.filter(
    (file, index) => index > 0 && !files.slice(0, index).some((before) => meet(before, file)),
  );
  assert.deepEqual(alone, []);
});

test('what runs for each message calls nothing but files on the way and the helpers that the table names', () => {
  const files = WAY.map(({ file }) => file);
  const perMessage = WAY.filter(({ isPerMessage }) => isPerMessage);
  const unlisted = perMessage.flatMap(({ file, helpers }) =>
    importsOf(file, 'values')
      .filter((name) => !files.includes(name) && !helpers.includes(name))
      .map((name) => `${file} imports ${name}`),
  );
  assert.deepEqual(unlisted, []);
  const idle = perMessage.flatMap(({ file, helpers }) =>
    helpers.filter((name) => !importsOf(file, 'values').includes(name)),
  );
  assert.deepEqual(idle, [], 'helpers that nobody calls');
});
