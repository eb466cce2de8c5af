/** The report of the claims in a real browser: drawn without complaint or request, at every width and in the dark. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { claimsFixture } from './fixture.ts';
import { writeClaimsReports } from './write.ts';

/** CHROME_PATH, or the first browser on the PATH; null when there is none. */
function browserPath(): string | null {
  if (process.env.CHROME_PATH !== undefined) return process.env.CHROME_PATH;
  const names = 'chromium chromium-browser google-chrome google-chrome-stable';
  try {
    const found = execFileSync('/bin/sh', [
      '-c',
      `for n in ${names}; do command -v $n && exit; done; exit 1`,
    ]);
    return found.toString().trim();
  } catch {
    return null;
  }
}

const executablePath = browserPath();
const skip =
  executablePath === null && 'no browser: install chromium (apt-get install chromium) or set CHROME_PATH';

const NEXT_FRAME = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
const OVERFLOW_PX = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const BLANK = `(() => {
  const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  return [...document.querySelectorAll('canvas')].filter(({ width, height }, index) => {
    Object.assign(scratch.canvas, { width, height });
    scratch.drawImage(document.querySelectorAll('canvas')[index], 0, 0);
    const pixels = new Uint32Array(scratch.getImageData(0, 0, width, height).data.buffer);
    return pixels.every((pixel) => pixel === pixels[0]);
  }).length;
})()`;

describe('the report of the claims in a browser', { skip }, () => {
  let browser: Browser;
  let parent: string;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'bench-claims-'));
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--headless', '--no-sandbox'],
    });
  });
  after(async () => {
    await browser.close();
    await rm(parent, { recursive: true, force: true });
  });

  for (const kind of ['local', 'hostile'] as const) {
    test(`claims "${kind}" are drawn without complaint, request or overflow`, async () => {
      const directory = await mkdtemp(join(parent, `${kind}-`));
      await writeFile(join(directory, 'claims.json'), JSON.stringify(claimsFixture(kind)));
      await writeClaimsReports(directory);
      const url = pathToFileURL(join(directory, 'index.html')).href;
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (request.url() !== url && request.url() !== 'data:,') complaints.push(request.url());
      });
      await page.goto(url);
      for (const [width, colorScheme] of [
        [360, 'light'],
        [768, 'dark'],
        [1440, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await page.evaluate(NEXT_FRAME);
        assert.ok((await page.evaluate<number>(OVERFLOW_PX)) <= 0, `overflow at ${width} px`);
        assert.equal(await page.evaluate(BLANK), 0);
      }
      const canvases = claimsFixture(kind).claims.flatMap(({ timelines }) => timelines).length * 2;
      assert.equal(await page.evaluate('document.querySelectorAll("canvas").length'), canvases);
      assert.equal(await page.evaluate('globalThis.hacked'), undefined);
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }
});
