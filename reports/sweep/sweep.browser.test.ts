/** The report of a sweep in a real browser: drawn without complaint or request, at every width and in the dark. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeSavedReports } from '../saved-reports.ts';
import { assertFits, assertSaved, describeInBrowser, visit } from '../testing/browser.ts';
import { sweepFixture } from './testing/fixture.ts';

const OPEN_ALL = 'for (const details of document.querySelectorAll("details")) details.open = true';
const LOST_TARGETS =
  '[...document.querySelectorAll("a[href^=\\"#\\"]")].filter((a) => document.querySelector(a.getAttribute("href").replaceAll(".", "\\\\.")) === null).length';

describeInBrowser('the report of a sweep in a browser', (desk) => {
  for (const kind of ['whole', 'hostile'] as const) {
    test(`a sweep "${kind}" is drawn without complaint, request or overflow`, async () => {
      const { browser, directory } = desk();
      await writeFile(join(directory, 'sweep.json'), JSON.stringify(sweepFixture(kind)));
      await writeSavedReports('sweep.json', directory);
      await visit(browser, pathToFileURL(join(directory, 'index.html')).href, async (page) => {
        await page.evaluate(OPEN_ALL);
        await assertFits(page);
        assert.equal(await page.evaluate(LOST_TARGETS), 0, 'every link leads somewhere');
        if (kind === 'whole') {
          const costs = await assertSaved(browser, page.locator('.drawing:has(.trade-off)'));
          assert.match(costs.words, /^Latency against cost ● on the Pareto front.* ★ recommended .*\$2\.40/);
          const squares = await assertSaved(browser, page.locator('.drawing').first());
          assert.match(squares.words, /^Response time p99, ms .*ParallelizationFactor=4 .*629, worst$/);
          assert.ok(squares.shapes > 12 + 7, `${squares.shapes} squares and steps of the scale`);
        }
      });
    });
  }
});
