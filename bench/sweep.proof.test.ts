/**
 * What takes too long for every `npm test`: sweeps on stacks of their own against the AWS endpoints of a local stage, of
 * which nothing may be left, also after Ctrl-C; a sweep that is killed and gone on with; and a sweep's directory that is used
 * again.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { SweepResult } from './model/sweep.ts';
import {
  bench,
  benchWith,
  ECHO,
  type Outcome,
  startBench,
  startBenchWith,
  startLocalStage,
  startServer,
  temporaryDirectory,
} from './testing/cli.ts';

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

/** Two cells against the server. */
const ratesOf = (url: string, out: string) => [
  ...['sweep', 'quick', '--stage', url, ...LOAD, '--vary', 'rate=40,50', '--repeats', '1'],
  ...['--out', out],
];

const done = ({ cells }: SweepResult) =>
  cells.flatMap(({ id, runs }) => runs.map((run) => `${id}/${run.repeat} ${run.status} ${run.startedAt}`));

test('a sweep that is killed goes on where it was', async () => {
  const echo = await startServer(ECHO);
  const out = path.join(directory.path, 'killed');
  const flags = ratesOf(echo.url, out);
  const killed = startBench(...flags);
  await killed.saw(/^1\/2 /m);
  killed.child.kill('SIGKILL');
  await killed.exited;
  const before = done(sweepIn(out));
  assert.ok(before.length < 2, `${before.length} of 2`);
  // As a run that was half-written would have left it.
  mkdirSync(path.join(out, 'cells/rate-40/9'), { recursive: true });
  writeFileSync(path.join(out, 'cells/rate-40/9/result.json'), '{');

  const resumed = await bench('sweep', '--resume', out, '--no-calibration');
  assertSwept(resumed);
  const swept = sweepIn(out);
  assert.equal(swept.partial, false);
  assert.equal(done(swept).length, 2);
  assert.ok(
    before.every((run) => done(swept).includes(run)),
    'what was done was not made again',
  );
  assert.ok(!existsSync(path.join(out, 'cells/rate-40/9')), 'half-written runs are removed');
  for (const { id } of swept.cells) assert.ok(existsSync(path.join(out, 'cells', id, '1/index.html')), id);

  await echo.stop();
});

test('a sweep refuses to go on as another, and its reports are rendered again the same', async () => {
  const echo = await startServer(ECHO);
  const out = path.join(directory.path, 'same');
  const flags = ratesOf(echo.url, out);
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
  const stage = await startLocalStage('--empty');
  const { environment } = stage;
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
  await stage.stop();
});
