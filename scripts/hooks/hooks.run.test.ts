/** What the hook for commit messages takes and refuses. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const HOOK = fileURLToPath(new URL('commit-msg', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'bench-hooks-'));
after(() => rmSync(directory, { recursive: true }));

function said(message: string): string {
  const file = path.join(directory, 'message');
  writeFileSync(file, message);
  return spawnSync(HOOK, [file], { encoding: 'utf8' }).stderr.trim();
}

test('a message has an area, a summary, and a body that says why', () => {
  assert.equal(said('measure: count late arrivals\n\nThey were left out.\n'), '');
  assert.equal(said('\n# a comment\nstage, aws: one reader\n# another\n\nTwo differed.\n'), '');
  assert.equal(said('Merge branch x\n'), '');
  assert.equal(said('fixup! measure: count late arrivals\n'), '');
  assert.match(said('Count late arrivals\n\nWhy.\n'), /begin with 'area: summary'/);
  assert.match(said(`measure: ${'x'.repeat(100)}\n\nWhy.\n`), /109 characters, 100 at most/);
  assert.match(said('measure: count\nWhy.\n'), /second line empty/);
  assert.match(said('measure: count late arrivals\n\n# nothing but a comment\n'), /say why in a body/);
});
