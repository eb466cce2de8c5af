import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AwsError } from '../../stack/local/errors.ts';
import { openBatchEngine } from './engine-batch.ts';
import {
  type AwsFixture,
  type AwsFixtureOptions,
  awsFixture,
  DEFINITION,
  denied,
  expired,
  first,
  QUEUE,
} from './testing/aws.ts';
import type { ContainerOrder } from './testing/batch-container.ts';

function engineOf(fixture: AwsFixture, queue = QUEUE, definition = DEFINITION) {
  const given = [`queue=${queue}`, `definition=${definition}`];
  return openBatchEngine({ arguments: given, directory: '/nowhere' }, fixture.settings);
}

const JOB = { name: 'bench-0123456789abcdef', of: 5, command: ['worker', '--of', '5'], limitSeconds: 900 };

/** Containers whose ends are for the test to decide. */
function controlled() {
  const orders: ContainerOrder[] = [];
  const ends: ((code: number) => void)[] = [];
  const stopped: number[] = [];
  const launch = (order: ContainerOrder) => {
    const at = orders.push(order) - 1;
    const exited = new Promise<number>((resolve) => ends.push(resolve));
    return {
      exited,
      stop: () => {
        stopped.push(at);
        ends[at]!(143);
      },
    };
  };
  return { orders, ends, stopped, launch };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function running(t: TestContext, options: AwsFixtureOptions['batch'] = {}, of = 5) {
  const containers = controlled();
  const fixture = await awsFixture(t, { batch: { launch: containers.launch, ...options } });
  const engine = await engineOf(fixture);
  const job = await engine.submit({ ...JOB, of });
  return { fixture, engine, job, ...containers };
}

test('an array job goes through its states task by task, over pages of its list', async (t) => {
  const { fixture, engine, job, orders, ends } = await running(t, { capacity: 3 });
  assert.deepEqual(await engine.states(job, 5), ['unknown', 'unknown', 'unknown', 'unknown', 'unknown']);
  for (let step = 0; step < 2; step++) {
    fixture.batch.step();
    assert.deepEqual(await engine.states(job, 5), ['queued', 'queued', 'queued', 'queued', 'queued']);
  }
  fixture.batch.step();
  fixture.batch.step();
  assert.deepEqual(await engine.states(job, 5), ['running', 'running', 'running', 'queued', 'queued']);
  assert.deepEqual(orders[2]?.command, JOB.command);
  const { AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ARRAY_SIZE, AWS_REGION } = orders[2]!.environment;
  assert.deepEqual(
    [AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ARRAY_SIZE, AWS_REGION],
    ['2', '5', 'us-east-1'],
  );
  ends[0]!(0);
  ends[1]!(4);
  await settled();
  assert.deepEqual(await engine.states(job, 5), ['done', 'failed', 'running', 'queued', 'queued']);
  assert.match(
    await engine.logs(job, 1),
    /^log stream worker\/default\/\S+-1 of log group workers \(Essential container in task exited; exit code 4\)$/,
  );
  assert.match(await engine.logs(job, 4), /^log stream none yet/);
});

test('states that all tasks have passed are not asked for again', async (t) => {
  const { fixture, engine, job } = await running(t);
  for (let step = 0; step < 4; step++) fixture.batch.step();
  await engine.states(job, 5);
  const before = fixture.count('ListJobs');
  assert.deepEqual(await engine.states(job, 5), Array(5).fill('running'));
  // Three pages of RUNNING, and SUCCEEDED and FAILED, which are empty.
  assert.equal(fixture.count('ListJobs') - before, 5);
});

test('cancelling stops what runs, and what waits never runs', async (t) => {
  const { fixture, engine, job, orders, stopped } = await running(t, { capacity: 2 });
  for (let step = 0; step < 4; step++) fixture.batch.step();
  await engine.cancel(job);
  await settled();
  assert.deepEqual(stopped, [0, 1]);
  assert.deepEqual(await engine.states(job, 5), Array(5).fill('failed'));
  for (let step = 0; step < 4; step++) fixture.batch.step();
  assert.equal(orders.length, 2);
  assert.match(await engine.logs(job, 0), /ended by bench fleet; exit code 143/);
});

test('one worker is a plain job that is told its index', async (t) => {
  const { fixture, engine, job, orders, ends } = await running(t, {}, 1);
  const submitted = fixture.server.calls.find(({ operation }) => operation === 'SubmitJob');
  assert.equal('arrayProperties' in submitted!.input, false);
  const { timeout } = submitted!.input as { timeout?: object };
  assert.deepEqual(timeout, { attemptDurationSeconds: JOB.limitSeconds });
  const seen: string[] = [];
  for (let step = 0; step < 5; step++) {
    seen.push((await engine.states(job, 1)).join());
    fixture.batch.step();
  }
  assert.deepEqual(seen, ['queued', 'queued', 'queued', 'queued', 'running']);
  assert.deepEqual(orders[0]?.command.slice(-2), ['--index', '0']);
  assert.equal(orders[0]?.environment.AWS_BATCH_JOB_ARRAY_INDEX, undefined);
  ends[0]!(1);
  await settled();
  assert.deepEqual(await engine.states(job, 1), ['failed']);
  assert.match(await engine.logs(job, 0), /exit code 1/);
});

test('a submission whose answer is lost is found by its name, and not submitted twice', async (t) => {
  const fixture = await awsFixture(t);
  const engine = await engineOf(fixture);
  fixture.disturb(first('SubmitJob', 'answer lost'));
  const job = await engine.submit(JOB);
  assert.deepEqual([...fixture.batch.states().keys()], [job]);
  fixture.disturb(first('SubmitJob', 'no answer'));
  await assert.rejects(
    engine.submit({ ...JOB, name: 'bench-other' }),
    /could not be reached.*Whether job bench-other was submitted is not known: look for it in queue fleet-queue/,
  );
  assert.equal(fixture.count('SubmitJob'), 2);
});

test('what AWS refuses is told with its remedy', async (t) => {
  const fixture = await awsFixture(t);
  await assert.rejects(
    (await engineOf(fixture, 'no-queue')).submit(JOB),
    /AWS Batch: ClientException: JobQueue no-queue not found.*--engine-arg queue=no-queue and definition=.*QueueName/s,
  );
  await assert.rejects((await engineOf(fixture, QUEUE, 'none')).submit(JOB), /JobDefinition none not found/);
  const engine = await engineOf(fixture);
  fixture.disturb(denied);
  for (const ask of [
    () => engine.submit(JOB),
    () => engine.states('j', 2),
    () => engine.cancel('j'),
    () => engine.logs('j', 0),
  ])
    await assert.rejects(ask, /AWS Batch: AWS does not allow it; the user or role needs batch:SubmitJob/);
  fixture.disturb(expired);
  await assert.rejects(engine.states('j', 2), /the AWS credentials have expired; sign in again/);
  fixture.disturb(() => new AwsError('TooManyRequestsException', 'Too Many Requests', 429));
  await assert.rejects(engine.states('j', 2), /asks for fewer requests/);
  assert.equal(fixture.batch.states().size, 0);
});

test('what workers run on is known by the job definition, its newest revision where none is named', async (t) => {
  const fixture = await awsFixture(t);
  const fleet = { vcpus: 1, memoryMib: 2048, architecture: 'X86_64', hasPublicAddress: true };
  assert.deepEqual(await (await engineOf(fixture)).machine?.(), fleet);
  assert.deepEqual(await (await engineOf(fixture, QUEUE, 'fleet')).machine?.(), fleet);
  const engine = await engineOf(fixture, QUEUE, 'none');
  assert.equal(await engine.machine?.(), 'there is no job definition none');
  fixture.disturb(denied);
  assert.match(
    String(await engine.machine?.()),
    /AWS does not allow it; the user or role needs batch:DescribeJobDefinitions/,
  );
});

test('a definition that is not for Fargate, or does not say enough, has a reason instead of a price', async (t) => {
  const machineOf = async (definition: object) => {
    const fixture = await awsFixture(t, { batch: { definition } });
    return (await engineOf(fixture)).machine?.();
  };
  assert.equal(await machineOf({ platformCapabilities: ['EC2'] }), 'its job definition is not for Fargate');
  assert.equal(
    await machineOf({ platformCapabilities: ['FARGATE'], containerProperties: {} }),
    'its job definition does not say vCPUs and memory',
  );
  const containerProperties = {
    resourceRequirements: [
      { type: 'VCPU', value: '0.5' },
      { type: 'MEMORY', value: '1024' },
    ],
    runtimePlatform: { cpuArchitecture: 'ARM64' },
  };
  assert.deepEqual(await machineOf({ platformCapabilities: ['FARGATE'], containerProperties }), {
    ...{ vcpus: 0.5, memoryMib: 1024, architecture: 'ARM64', hasPublicAddress: false },
  });
});

test('an array of a size that AWS Batch does not take is refused', async (t) => {
  const engine = await engineOf(await awsFixture(t));
  await assert.rejects(
    engine.submit({ ...JOB, of: 10_001 }),
    /Array size must be a whole number from 2 to 10000/,
  );
  await assert.rejects(engine.submit({ ...JOB, name: '-x' }), /Job name '-x' does not match/);
});
