/**
 * The HTML report in a real browser, opened from disk as a reader would: it draws everything, fits every screen, asks
 * for nothing, and lets no text from outside become markup. Needs Chromium or Chrome; without one the tests are skipped
 * by name.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { FIXTURE_KINDS, type FixtureKind, fixture, writeFixture } from './fixture.ts';
import { hourLong } from './html/hour.fixture.ts';
import { renderJunit } from './junit.ts';
import { writeReports } from './write.ts';

const WIDTHS = [360, 768, 1440];
const LAUNCH_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** CHROME_PATH, or the first browser on the PATH; null when there is none. */
function browserPath(): string | null {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH !== undefined) return CHROME_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not installed under this name.
    }
  }
  return null;
}

const executablePath = browserPath();
const skip =
  executablePath === null && 'no browser: install chromium (apt-get install chromium) or set CHROME_PATH';

/** How many canvases there are, and how many have nothing but one colour on them; made smaller, which is faster. */
const BLANK_CANVASES = `(() => {
  const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const isBlank = (canvas) => {
    scratch.canvas.width = 200;
    scratch.canvas.height = 100;
    scratch.drawImage(canvas, 0, 0, 200, 100);
    const pixels = new Uint32Array(scratch.getImageData(0, 0, 200, 100).data.buffer);
    return pixels.every((pixel) => pixel === pixels[0]);
  };
  const canvases = [...document.querySelectorAll('canvas')];
  return { blank: canvases.filter(isBlank).length, all: canvases.length };
})()`;

/** Media queries report their changes when a frame is made. */
const NEXT_FRAME = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

const OVERFLOW_PX = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const BACKGROUND = 'getComputedStyle(document.documentElement).backgroundColor';

describe('the HTML report in a browser', { skip }, () => {
  let browser: Browser;
  let parent: string;
  const urls = new Map<FixtureKind, string>();

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'bench-reports-'));
    for (const kind of FIXTURE_KINDS) urls.set(kind, await written(kind));
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: LAUNCH_ARGUMENTS });
  });
  after(async () => {
    await browser.close();
    await rm(parent, { recursive: true, force: true });
  });

  async function written(kind: FixtureKind, made = fixture(kind)): Promise<string> {
    const directory = await mkdtemp(join(parent, `${kind}-`));
    await writeFixture(directory, made);
    await writeReports(directory);
    return pathToFileURL(join(directory, 'index.html')).href;
  }

  /** Opens a page, lets `look` at it, and asserts that it complained of nothing and asked for nothing but itself. */
  async function visit(
    url: string,
    look: (page: Page) => Promise<void>,
    colorScheme: 'light' | 'dark' = 'light',
  ) {
    const page = await browser.newPage({ colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    await look(page);
    await page.close();
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((request) => request !== url && request !== 'data:,'),
      [],
    );
  }

  for (const kind of FIXTURE_KINDS) {
    test(`a run "${kind}" is drawn without complaint, request or overflow, at every width and in the dark`, async () => {
      const look = async (page: Page): Promise<void> => {
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await page.evaluate(NEXT_FRAME);
          assert.ok((await page.evaluate<number>(OVERFLOW_PX)) <= 0, `${width} px`);
          assert.equal((await page.evaluate<{ blank: number }>(BLANK_CANVASES)).blank, 0);
        }
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.evaluate(NEXT_FRAME);
        assert.equal((await page.evaluate<{ blank: number }>(BLANK_CANVASES)).blank, 0);
      };
      await visit(urls.get(kind) ?? '', look);
    });
  }

  test('a chart is saved as a picture with its title', async () => {
    const page = await browser.newPage();
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
      assert.equal(await page.evaluate('globalThis.hacked'), undefined);
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
    const page = await browser.newPage();
    for (const kind of FIXTURE_KINDS) {
      const xml = JSON.stringify(renderJunit(fixture(kind).result));
      const parsed = `new DOMParser().parseFromString(${xml}, 'application/xml').querySelector('parsererror')?.textContent ?? null`;
      assert.equal(await page.evaluate(parsed), null);
    }
    await page.close();
  });

  test('without scripts the figures are there as tables', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(urls.get('violations') ?? '');
    assert.ok((await page.locator('figure.chart details table').count()) >= 8);
    await page.close();
  });
});
