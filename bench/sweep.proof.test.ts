/**
 * What takes too long for every `npm test`: sweeps on stacks of their own against the AWS endpoints of a local stage, of
 * which nothing may be left, also after Ctrl-C; and a sweep's directory that is used again.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  bench,
  benchWith,
  ECHO,
  type Outcome,
  startBench,
  startBenchWith,
  startServer,
  temporaryDirectory,
} from './cli-fixture.ts';
import type { SweepResult } from './core/sweep/result.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

const LOAD = [
  ...['--connections', '2', '--rate', '50', '--duration', '1s', '--warmup', '0s', '--drain', '300ms'],
  '--no-calibration',
];

function sweepIn(place: string): SweepResult {
  return JSON.parse(readFileSync(path.join(place, 'sweep.json'), 'utf8')) as SweepResult;
}

/** A busy machine makes runs invalid, and then no goal counts: that is not what these tests are about. */
function assertSwept({ code, stderr }: Outcome): void {
  assert.ok(code === 0 || code === 3 || code === 4, `exit code ${code}: ${stderr}`);
}

test('a sweep refuses to go on as another, and its reports are rendered again the same', async () => {
  const echo = await startServer(ECHO);
  const out = path.join(directory.path, 'same');
  const flags = [
    'sweep',
    'quick',
    '--stage',
    echo.url,
    ...LOAD,
    '--vary',
    'rate=40,50',
    '--repeats',
    '1',
    '--out',
    out,
  ];
  assertSwept(await bench(...flags, '--goal', 'messages.lost == 0'));
  const other = await bench(...flags, '--repeats', '3');
  assert.equal(other.code, 2, other.stderr);
  assert.match(other.stderr, /holds another sweep: repeats was 1 and is 3/);
  assert.match(other.stderr, /holds another sweep: goals was/);

  const page = readFileSync(path.join(out, 'index.html'), 'utf8');
  assert.equal((await bench('report', out)).code, 0);
  assert.ok(readFileSync(path.join(out, 'index.html'), 'utf8') === page, 'rendered again the same');
  await echo.stop();
});

test('stacks are made, changed and gone at the end, also after Ctrl-C', async () => {
  const stage = startBench('stage', 'local', '--port', '0', '--profile', 'ideal', '--empty');
  const [, port] = await stage.saw(/ready at \w+:\/\/127\.0\.0\.1:(\d+)/);
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1' };
  const gone = async () => {
    const { code } = await benchWith(environment, 'stage', 'status', '--name', 'swept-1');
    assert.equal(code, 1, 'no stack is left');
  };
  const flags = [
    'sweep',
    'quick',
    ...LOAD,
    '--on',
    'aws',
    '--name',
    'swept',
    '--no-metrics',
    '--repeats',
    '1',
  ];
  const dear = await benchWith(
    environment,
    ...flags,
    '--vary',
    'BatchSize=1,2',
    '--max-cost',
    '0',
    '--out',
    path.join(directory.path, 'dear'),
  );
  assert.equal(dear.code, 1, dear.stderr);
  assert.match(dear.stderr, /the sweep would cost about .* more than --max-cost/);

  const out = path.join(directory.path, 'cut');
  const cut = startBenchWith(environment, ...flags, '--vary', 'ShardCount=1,2', '--out', out);
  await cut.saw(/^1\/2 /m);
  cut.child.kill('SIGINT');
  const { code, stderr } = await cut.exited;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /stack swept-1 is gone/);
  assert.match(stderr, /go on with: bench sweep --resume/);
  await gone();

  assertSwept(await benchWith(environment, 'sweep', '--resume', out, '--no-metrics', '--no-calibration'));
  const { stacks, cells, partial } = sweepIn(out);
  assert.deepEqual([stacks, partial], [[], false]);
  assert.ok(
    cells.every(({ runs }) => runs[0]?.status === 'done'),
    JSON.stringify(cells.map(({ runs }) => runs)),
  );
  await gone();
  stage.child.kill('SIGINT');
  await stage.exited;
});
