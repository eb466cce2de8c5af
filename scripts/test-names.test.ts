/** How a test runs is in its file's name: see scripts/test.mjs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TESTS = ['bench', 'stack', 'reports', 'scripts'].flatMap((part) =>
  readdirSync(path.join(ROOT, part), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(part, file))
    .filter((file) => file.endsWith('.test.ts')),
);

/** What is changed for all tests of a process. */
const CHANGES_PROCESS =
  /\bprocess\.env\.\w+ =[^=]|\bdelete process\.env|\bprocess\.chdir\(|\bprocess\.env\[[^\]]+\] =[^=]/;

test('a test that shares its process leaves it as it is; one that does not is named x.run.test.ts', () => {
  const sharing = TESTS.filter((file) => !/\.(run|cli|e2e|proof|browser)\.test\.ts$/.test(file));
  const changing = sharing.filter((file) =>
    CHANGES_PROCESS.test(readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/\/\/.*$/gm, '')),
  );
  assert.deepEqual(
    changing.filter((file) => path.basename(file) !== 'test-names.test.ts'),
    [],
  );
});

test('a name says one way to run', () => {
  const plain = /^[\w-]+(\.(prop|run|cli|e2e|proof|browser))?\.test\.ts$/;
  assert.deepEqual(
    TESTS.filter((file) => !plain.test(path.basename(file))),
    [],
  );
});
