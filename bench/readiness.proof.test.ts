/** `bench run --stage STACK` right after the stack was made, where a mapping begins to read late: nothing of the run is lost. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BUCKET, DEFINITION, QUEUE } from './fleet/testing/aws.ts';
import { cloud } from './fleet/testing/cloud.ts';
import { benchWith, type LocalStage, resultIn, startLocalStage, temporaryDirectory } from './testing/cli.ts';

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

  test('so does a fleet, before it asks for workers, whose region it tells of', async (t) => {
    const aws = await cloud(t);
    const plan = path.join(directory.path, 'fleet.json');
    const load = { connections: 10, rate: 100, duration: '1s', warmup: '0s', drain: '3s' };
    writeFileSync(plan, JSON.stringify({ name: 'fresh', stage: 'second', ...load }));
    const stack = await startLocalStage('--name', 'second', '--quirk', 'late-mapping.1=25s');
    t.after(() => stack.stop());
    const { endpoint } = aws.server;
    const environment = {
      ...{ ...aws.environment, AWS_ENDPOINT_URL: stack.endpoint },
      ...{ AWS_ENDPOINT_URL_S3: endpoint, AWS_ENDPOINT_URL_BATCH: endpoint },
    };
    const out = path.join(directory.path, 'fleet');
    const place = ['--engine-arg', `queue=${QUEUE}`, '--engine-arg', `definition=${DEFINITION}`];
    const { code, stderr } = await benchWith(
      environment,
      ...['fleet', 'run', plan, '--engine', 'aws-batch', ...place, '--engine-arg', 'region=eu-west-1'],
      ...['--store', `s3://${BUCKET}/proofs`, '--workers', '2', '--out', out],
    );
    assert.ok(code === 0 || code === 4, `exit code ${code}: ${stderr}`);
    const { messages, traffic, metrics, warnings } = resultIn(out);
    assert.deepEqual([messages.scheduled, messages.delivered, messages.lost], [100, 100, 0]);
    assert.ok((traffic?.probes?.sent ?? 0) >= 8, JSON.stringify(traffic));
    assert.equal(metrics?.incomingRecords, traffic?.expectedRecords);
    assert.match(stderr, /mapping \w+ was made or changed less than 25 s ago, and may not read yet/);
    const { text } = warnings.find(({ code: name }) => name === 'fleetElsewhere')!;
    assert.match(text, /The workers are in eu-west-1, and the stack is in us-east-1/);
    assert.ok(stderr.includes(text), stderr);
  });
});
