/**
 * Pages of reports in a real browser, opened from disk as a reader would: finding and starting Chromium or Chrome, and what has
 * to hold of every page, whatever it shows. Without a browser the tests are skipped by name.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Nothing of the browser's own goes over the network, and it asks nothing at its first start. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A phone, a tablet and a desk, in light and dark. */
const SCREENS = [
  [360, 'light'],
  [768, 'dark'],
  [1440, 'light'],
  [1440, 'dark'],
] as const;

/** Media queries report their changes when a frame is made. */
export const NEXT_FRAME = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

const OVERFLOW_PX = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** How many canvases there are, and how many have nothing but one colour on them; made smaller, which is faster. */
export const BLANK_CANVASES = `(() => {
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

/** CHROME_PATH, or the first browser on the PATH; null when there is none. */
function browserPath(): string | null {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH !== undefined) return CHROME_PATH;
  for (const name of NAMES) {
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

/** Starts the browser. @throws Error when there is none */
export function launchBrowser(): Promise<Browser> {
  if (executablePath === null) throw new Error(String(skip));
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** What the tests of a page work with. */
export interface Desk {
  readonly browser: Browser;
  /** For the pages; deleted at the end. */
  readonly directory: string;
}

/** Tests that need a browser and a directory; skipped by name where there is no browser. */
export function describeInBrowser(name: string, tests: (desk: () => Desk) => void): void {
  describe(name, { skip }, () => {
    let desk: Desk;
    before(async () => {
      const directory = await mkdtemp(join(tmpdir(), 'bench-page-'));
      desk = { directory, browser: await launchBrowser() };
    });
    after(async () => {
      await desk.browser.close();
      await rm(desk.directory, { recursive: true, force: true });
    });
    tests(() => desk);
  });
}

/** Opens a page, lets `look` at it, and asserts that it complained of nothing, asked for nothing but itself and ran no text. */
export async function visit(
  browser: Browser,
  url: string,
  look: (page: Page) => Promise<void>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<void> {
  const page = await browser.newPage({ colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url && request.url() !== 'data:,') complaints.push(request.url());
  });
  await page.goto(url);
  await look(page);
  assert.equal(await page.evaluate('globalThis.hacked'), undefined, 'text was run as a script');
  await page.close();
  assert.deepEqual(complaints, []);
}

/** Asserts that a page fits every screen with nothing left blank; then calls `also`, if given, on that screen. */
export async function assertFits(page: Page, also?: (width: number) => Promise<void>): Promise<void> {
  for (const [width, colorScheme] of SCREENS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.evaluate(NEXT_FRAME);
    assert.ok((await page.evaluate<number>(OVERFLOW_PX)) <= 0, `overflow at ${width} px`);
    const { blank } = await page.evaluate<{ blank: number }>(BLANK_CANVASES);
    assert.equal(blank, 0, `blank canvases at ${width} px, ${colorScheme}`);
    await also?.(width);
  }
}

/** What axe-core tells of a rule that is broken. */
interface Broken {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** The rules of WCAG 2.2, levels A and AA, and what axe-core holds to be good practice beyond them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Asserts that axe-core finds no barrier on a page, in light and dark, with everything unfolded. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
  await page.evaluate(axe.source);
  // Only contrast hangs on the colours.
  for (const [colorScheme, runOnly] of [
    ['light', RULES],
    ['dark', ['color-contrast']],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(NEXT_FRAME);
    const options = JSON.stringify({ resultTypes: ['violations'], runOnly });
    const { violations } = await page.evaluate<{ violations: Broken[] }>(`axe.run(document, ${options})`);
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0]?.target.join(' ')})`);
    assert.deepEqual(told, [], `in ${colorScheme}`);
  }
}

/** What a picture that stands alone shows: text that leaves it, and whether it is one. */
const SEEN_ALONE = `(() => {
  const root = document.documentElement;
  const { width, height } = root.getBoundingClientRect();
  const texts = [...root.querySelectorAll('text')];
  const isOutside = (text) => {
    const box = text.getBoundingClientRect();
    return box.left < 0 || box.top < 0 || box.right > width || box.bottom > height;
  };
  return {
    root: root.localName,
    broken: root.querySelectorAll('parsererror, script, foreignObject, image').length,
    title: root.querySelector('title')?.textContent ?? '',
    words: texts.map((text) => text.textContent).join(' '),
    outside: texts.filter(isOutside).map((text) => text.textContent),
    shapes: root.querySelectorAll('path, circle, rect, polyline').length,
  };
})()`;

interface SeenAlone {
  readonly root: string;
  readonly broken: number;
  readonly title: string;
  readonly words: string;
  readonly outside: readonly string[];
  readonly shapes: number;
}

/**
 * Saves the drawing in a frame by its buttons and asserts that the SVG needs nothing of the page: it is opened by itself. Of the
 * PNG it is asserted that it is one and as large. Returns the words and the number of shapes that the SVG shows.
 */
export async function assertSaved(
  browser: Browser,
  frame: Locator,
): Promise<Pick<SeenAlone, 'words' | 'shapes'>> {
  const title = await frame.getAttribute('data-picture');
  const [svg, png] = [await saved(frame, 'svg'), await saved(frame, 'png')];
  const text = await readFile(svg, 'utf8');
  assert.doesNotMatch(text, /var\(|currentColor|class=|url\(|style=/, 'a part of the page is missing');
  const alone = await browser.newPage();
  const address = pathToFileURL(svg).href;
  alone.on('request', (request) => assert.equal(request.url(), address));
  await alone.goto(address);
  const { outside, root, broken, words, shapes, ...seen } = await alone.evaluate<SeenAlone>(SEEN_ALONE);
  await alone.close();
  assert.deepEqual({ outside, root, broken, ...seen }, { outside: [], root: 'svg', broken: 0, title });
  const picture = await readFile(png);
  assert.equal(picture.subarray(1, 4).toString('latin1'), 'PNG');
  assert.equal(picture.readUInt32BE(16), 2 * Number(/ width="(\d+)"/.exec(text)?.[1]), 'width in pixels');
  return { words, shapes };
}

async function saved(frame: Locator, format: 'svg' | 'png'): Promise<string> {
  const [download] = await Promise.all([
    frame.page().waitForEvent('download'),
    frame.locator(`button.save[data-format="${format}"]`).click(),
  ]);
  assert.match(download.suggestedFilename(), new RegExp(`^[a-z0-9-]+[.]${format}$`));
  // The browser keeps downloads without their ending, by which it would know an SVG.
  const place = `${await download.path()}.${format}`;
  await download.saveAs(place);
  return place;
}
