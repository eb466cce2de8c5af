/** `bench sweep` as a user runs it, against an echo server: killed, and gone on with. sweep.proof.test.ts has what takes longer. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { bench, ECHO, type Outcome, startBench, startServer, temporaryDirectory } from './cli-fixture.ts';
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

const done = ({ cells }: SweepResult) =>
  cells.flatMap(({ id, runs }) => runs.map((run) => `${id}/${run.repeat} ${run.status} ${run.startedAt}`));

test('a sweep that is killed goes on where it was', async () => {
  const echo = await startServer(ECHO);
  const out = path.join(directory.path, 'killed');
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
