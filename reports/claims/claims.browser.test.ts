/** The report of the claims in a real browser: drawn without complaint or request, at every width and in the dark. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeSavedReports } from '../saved-reports.ts';
import { assertFits, describeInBrowser, visit } from '../testing/browser.ts';
import { claimsFixture } from './testing/fixture.ts';

describeInBrowser('the report of the claims in a browser', (desk) => {
  for (const kind of ['local', 'hostile'] as const) {
    test(`claims "${kind}" are drawn without complaint, request or overflow`, async () => {
      const { browser, directory } = desk();
      await writeFile(join(directory, 'claims.json'), JSON.stringify(claimsFixture(kind)));
      await writeSavedReports('claims.json', directory);
      await visit(browser, pathToFileURL(join(directory, 'index.html')).href, async (page) => {
        await assertFits(page);
        const canvases = claimsFixture(kind).claims.flatMap(({ timelines }) => timelines).length * 2;
        assert.equal(await page.evaluate('document.querySelectorAll("canvas").length'), canvases);
      });
    });
  }
});
