/**
 * What a killed performance job leaves, and the commands of the workflows that find it, as their YAML has them, against the
 * AWS endpoints of a local stage.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { parse } from 'yaml';
import { type LocalStage, startLocalStage, temporaryDirectory, watched } from '../bench/testing/cli.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHECKOUT = ['package.json', 'node_modules', 'bench', 'stack', 'reports', 'scripts'];

/** The command of a step, found by its name. */
function commandOf(file: string, step: string): string {
  const text = readFileSync(path.join(ROOT, '.github', 'workflows', file), 'utf8');
  const { jobs } = parse(text) as {
    jobs: Record<string, { steps: { name?: string; if?: string; run?: string }[] }>;
  };
  const found = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .find(({ name }) => name === step);
  return found?.run ?? assert.fail(`${file} has no step '${step}'`);
}

describe('a performance job that was killed', { timeout: 300_000 }, () => {
  const directory = temporaryDirectory();
  let stage: LocalStage;

  before(async () => {
    stage = await startLocalStage('--empty');
  });
  after(async () => {
    await stage.stop();
    directory.remove();
  });

  /** A directory that looks like a checkout, where a job leaves its files. */
  function checkout(name: string): string {
    const place = path.join(directory.path, name);
    mkdirSync(place);
    for (const entry of CHECKOUT) symlinkSync(path.join(ROOT, entry), path.join(place, entry));
    return place;
  }

  /** As the runner starts it, in a process group of its own. */
  function start(cwd: string, command: string, environment: Readonly<Record<string, string>> = {}) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
    const env = { ...Object.fromEntries(own), ...stage.environment, ...environment };
    return watched(
      spawn('bash', ['-e', '-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  function killGroup({ pid }: ChildProcess): void {
    process.kill(-pid!, 'SIGKILL');
  }

  const client = () => ({
    region: 'us-east-1',
    endpoint: stage.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

  async function stacks(): Promise<string[]> {
    const { Stacks } = await new CloudFormationClient(client()).send(new DescribeStacksCommand({}));
    return (Stacks ?? []).map(({ StackName, StackStatus }) => `${StackName} ${StackStatus}`);
  }

  /** Whether messages arrive at a stack whose name begins so. */
  async function isDriven(): Promise<boolean> {
    const asking = new ListMetricsCommand({ Namespace: 'AWS/Kinesis', MetricName: 'IncomingRecords' });
    const { Metrics } = await new CloudWatchClient(client()).send(asking);
    const [stack] = await stacks();
    const names = (Metrics ?? []).flatMap(
      ({ Dimensions }) => Dimensions?.map(({ Value }) => Value ?? '') ?? [],
    );
    return names.some((name) => name.startsWith(`${stack?.split(' ')[0]}-`));
  }

  /** Starts a job, kills it when its output says so much, or in the middle of its run, and returns where it was checked out. */
  async function killed(name: string, sign: RegExp | 'driving'): Promise<string> {
    const place = checkout(name);
    const measure = commandOf('performance.yaml', 'Deploy, measure, compare, tear down');
    const job = start(place, measure, { PLAN: 'quick', REPEATS: '3', RUNNER_TEMP: place });
    await job.saw(sign === 'driving' ? /› bench run/ : sign);
    while (sign === 'driving' && !(await isDriven())) await setTimeout(50);
    killGroup(job.child);
    await job.exited;
    return place;
  }

  test('is cleaned up after by its own workflow: in a run, while its stack is made, and before it had one', async () => {
    const step = commandOf('performance.yaml', 'Nothing is left behind');
    for (const [name, sign, left] of [
      ['in-a-run', 'driving', /^perf-\S+ CREATE_COMPLETE$/],
      ['in-creation', /CREATE_IN_PROGRESS/, /^perf-\S+ CREATE_\w+$/],
    ] as const) {
      const place = await killed(name, sign);
      assert.match((await stacks()).join(), left);
      const cleaned = await start(place, step).exited;
      assert.equal(cleaned.code, 0, cleaned.stderr);
      assert.match(cleaned.stdout, /is gone/);
      assert.deepEqual(await stacks(), []);
    }
    const nothing = await start(checkout('never-begun'), step).exited;
    assert.deepEqual([nothing.code, nothing.stdout, nothing.stderr], [0, '', '']);
  });

  test('is found by the janitor where its workflow did not come to that', async () => {
    const place = await killed('runner-lost', /› bench run/);
    const janitor = commandOf('janitor.yaml', 'Delete what is left');
    const young = await start(place, janitor, { OLDER_THAN: '3h' }).exited;
    assert.match(young.stdout, /no stack of this tool named perf-… is that old/);
    const cleaned = await start(place, janitor, { OLDER_THAN: '0s' }).exited;
    assert.equal(cleaned.code, 0, cleaned.stderr);
    assert.deepEqual(await stacks(), []);
  });
});
