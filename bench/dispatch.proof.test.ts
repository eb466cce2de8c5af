/** The choice of the local gateway's dispatch, through the command line, and what follows from it for order. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { RunResult } from './model/result.ts';
import { bench, temporaryDirectory } from './testing/cli.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

/** 40 messages a second on each connection: below what serial dispatch passes, so only dispatch can differ. */
const LOAD = '--connections 5 --rate 200 --duration 2s --warmup 1s --drain 5s --trace --profile aws --json';

async function runWith(dispatch: string): Promise<RunResult> {
  const out = path.join(directory.path, dispatch);
  const flags = [...LOAD.split(' '), '--dispatch', dispatch, '--out', out];
  const { code, stdout, stderr } = await bench('run', ...flags);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as RunResult;
}

// Side by side, as both mostly wait.
describe('the choice of dispatch', { concurrency: true }, () => {
  test('with concurrent dispatch messages of a connection overtake each other before the stream', async () => {
    const { plan, ordering, messages, stage } = await runWith('concurrent');
    assert.equal(plan.dispatch, 'concurrent');
    assert.deepEqual([messages.delivered, messages.lost], [400, 0]);
    assert.ok(
      ordering.where.ingest > 0,
      `reordered ${messages.reordered}: ${JSON.stringify(ordering.where)}`,
    );
    assert.deepEqual([ordering.where.delivery, ordering.where.unknown], [0, 0]);
    assert.ok(
      stage.notes.some((note) => /side by side.*AWS documents neither/.test(note)),
      stage.notes.join('\n'),
    );
  });

  test('with serial dispatch none does', async () => {
    const { plan, messages, stage } = await runWith('serial');
    assert.deepEqual([plan.dispatch, messages.delivered, messages.reordered], ['serial', 400, 0]);
    assert.ok(
      stage.notes.some((note) => /one after the other.*AWS documents neither/.test(note)),
      stage.notes.join('\n'),
    );
  });
});

test('any other dispatch is refused, and so is one for a stage that is not local', async () => {
  const other = await bench('run', '--dispatch', 'sideways');
  assert.equal(other.code, 2);
  assert.match(other.stderr, /dispatch: must be one of serial, concurrent/);
  const remote = await bench('run', '--stage', 'ws://127.0.0.1:1', '--dispatch', 'serial');
  assert.equal(remote.code, 2);
  assert.match(remote.stderr, /dispatch: only the local stage is configured here/);
});

test('the help says what the choice means for order, where a run and where a stage is started', async () => {
  for (const command of [['run'], ['stage', 'local']]) {
    const { stdout } = await bench(...command, '--help');
    const text = stdout.replaceAll(/\s+/g, ' ');
    assert.match(
      text,
      /--dispatch .*keeps their order up to the stream.*overtake each other.*AWS documents neither.*\[default: serial\]/,
    );
  }
});
