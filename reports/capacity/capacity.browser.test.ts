/** The report of a capacity search in a real browser: drawn without complaint or request, at every width and in the dark. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeSavedReports } from '../saved-reports.ts';
import { assertFits, describeInBrowser, visit } from '../testing/browser.ts';
import { CAPACITY_KINDS, capacityFixture } from './testing/fixture.ts';

describeInBrowser('the report of a capacity search in a browser', (desk) => {
  for (const kind of CAPACITY_KINDS) {
    test(`a search "${kind}" is drawn without complaint, request or overflow`, async () => {
      const { browser, directory } = desk();
      await writeFile(join(directory, 'capacity.json'), JSON.stringify(capacityFixture(kind)));
      await writeSavedReports('capacity.json', directory);
      await visit(browser, pathToFileURL(join(directory, 'index.html')).href, async (page) => {
        await assertFits(page);
        const canvases = await page.evaluate('document.querySelectorAll("canvas").length');
        assert.equal(canvases, kind === 'partial' ? 0 : 2);
      });
    });
  }
});
