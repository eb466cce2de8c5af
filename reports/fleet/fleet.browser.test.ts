/** The section on a fleet in a real browser: drawn without complaint or request, at every width and in the dark. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assertFits, assertSaved, describeInBrowser, visit } from '../testing/browser.ts';
import { fixture, writeFixture } from '../testing/fixture.ts';
import { writeReports } from '../write.ts';
import { type FleetKind, fleetFixture } from './testing/fixture.ts';

/** Dots that reach beyond the page, and labels beyond their strip. */
const OUTSIDE = `(() => {
  const width = document.documentElement.clientWidth;
  const beyond = (element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < 0 || right > width;
  };
  return [...document.querySelectorAll('.strip circle, .strip span')].filter(beyond).length;
})()`;

/** How far right the dots that stand out are drawn, of their strip's width; the least of them. */
const ODD_AT = `(() => {
  const shares = [...document.querySelectorAll('.strip .odd circle')].map((dot) => {
    const strip = dot.ownerSVGElement.getBoundingClientRect();
    const { left, right } = dot.getBoundingClientRect();
    return ((left + right) / 2 - strip.left) / strip.width;
  });
  return { least: Math.min(...shares), count: shares.length };
})()`;

describeInBrowser('the section on a fleet in a browser', (desk) => {
  for (const kind of ['wounded', 'thousand', 'hostile'] satisfies FleetKind[]) {
    test(`a fleet "${kind}" is drawn without complaint, request or overflow`, async () => {
      const { browser, directory } = desk();
      await writeFixture(directory, fixture('valid'));
      await writeFile(join(directory, 'fleet.json'), JSON.stringify(fleetFixture(kind)));
      await writeReports(directory);
      await visit(browser, pathToFileURL(join(directory, 'index.html')).href, async (page) => {
        await assertFits(page, async (width) => {
          assert.equal(await page.evaluate(OUTSIDE), 0, `beyond the page at ${width} px`);
        });
        const odd = await page.evaluate<{ least: number; count: number }>(ODD_AT);
        assert.ok(odd.count > 0 && odd.least > 0.9, `dots that stand out are at ${odd.least} of the width`);
        if (kind !== 'wounded') return;
        const { words } = await assertSaved(browser, page.locator('.drawing:has(.strips)'));
        assert.ok(words.includes('worker 1: 910 ms'), words);
      });
    });
  }
});
