/** `bench capacity` as a user runs it, against a server of known capacity. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { writeSavedReports } from '../reports/saved-reports.ts';
import type { CapacityResult } from './judge/capacity.ts';
import { bench, ECHO, resultIn, startServer, temporaryDirectory } from './testing/cli.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

/** Probes of a second, whose queue is a few answers long at most. */
const SHORT = [
  ...['--connections', '4', '--warmup', '0s', '--drain', '300ms', '--probe-duration', '1s'],
  ...['--no-calibration', '--slo', 'latency.response.p50 < 400'],
];

function capacityIn(place: string): CapacityResult {
  return JSON.parse(readFileSync(path.join(place, 'capacity.json'), 'utf8')) as CapacityResult;
}

test('a search saves its answer, its probes with their reports, and a page that can be made again', async () => {
  const echo = await startServer(ECHO);
  const out = path.join(directory.path, 'found');
  const rates = ['--min-rate', '40', '--max-rate', '40', '--confirmations', '0'];
  const { code, stdout, stderr } = await bench(
    'capacity',
    '--stage',
    echo.url,
    ...SHORT,
    ...rates,
    '--out',
    out,
  );
  await echo.stop();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^At least 40 messages\/s/m);
  assert.match(stdout, /report: .*index\.html/);
  assert.match(stderr, /probe {2}1 {8}40\/s {2}bracket {6}held/);
  assert.deepEqual(readdirSync(out).sort(), ['capacity.json', 'index.html', 'probes', 'summary.md']);
  const { answer, probes, partial } = capacityIn(out);
  assert.deepEqual([answer.ratePerSecond, answer.end, partial], [40, 'max rate', false]);
  assert.deepEqual(
    probes.map(({ directory: place, verdict }) => [place, verdict]),
    [
      ['probes/00-40', 'not judged'],
      ['probes/01-40', 'held'],
    ],
  );
  assert.equal(resultIn(path.join(out, 'probes/01-40')).messages.delivered, 40);
  assert.ok(existsSync(path.join(out, 'probes/01-40/index.html')), 'the probe has a report');
  const page = readFileSync(path.join(out, 'index.html'), 'utf8');
  await writeSavedReports('capacity.json', out);
  assert.equal(readFileSync(path.join(out, 'index.html'), 'utf8'), page);
});
