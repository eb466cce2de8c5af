/**
 * Every kind of page against the rules of WCAG 2.2 (levels A and AA), by axe-core in a real browser: names, headings, landmarks,
 * sizes of targets, and contrast in light and dark. Takes half a minute, so it is a proof and not one of the tests.
 */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../bench/measure/random.ts';
import { CAPACITY_KINDS, capacityFixture } from './capacity/testing/fixture.ts';
import { claimsFixture } from './claims/testing/fixture.ts';
import { compare } from './compare/compare.ts';
import { readSide } from './compare/side.ts';
import { fleetFixture } from './fleet/testing/fixture.ts';
import { historyFixture } from './history/testing/fixture.ts';
import { writeComparison, writeHistory, writeSavedReports } from './saved-reports.ts';
import { sweepFixture } from './sweep/testing/fixture.ts';
import { assertAccessible, describeInBrowser, visit } from './testing/browser.ts';
import { type FixtureKind, fixture, writeFixture } from './testing/fixture.ts';
import { writeReports } from './write.ts';

type Writer = (directory: string) => Promise<unknown>;

const run =
  (kind: FixtureKind): Writer =>
  async (directory) => {
    await writeFixture(directory, fixture(kind));
    await writeReports(directory);
  };

/** From the data that the command would have left. */
const saved =
  (file: string, data: unknown, write: Writer): Writer =>
  async (directory) => {
    await writeFile(join(directory, file), JSON.stringify(data));
    await write(directory);
  };

async function comparison(directory: string): Promise<void> {
  const sides = await Promise.all(
    (['valid', 'violations'] as const).map(async (kind) => {
      const side = join(directory, kind);
      await mkdir(side);
      await writeFixture(side, fixture(kind));
      return readSide(side);
    }),
  );
  const options = { smallestEffect: 0.05, smallestRatio: 0.001, seed: 1, forced: true, resamples: 20 };
  const found = compare(sides[0]!, [sides[1]!], { ...options, chance: seededRandom(1) });
  await writeComparison(directory, found);
}

async function fleet(directory: string): Promise<void> {
  await writeFile(join(directory, 'fleet.json'), JSON.stringify(fleetFixture('wounded')));
  await run('valid')(directory);
}

const PAGES: Readonly<Record<string, Writer>> = {
  'a run with violations': run('violations'),
  'a run with faults': run('faulty'),
  'a run of a fleet': fleet,
  'a capacity search': saved('capacity.json', capacityFixture(CAPACITY_KINDS[0]), (directory) =>
    writeSavedReports('capacity.json', directory),
  ),
  'the claims': saved('claims.json', claimsFixture('local'), (directory) =>
    writeSavedReports('claims.json', directory),
  ),
  'a sweep': saved('sweep.json', sweepFixture('whole'), (directory) =>
    writeSavedReports('sweep.json', directory),
  ),
  'a history': (directory) => writeHistory(directory, historyFixture('mixed')),
  'a comparison': comparison,
};

describeInBrowser('pages without barriers', (desk) => {
  async function written(write: Writer): Promise<string> {
    const directory = await mkdtemp(join(desk().directory, 'page-'));
    await write(directory);
    return pathToFileURL(join(directory, 'index.html')).href;
  }

  for (const [name, write] of Object.entries(PAGES)) {
    test(`${name} has none for a keyboard, a screen reader or weak eyes`, async () => {
      await visit(desk().browser, await written(write), assertAccessible);
    });
  }

  test('a barrier would be found', async () => {
    await visit(desk().browser, await written(run('empty')), async (page) => {
      await page.evaluate(
        `document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="data:,">')`,
      );
      await assert.rejects(assertAccessible(page), /image-alt/);
    });
  });
});
