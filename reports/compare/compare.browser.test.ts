/** The page of a comparison in a real browser: drawn without complaint or request, at every width and in the dark. */

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../../bench/measure/random.ts';
import { writeComparison, writeSavedReports } from '../saved-reports.ts';
import { assertFits, assertSaved, describeInBrowser, visit } from '../testing/browser.ts';
import { fixture, writeFixture } from '../testing/fixture.ts';
import { compare } from './compare.ts';
import { readSide } from './side.ts';

describeInBrowser('the page of a comparison in a browser', (desk) => {
  test('a comparison with a hostile run is drawn without complaint, request or overflow', async () => {
    const { browser, directory } = desk();
    const sides = await Promise.all(
      (['valid', 'hostile'] as const).map(async (name) => {
        const run = join(directory, name);
        await mkdir(run);
        await writeFixture(run, fixture(name));
        return readSide(run);
      }),
    );
    const options = { smallestEffect: 0.05, smallestRatio: 0.001, seed: 1, forced: true, resamples: 20 };
    const comparison = compare(sides[0]!, [sides[1]!], { ...options, chance: seededRandom(1) });
    await writeComparison(directory, comparison);
    const place = join(directory, 'index.html');
    const written = await readFile(place, 'utf8');
    await writeSavedReports('comparison.json', directory);
    assert.equal(await readFile(place, 'utf8'), written, 'rendered again');
    await visit(browser, pathToFileURL(place).href, async (page) => {
      await assertFits(page);
      assert.equal(await page.evaluate('document.querySelectorAll("canvas").length'), 2);
      const { words } = await assertSaved(browser, page.locator('.drawing'));
      assert.match(words, /^Changes .* 95 % interval .*response p50 ms /);
    });
  });
});
