/**
 * Makes the pictures of the README: reports of simulated runs, which are the same on every machine, as Chromium shows them.
 * Fonts are the machine's, so pictures made elsewhere differ in their letters.
 *
 * Usage: npm run pictures     (needs Chromium or Chrome; CHROME_PATH names another)
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchBrowser } from '../reports/testing/browser.ts';
import { scriptArguments } from './script-arguments.ts';

const BENCH = fileURLToPath(new URL('../bench/bench.mjs', import.meta.url));
const PICTURES = fileURLToPath(new URL('../reports/pictures/', import.meta.url));

interface Picture {
  readonly name: string;
  /** Of `bench simulate`. */
  readonly run: readonly string[];
  readonly scheme: 'light' | 'dark';
  /** What of the page is shown: from the first of these elements down. */
  readonly from: string;
  readonly heightPixels: number;
}

const LOAD = ['--connections', '200', '--rate', '500', '--duration', '40s'];

const PICTURES_MADE: readonly Picture[] = [
  {
    name: 'run',
    run: ['quick', ...LOAD, '--trace'],
    scheme: 'light',
    from: 'main',
    heightPixels: 820,
  },
  {
    name: 'faults',
    run: ['quick', ...LOAD, '--trace', '--faults', 'recovery'],
    scheme: 'dark',
    from: '#time',
    heightPixels: 760,
  },
  {
    name: 'order',
    run: [
      'closed-loop',
      '--connections',
      '12',
      '--in-flight',
      '8',
      '--duration',
      '10s',
      '--trace',
      '--profile',
      'aws',
      '--dispatch',
      'concurrent',
    ],
    scheme: 'light',
    from: '.space-time',
    heightPixels: 620,
  },
];

const WIDTH_PIXELS = 1080;

function simulated({ run }: Picture, directory: string): string {
  const { status, stderr } = spawnSync(
    process.execPath,
    [BENCH, 'simulate', ...run, '--functions', 'model', '--out', directory, '--quiet'],
    { encoding: 'utf8' },
  );
  // A threshold that fails, or an invalid run, has its report all the same.
  if (status !== 0 && status !== 3 && status !== 4)
    throw new Error(`simulate ended with ${status}: ${stderr}`);
  return pathToFileURL(path.join(directory, 'index.html')).href;
}

scriptArguments({});
const parent = mkdtempSync(path.join(tmpdir(), 'bench-pictures-'));
mkdirSync(PICTURES, { recursive: true });
const browser = await launchBrowser();
try {
  for (const picture of PICTURES_MADE) {
    const url = simulated(picture, path.join(parent, picture.name));
    const page = await browser.newPage({
      viewport: { width: WIDTH_PIXELS, height: 900 },
      colorScheme: picture.scheme,
    });
    await page.goto(url);
    const box = await page.locator(picture.from).first().boundingBox();
    if (box === null) throw new Error(`${picture.name}: the report has no ${picture.from}`);
    const clip = { x: 0, y: Math.max(0, box.y - 16), width: WIDTH_PIXELS, height: picture.heightPixels };
    const file = path.join(PICTURES, `${picture.name}.png`);
    await page.screenshot({ path: file, fullPage: true, clip });
    await page.close();
    process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
  }
} finally {
  await browser.close();
  rmSync(parent, { recursive: true, force: true });
}
