/** Values of a URL's query and of headers are used, and are in no file and no output, whatever becomes of the run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  assertNoSecret,
  COOKIE,
  directory,
  filesIn,
  HEADER,
  outcomeOf,
  seen,
  TOKEN,
} from './testing/secrets.ts';

test('a run that is measured, one that is refused and one that is interrupted leave no secret behind', async () => {
  for (const [where, out, interrupt] of [
    ['good', 'good', false],
    ['refuse', 'bad', false],
    ['good', 'cut', true],
  ] as const) {
    seen.length = 0;
    const { stdout, stderr } = await outcomeOf(where, out, interrupt);
    const [first] = seen;
    assert.deepEqual(first, {
      url: `/${where}?token=${encodeURIComponent(TOKEN)}&room=7`,
      cookie: `a=1; session=${COOKIE}`,
      header: HEADER,
    });
    assertNoSecret(`stdout of ${out}`, stdout);
    assertNoSecret(`stderr of ${out}`, stderr);
    if (where === 'refuse') assert.match(stderr, /\/refuse\?token=…&room=… was reached, .*HTTP_401/);
  }
  const written = filesIn(directory).filter((file) => !file.endsWith('.yaml'));
  assert.ok(written.some((file) => file.endsWith('violations.ndjson')));
  for (const file of written) assertNoSecret(file, readFileSync(file, 'latin1'));
});
