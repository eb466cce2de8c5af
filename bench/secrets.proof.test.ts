/** The same of workers, their merged run, a search and a comparison: no file and no output holds a secret. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { benchWith } from './testing/cli.ts';
import {
  assertNoSecret,
  COOKIE,
  directory,
  filesIn,
  HEADER,
  outcomeOf,
  seen,
  server,
  TOKEN,
} from './testing/secrets.ts';

const FLEET_SECRETS = {
  BENCH_HEADERS: `X-Secret: ${HEADER}\nCookie: session=${COOKIE}`,
  BENCH_QUERY: `token=${encodeURIComponent(TOKEN)}`,
};

/** As a plan that travels: without them. */
function travellingPlan(): string {
  const file = path.join(directory, 'travelling.yaml');
  const { port } = server.address() as AddressInfo;
  const stage = `ws://127.0.0.1:${port}/good`;
  const times = { duration: '1s', warmup: '0s', drain: '100ms' };
  writeFileSync(file, JSON.stringify({ stage, connections: 2, rate: '20/s', ...times }));
  return file;
}

/** What is in a file, unpacked where it is packed. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes).toString('latin1') : bytes.toString('latin1');
}

test('workers and their merged run, a search and a comparison leave no secret behind', async () => {
  const inside = (name: string) => path.join(directory, name);
  const plan = travellingPlan();
  const alone = await outcomeOf('echo', 'good', false);
  const startAt = new Date(Date.now() + 4_000).toISOString();
  const worker = (index: string) =>
    benchWith(
      FLEET_SECRETS,
      ...['worker', '--plan', plan, '--index', index, '--of', '2', '--start-at', startAt],
      ...['--out', inside('store')],
    );
  const search = [
    'capacity',
    plan,
    '--no-calibration',
    '--slo',
    'messages.lost == 0',
    '--confirmations',
    '1',
  ];
  const bounds = ['--min-rate', '20', '--max-rate', '22', '--probe-duration', '4s'];
  seen.length = 0;
  const said = [
    alone,
    ...(await Promise.all([worker('0'), worker('1')])),
    await benchWith(FLEET_SECRETS, 'fleet', 'merge', inside('store'), '--out', inside('merged')),
    await benchWith(FLEET_SECRETS, ...search, ...bounds, '--out', inside('search')),
    await benchWith(
      FLEET_SECRETS,
      ...['compare', inside('good'), inside('merged'), '--force', '--json', '--out', inside('comparison')],
    ),
  ];
  assert.ok(seen.length >= 4 && seen.every(({ header }) => header === HEADER), 'the secrets were used');
  for (const { stdout, stderr } of said) assertNoSecret('a stream', stdout + stderr);
  for (const place of ['store', 'merged', 'search', 'comparison']) {
    assert.ok(filesIn(inside(place)).length > 0, `${place} was written`);
    for (const file of filesIn(inside(place))) assertNoSecret(file, contentOf(file));
  }
});
