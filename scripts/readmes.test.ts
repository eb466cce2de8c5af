/** Documents: generated pages are those of the files, links lead somewhere, and READMEs stay short. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generatedPages, purposeOf } from './readmes.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const textOf = (page: string) => readFileSync(path.join(ROOT, page), 'utf8');

/** Together, so that a person reads them in an hour: what is reference belongs into pages beside the code. */
const MAX_README_WORDS = 12_000;

const PAGES = ['.', 'bench', 'stack', 'reports', 'scripts'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/^runs|golden|node_modules/.test(file))
    .map((file) => path.join(folder, file)),
);

test('every generated page is as `npm run readmes` writes it', async () => {
  const stale = [...(await generatedPages())]
    .filter(([page, text]) => textOf(page) !== text)
    .map(([page]) => page);
  assert.deepEqual(stale, [], 'run `npm run readmes` and commit what it writes');
});

test('every file says in its header what it is for', async () => {
  const silent = [...(await generatedPages()).values()].flatMap((text) => text.match(/^- `[^`]*` $/gm) ?? []);
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

test(`READMEs have ${MAX_README_WORDS} words together at most`, () => {
  const words = PAGES.filter((page) => path.basename(page) === 'README.md').map(
    (page) => textOf(page).split(/\s+/).length,
  );
  assert.equal(words.length, 4);
  assert.ok(
    words.reduce((sum, count) => sum + count, 0) <= MAX_README_WORDS,
    `${words.join(' + ')} words: move reference into pages beside the code`,
  );
});

test('every link between pages leads to a file, and to a heading of it', () => {
  const broken = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^\w+:/.test(link) && !leads(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('every path that a page names is there', () => {
  const pages = PAGES.filter((page) => !/decisions|CHANGELOG|FILES\.md$/.test(page));
  const missing = pages.flatMap((page) =>
    [...textOf(page).matchAll(/`((?:bench|stack|reports|scripts|\.github)\/[\w./-]+)`/g)]
      .map(([, file = '']) => file)
      .filter((file) => !existsSync(path.join(ROOT, file)) && !file.startsWith('reports/runs/'))
      .map((file) => `${page}: ${file}`),
  );
  assert.deepEqual(missing, []);
});

function leads(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = path.join(ROOT, file === '' ? page : path.join(path.dirname(page), file));
  if (!existsSync(target)) return false;
  return heading === undefined || (statSync(target).isFile() && headingsOf(target).includes(heading));
}

/** Headings as GitHub names them. */
function headingsOf(file: string): string[] {
  const headings = readFileSync(file, 'utf8').match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
