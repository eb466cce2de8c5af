/** Faults through the command line: what the injector says it did is what the driver counted. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { RunResult } from './model/result.ts';
import { bench, temporaryDirectory } from './testing/cli.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

const FAULTS = `faults:
  - {where: ingest, do: drop, at: 300ms, ratio: 0.05}
  - {where: delivery, do: duplicate, at: 300ms, ratio: 0.05}
  - {where: delivery, do: reorder, at: 300ms, ratio: 0.05, delay: 300ms}
`;

const LOAD =
  '--connections 5 --rate 300 --duration 1s --warmup 300ms --drain 1500ms --stage local --profile ideal --json';

test('the tallies of the faults are the losses, duplicates and reorders of the run', async () => {
  const file = path.join(directory.path, 'faults.yaml');
  writeFileSync(file, FAULTS);
  const flags = [...LOAD.split(' '), '--faults', file, '--out', path.join(directory.path, 'run')];
  const { stdout, stderr } = await bench('run', ...flags);
  assert.match(stdout, /^\{/, stderr);
  const { messages, faults = [], metrics, warnings } = JSON.parse(stdout) as RunResult;
  const [dropped, doubled, reordered] = faults.map(({ tally }) => tally!);
  // A message of the warm-up that is still on its way when a fault begins is struck like any other.
  const seen = (what: 'lost' | 'duplicated' | 'reordered') => messages[what] + messages.warmup[what];
  assert.deepEqual(
    [seen('lost'), seen('duplicated'), seen('reordered')],
    [dropped!.lost, doubled!.duplicated, reordered!.reordered],
  );
  for (const { tally, fault } of faults) assert.ok(tally!.touched > 0, `${fault.name} struck nothing`);
  assert.equal(metrics?.complete, true, 'what was dropped before the stream is not missing in its metrics');
  assert.ok(
    warnings.some(({ code }) => code === 'faultyStage'),
    'it warns',
  );
});

test('a fault of a function that the template does not have is refused by name', async () => {
  const file = path.join(directory.path, 'unknown.yaml');
  writeFileSync(file, 'faults: [{where: function, do: error, function: Echo, at: 0s}]');
  const { code, stderr } = await bench('run', ...LOAD.split(' '), '--faults', file);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /faults\.0\.function: the template has no function 'Echo'.* it has EchoFunction/);
});
