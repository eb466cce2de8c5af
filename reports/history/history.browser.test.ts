/** The page of a history in a real browser: drawn without complaint or request, at every width and in the dark. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeHistory } from '../saved-reports.ts';
import { assertFits, assertSaved, describeInBrowser, visit } from '../testing/browser.ts';
import { historyFixture } from './testing/fixture.ts';

const CLIPPED = `[...document.querySelectorAll('.trend svg')].filter((drawing) => {
  const box = drawing.getBoundingClientRect();
  return [...drawing.querySelectorAll('text')].some((text) => {
    const { left, right } = text.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1;
  });
}).length`;

describeInBrowser('the page of a history in a browser', (desk) => {
  for (const kind of ['few', 'mixed'] as const) {
    test(`a history "${kind}" is drawn without complaint, request or overflow`, async () => {
      const { browser, directory } = desk();
      await writeHistory(directory, historyFixture(kind));
      await visit(browser, pathToFileURL(join(directory, 'index.html')).href, async (page) => {
        await assertFits(page, async (width) => {
          assert.equal(await page.evaluate(CLIPPED), 0, `labels that leave their drawing at ${width} px`);
        });
        const circles = await page.evaluate<number>('document.querySelectorAll(".trend circle").length');
        assert.ok(circles > 0, 'nothing is drawn');
        if (kind === 'mixed') {
          const { words, shapes } = await assertSaved(browser, page.locator('.trend .drawing').first());
          assert.match(words, /^response p50, ms .*2026-01/);
          assert.ok(shapes > 12, `${shapes} shapes`);
        }
      });
    });
  }
});
