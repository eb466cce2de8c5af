/** `bench run --stage STACK` right after the stack was made, where a mapping begins to read late: nothing of the run is lost. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { benchWith, type LocalStage, resultIn, startLocalStage, temporaryDirectory } from './cli-fixture.ts';

const LOAD = ['--connections', '10', '--rate', '100', '--duration', '1s', '--warmup', '0s', '--drain', '3s'];

describe('a run on a stack that was just made', () => {
  const directory = temporaryDirectory();
  let stage: LocalStage;
  before(async () => {
    stage = await startLocalStage('--name', 'fresh', '--quirk', 'late-mapping.1=3s');
  });
  after(async () => {
    await stage.stop();
    directory.remove();
  });

  test('waits for the shard that is read late, counts what it sent as probes, and loses nothing', async () => {
    const out = path.join(directory.path, 'run');
    const { code, stderr } = await benchWith(
      stage.environment,
      'run',
      '--stage',
      'fresh',
      ...LOAD,
      '--out',
      out,
    );
    assert.ok(code === 0 || code === 4, `exit code ${code}: ${stderr}`);
    const { messages, traffic, metrics } = resultIn(out);
    assert.deepEqual([messages.scheduled, messages.delivered, messages.lost], [100, 100, 0]);
    assert.ok((traffic?.probes?.sent ?? 0) >= 6, JSON.stringify(traffic));
    assert.equal(traffic?.expectedRecords, 100 + (traffic?.probes?.sent ?? 0));
    assert.equal(metrics?.incomingRecords, traffic?.expectedRecords);
  });
});
