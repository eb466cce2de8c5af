/** Mistakes that would put wrong numbers before readers, each made in a copy: the tests beside the file must notice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(path.join(tmpdir(), 'mistakes-'));
for (const name of ['bench', 'reports', 'stack', 'scripts', 'package.json', 'tsconfig.json'])
  cpSync(path.join(ROOT, name), path.join(copy, name), {
    recursive: true,
    filter: (place) => !place.includes(path.join('reports', 'runs')),
  });
symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
after(() => rmSync(copy, { recursive: true, force: true }));

interface Mistake {
  readonly file: string;
  readonly written: string;
  readonly mistaken: string;
  readonly tests: readonly string[];
}

const GOLDEN = 'reports/golden.test.ts';

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'p99 measured as p95': {
    file: 'bench/measure/histogram.ts',
    written: 'p95: supportedValue(histogram, 0.95, scale)',
    mistaken: 'p95: supportedValue(histogram, 0.99, scale)',
    tests: ['bench/judge/summary.test.ts'],
  },
  'p95 and p99 swapped in the summary': {
    file: 'reports/run/quantiles.ts',
    written: "column('p95', 'p95')",
    mistaken: "column('p95', 'p99')",
    tests: [GOLDEN],
  },
  'p95 and p99 swapped in the terminal': {
    file: 'reports/run/latency.ts',
    written: "{ name: 'response', quantiles: response }",
    mistaken: "{ name: 'response', quantiles: { ...response, p95: response.p99, p99: response.p95 } }",
    tests: [GOLDEN],
  },
  'service time measured as response time': {
    file: 'bench/judge/summary.ts',
    written: 'service: quantilesOf(histograms.service)',
    mistaken: 'service: quantilesOf(histograms.response)',
    tests: ['bench/judge/summary.test.ts'],
  },
  'service time shown for response time': {
    file: 'reports/run/headline.ts',
    written: 'amountText(latency.response[name])',
    mistaken: 'amountText(latency.service[name])',
    tests: [GOLDEN],
  },
  'more taken for better where less is, and the other way round': {
    file: 'reports/statistics/change.ts',
    written: "up === (better === 'more')",
    mistaken: "up !== (better === 'more')",
    tests: ['reports/statistics/change.test.ts'],
  },
  'less delivered taken for better by the history': {
    file: 'bench/model/metrics.ts',
    written: "better: 'more'",
    mistaken: "better: 'less'",
    tests: ['reports/history/metrics.test.ts', GOLDEN],
  },
  'more latency taken for better by the comparison': {
    file: 'reports/statistics/latency-change.ts',
    written: "logMargin(smallestEffect), 'less')",
    mistaken: "logMargin(smallestEffect), 'more')",
    tests: ['reports/compare/metrics.test.ts'],
  },
  'more lost taken for better by the comparison': {
    file: 'bench/model/metrics.ts',
    written: "unit: 'ratio',\n    better: 'less'",
    mistaken: "unit: 'ratio',\n    better: 'more'",
    tests: ['reports/compare/metrics.test.ts', GOLDEN],
  },
  'sent per second made of what was scheduled': {
    file: 'bench/judge/summary.ts',
    written: 'sentPerSecond: perSecond(sent)',
    mistaken: 'sentPerSecond: perSecond(scheduled)',
    tests: ['bench/judge/summary.test.ts'],
  },
  'fan-out hours of one consumer, however many there are': {
    file: 'stack/aws/cost.ts',
    written: 'shards * fanOutConsumers * hours',
    mistaken: 'shards * hours',
    tests: ['stack/aws/cost.test.ts', 'stack/aws/distinct-cost.test.ts'],
  },
  'fan-out data of one consumer, however many there are': {
    file: 'stack/aws/run-cost.ts',
    written: "'Enhanced fan-out data', gigabytes * fanOutConsumers",
    mistaken: "'Enhanced fan-out data', gigabytes",
    tests: ['stack/aws/cost.test.ts', 'stack/aws/distinct-cost.test.ts'],
  },
  'a refuted claim marked as supported': {
    file: 'reports/claims/document.ts',
    written: "refuted: { sign: '✗', tone: 'bad' }",
    mistaken: "refuted: { sign: '✗', tone: 'good' }",
    tests: [GOLDEN],
  },
};

function run(tests: readonly string[]): number | null {
  const args = ['--import', 'tsx', '--test', '--test-concurrency=1', ...tests];
  // Without this the runner inside would report to the one outside.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd: copy, env }).status;
}

test('without a mistake the tests pass', () => {
  const tests = new Set(Object.values(MISTAKES).flatMap((mistake) => mistake.tests));
  assert.equal(run([...tests]), 0);
});

for (const [name, { file, written, mistaken, tests }] of Object.entries(MISTAKES))
  test(`noticed: ${name}`, () => {
    const place = path.join(copy, file);
    const source = readFileSync(place, 'utf8');
    assert.ok(source.includes(written), `${file} has no ${written}`);
    writeFileSync(place, source.replaceAll(written, mistaken));
    try {
      assert.equal(run(tests), 1);
    } finally {
      writeFileSync(place, source);
    }
  });
