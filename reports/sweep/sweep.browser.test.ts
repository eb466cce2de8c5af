/** The report of a sweep in a real browser: drawn without complaint or request, at every width and in the dark. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { sweepFixture } from './fixture.ts';
import { writeSweepReports } from './write.ts';

const PLACES = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
const skip =
  executablePath === undefined &&
  'no browser: install chromium (apt-get install chromium) or set CHROME_PATH';

const OVERFLOW_PX = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const OPEN_ALL = 'for (const details of document.querySelectorAll("details")) details.open = true';
const LOST_TARGETS =
  '[...document.querySelectorAll("a[href^=\\"#\\"]")].filter((a) => document.querySelector(a.getAttribute("href").replaceAll(".", "\\\\.")) === null).length';

describe('the report of a sweep in a browser', { skip }, () => {
  let browser: Browser;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bench-sweep-'));
    const quiet = [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ];
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--headless', '--no-sandbox', ...quiet],
    });
  });
  after(async () => {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  });

  for (const kind of ['whole', 'hostile'] as const) {
    test(`a sweep "${kind}" is drawn without complaint, request or overflow`, async () => {
      await writeFile(join(directory, 'sweep.json'), JSON.stringify(sweepFixture(kind)));
      await writeSweepReports(directory);
      const url = pathToFileURL(join(directory, 'index.html')).href;
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (request.url() !== url && request.url() !== 'data:,') complaints.push(request.url());
      });
      await page.goto(url);
      await page.evaluate(OPEN_ALL);
      for (const [width, colorScheme] of [
        [360, 'light'],
        [768, 'dark'],
        [1440, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        assert.ok((await page.evaluate<number>(OVERFLOW_PX)) <= 0, `overflow at ${width} px`);
      }
      assert.equal(await page.evaluate(LOST_TARGETS), 0, 'every link leads somewhere');
      assert.equal(await page.evaluate('globalThis.hacked'), undefined);
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }
});
