/**
 * The HTML report in a real browser, opened from disk as a reader would: it draws everything, fits every screen, asks
 * for nothing, and lets no text from outside become markup. Needs Chromium or Chrome; without one the tests are skipped
 * by name.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import {
  assertFits,
  assertSaved,
  BLANK_CANVASES,
  describeInBrowser,
  NEXT_FRAME,
  visit as visitIn,
} from '../testing/browser.ts';
import { FIXTURE_KINDS, type FixtureKind, fixture, writeFixture } from '../testing/fixture.ts';
import { writeReports } from '../write.ts';
import { renderJunit } from './junit.ts';
import { hourLong } from './testing/hour.ts';

const BACKGROUND = 'getComputedStyle(document.documentElement).backgroundColor';

describeInBrowser('the HTML report in a browser', (desk) => {
  const urls = new Map<FixtureKind, string>();

  before(async () => {
    for (const kind of FIXTURE_KINDS) urls.set(kind, await written(kind));
  });

  async function written(kind: FixtureKind, made = fixture(kind)): Promise<string> {
    const directory = await mkdtemp(join(desk().directory, `${kind}-`));
    await writeFixture(directory, made);
    await writeReports(directory);
    return pathToFileURL(join(directory, 'index.html')).href;
  }

  function visit(url: string, look: (page: Page) => Promise<void>, colorScheme?: 'light' | 'dark') {
    return visitIn(desk().browser, url, look, colorScheme);
  }

  for (const kind of FIXTURE_KINDS) {
    test(`a run "${kind}" is drawn without complaint, request or overflow, at every width and in the dark`, async () => {
      await visit(urls.get(kind) ?? '', (page) => assertFits(page));
    });
  }

  test('a chart is saved as a picture with its title', async () => {
    const page = await desk().browser.newPage({ colorScheme: 'dark' });
    await page.goto(urls.get('violations') ?? '');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('figure.chart button.save').first().click(),
    ]);
    assert.match(download.suggestedFilename(), /^[a-z0-9-]+\.png$/);
    const picture = await readFile(await download.path());
    assert.equal(picture.subarray(1, 4).toString('latin1'), 'PNG');
    // The chart, and above it the title: a picture of the canvas alone would be lower.
    const canvasHeight = await page.evaluate('document.querySelector("figure.chart canvas").height');
    assert.ok(picture.readUInt32BE(20) > Number(canvasHeight) + 40, `${picture.readUInt32BE(20)} px`);
    // Light text on nothing could not be read on white paper.
    const corner = await page.evaluate(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${picture.toString('base64')}';
      await image.decode();
      const context = document.createElement('canvas').getContext('2d');
      context.drawImage(image, 0, 0);
      return [...context.getImageData(1, 1, 1, 1).data];
    })()`);
    assert.deepEqual(corner, [20, 23, 26, 255], 'the paper of the dark');
    await page.close();
  });

  test('drawings are saved as pictures that stand alone, in the colours of the screen', async () => {
    const page = await desk().browser.newPage({ colorScheme: 'dark' });
    await page.goto(urls.get('violations') ?? '');
    const witness = await assertSaved(desk().browser, page.locator('.space-time .drawing').first());
    assert.match(witness.words, /overtook.* client .*78 /);
    const hops = await assertSaved(desk().browser, page.locator('.drawing:has(.hop-bar)'));
    assert.match(hops.words, /^Hop budget ingest /);
    await page.close();
  });

  test('a run with everything has a chart for every figure', async () => {
    await visit(urls.get('violations') ?? '', async (page) => {
      assert.deepEqual(await page.evaluate(BLANK_CANVASES), { blank: 0, all: 1 + 4 + 6 });
    });
  });

  test('a witness is legible on a phone: nothing of it is cut off, and its text is not tiny', async () => {
    await visit(urls.get('faulty') ?? '', async (page) => {
      await page.setViewportSize({ width: 360, height: 900 });
      const texts = await page.evaluate<{ outside: number; smallest: number }>(`(() => {
        const all = [...document.querySelectorAll('.space-time svg')].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].map((text) => {
            const box = text.getBoundingClientRect();
            return { isOutside: box.left < frame.left - 1 || box.right > frame.right + 1, height: box.height };
          });
        });
        return { outside: all.filter((text) => text.isOutside).length, smallest: Math.min(...all.map((t) => t.height)) };
      })()`);
      assert.equal(texts.outside, 0);
      assert.ok(texts.smallest >= 10, `${texts.smallest} px`);
    });
  });

  test('hostile text stays text: no element, no handler, no script of its own', async () => {
    await visit(urls.get('hostile') ?? '', async (page) => {
      await page.hover('canvas');
      assert.equal(
        await page.evaluate(`document.querySelectorAll('img, [onerror], script[src], iframe').length`),
        0,
      );
      assert.equal(
        await page.evaluate(`document.querySelector('h1').textContent.includes('<img src=x onerror=')`),
        true,
      );
    });
  });

  test('turning the screen dark redraws the charts in the colours of the dark', async () => {
    const looks: { background: string; pixels: string }[] = [];
    await visit(urls.get('valid') ?? '', async (page) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(NEXT_FRAME);
        const pixels = await page.evaluate<string>(`document.querySelector('canvas').toDataURL()`);
        looks.push({ background: await page.evaluate<string>(BACKGROUND), pixels });
      }
    });
    assert.deepEqual(
      looks.map((look) => look.background),
      ['rgb(255, 255, 255)', 'rgb(20, 23, 26)'],
    );
    assert.notEqual(looks[0]?.pixels, looks[1]?.pixels);
  });

  test('printing is light, opens the data, and puts everything back', async () => {
    const openDetails = `document.querySelectorAll('details[open]').length`;
    const look = async (page: Page): Promise<void> => {
      await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
      assert.equal(await page.evaluate(BACKGROUND), 'rgb(255, 255, 255)');
      assert.equal(await page.evaluate(openDetails), 11 + 3 + 2);
      await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
      assert.equal(await page.evaluate(openDetails), 0);
      assert.equal(await page.evaluate(BACKGROUND), 'rgb(20, 23, 26)');
    };
    await visit(urls.get('violations') ?? '', look, 'dark');
  });

  test('pointing at a moment marks it in every chart over time', async () => {
    await visit(urls.get('violations') ?? '', async (page) => {
      await page.hover('figure.chart.medium canvas');
      assert.equal(
        await page.evaluate(`document.querySelectorAll('.crosshair:not([hidden])').length`),
        4 + 6,
      );
    });
  });

  test('an hour of seconds is drawn within a second', async () => {
    const made = fixture('violations');
    const url = await written('violations', { ...made, result: hourLong(made.result) });
    await visit(url, async (page) => {
      const redraw = `(() => { const from = performance.now(); dispatchEvent(new Event('afterprint')); return performance.now() - from; })()`;
      const times = [await page.evaluate<number>(redraw), await page.evaluate<number>(redraw)];
      assert.ok(Math.min(...times) < 1000, `${times.join(' and ')} ms`);
    });
  });

  test('the JUnit file of every run is well-formed XML', async () => {
    const page = await desk().browser.newPage();
    for (const kind of FIXTURE_KINDS) {
      const xml = JSON.stringify(renderJunit(fixture(kind).result));
      const parsed = `new DOMParser().parseFromString(${xml}, 'application/xml').querySelector('parsererror')?.textContent ?? null`;
      assert.equal(await page.evaluate(parsed), null);
    }
    await page.close();
  });

  test('without scripts the figures are there as tables', async () => {
    const page = await desk().browser.newPage({ javaScriptEnabled: false });
    await page.goto(urls.get('violations') ?? '');
    assert.ok((await page.locator('figure.chart details table').count()) >= 8);
    await page.close();
  });
});
