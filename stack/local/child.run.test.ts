/** The local stage in its own process. */
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { Stage } from '../../bench/ports.ts';
import type { StageAnswers, StageReport } from './child.ts';
import { openLocalStage, StageConfigurationError } from './child.ts';
import {
  descendants,
  directoriesOf,
  isRunning,
  received,
  sumOf,
  TEMPLATE_PATH,
} from './testing/stage-fixture.ts';

const REQUEST = {
  templatePath: null,
  stackName: 'local',
  parameters: { ShardCount: '1' },
  profile: 'ideal',
  dispatch: 'serial',
  seed: 1,
  port: 0,
} as const;

async function opened(lines: string[] = []): Promise<{ stage: Stage; pids: number[] }> {
  const before = descendants(process.pid);
  const stage = await openLocalStage({ ...REQUEST, log: (line) => lines.push(line) });
  const pids = descendants(process.pid).filter((pid) => !before.includes(pid));
  return { stage, pids };
}

/** Sends one message through and waits for its echo, so that the function's process is running. */
async function exercised(url: string): Promise<WebSocket> {
  const client = new WebSocket(url);
  const echo = received(client, 1);
  await once(client, 'open');
  client.send('x');
  await echo;
  return client;
}

/** A second stage on the same port cannot start, and that is no mistake of the configuration's. */
async function assertPortInUse(port: number): Promise<void> {
  await assert.rejects(openLocalStage({ ...REQUEST, port, log: () => {} }), (error: Error) => {
    assert.equal(error instanceof StageConfigurationError, false, String(error));
    assert.match(error.message, /already in use/);
    return true;
  });
}

/** Waits until the system no longer lists any of the processes. */
async function ended(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await new Promise((resolve) => setImmediate(resolve));
}

test('the stage states its facts, echoes, answers for its metrics, keeps its port and leaves no process', async () => {
  const startEpochMs = Date.now();
  const lines: string[] = [];
  const { stage, pids } = await opened(lines);
  const { kind, name, region, profile, parameters, notes } = stage.facts;
  assert.deepEqual([kind, name, region, profile], ['local', 'local', 'us-east-1', 'ideal']);
  assert.equal(parameters.ShardCount, '1');
  assert.ok(notes.length >= 2, notes.join('\n'));
  const client = await exercised(stage.facts.url);
  const metrics = await stage.metrics(startEpochMs, Date.now());
  assert.ok(metrics !== null, 'a local stage has metrics');
  assert.equal(metrics.incomingRecords, 1);
  assert.equal(sumOf(metrics, 'messageCount'), 2);
  const all = [...pids, ...pids.flatMap(descendants)];
  assert.ok(all.length > pids.length, 'the function has a process');
  await assertPortInUse(Number(new URL(stage.facts.url).port));
  const control = await fetch(stage.facts.url.replace(/^ws(.*)\/v1$/, 'http$1/'), {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 x' },
    body: new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15' }),
  });
  assert.match(
    `${control.status} ${await control.text()}`,
    /^403 .*the stage of a run serves its WebSocket API/,
  );
  const closing = once(client, 'close');
  await stage.close();
  assert.equal((await closing)[0], 1001);
  await ended(all);
  await assert.rejects(stage.metrics(0, 1), /no longer running/);
  assert.deepEqual(
    lines.filter((line) => line.includes('unexpectedly')),
    [],
  );
});

test('problems of the configuration arrive as such, all at once', async () => {
  const parameters = { ShardCount: '0', Nonsense: '1' };
  const missing = openLocalStage({ ...REQUEST, templatePath: '/nowhere.yaml', log: () => {} });
  await assert.rejects(missing, (error: unknown) => error instanceof StageConfigurationError);
  await assert.rejects(openLocalStage({ ...REQUEST, parameters, log: () => {} }), (error: unknown) => {
    assert.ok(error instanceof StageConfigurationError, String(error));
    assert.ok(error.problems.length >= 2, error.message);
    return true;
  });
});

test('a stage that dies says so in the log, and its metrics are an error', async () => {
  let died: (line: string) => void = () => {};
  const line = new Promise<string>((resolve) => {
    died = resolve;
  });
  const before = descendants(process.pid);
  const stage = await openLocalStage({
    ...REQUEST,
    log: (text) => text.includes('unexpectedly') && died(text),
  });
  const pids = descendants(process.pid).filter((pid) => !before.includes(pid));
  const client = await exercised(stage.facts.url);
  const all = [...pids, ...pids.flatMap(descendants)];
  assert.equal(directoriesOf(pids[0]!).length, 2, 'two functions are deployed');
  const closing = once(client, 'close');
  process.kill(pids[0]!, 'SIGKILL');
  assert.match(await line, /the local stage ended unexpectedly: SIGKILL/);
  await assert.rejects(stage.metrics(0, 1), /no longer running/);
  await closing;
  await stage.close();
  await ended(all);
  await (await opened()).stage.close();
  assert.deepEqual(directoriesOf(pids[0]!), [], 'the next stage sweeps up what a killed one leaves');
});

test('a stage told to end by SIGTERM leaves neither processes nor directories', async () => {
  const { stage, pids } = await opened();
  const [pid = 0] = pids;
  await exercised(stage.facts.url);
  const all = [pid, ...descendants(pid)];
  assert.ok(all.length >= 2, 'at least the function that answered runs');
  assert.equal(directoriesOf(pid).length, 2, 'two functions are deployed');
  process.kill(pid, 'SIGTERM');
  await ended(all);
  assert.deepEqual(directoriesOf(pid), []);
  await stage.close();
});

test('so does a stage in the foreground', async (t) => {
  const executable = fileURLToPath(new URL('../../bench/bench.mjs', import.meta.url));
  const command = spawn(process.execPath, [executable, 'stage', 'local', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => command.kill('SIGKILL'));
  const pid = command.pid!;
  const [line] = (await once(command.stdout.setEncoding('utf8'), 'data')) as [string];
  await exercised(/ready at (\S+)/.exec(line)?.[1] ?? line);
  const all = [pid, ...descendants(pid)];
  assert.ok(all.length >= 2, 'at least the function that answered runs');
  assert.equal(directoriesOf(pid).length, 2, 'two functions are deployed');
  const exit = once(command, 'exit');
  command.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null]);
  await ended(all);
  assert.deepEqual(directoriesOf(pid), []);
});

test('the stage ignores SIGINT and ends with its parent, even when that is killed', async () => {
  const entry = fileURLToPath(new URL('child-entry.mjs', import.meta.url));
  const script = `
    import { fork, spawn } from 'node:child_process';
    const child = fork(${JSON.stringify(entry)}, { execArgv: [], stdio: 'inherit' });
    child.on('message', (message) => process.send({ ...message, pid: child.pid }));
    child.send({ kind: 'question', id: 0, question: { kind: 'start', request: ${JSON.stringify({ ...REQUEST, templatePath: TEMPLATE_PATH })} } });
    process.on('message', () => child.kill('SIGINT'));
  `;
  const parent = fork('-', { execPath: process.execPath, execArgv: ['--input-type=module', '-e', script] });
  const started = new Promise<{ pid: number; url: string }>((resolve) => {
    parent.on('message', (message: StageReport & { pid: number }) => {
      if (message.kind !== 'answer') return;
      const { url } = message.answer as StageAnswers['start'];
      resolve({ pid: message.pid, url });
    });
  });
  const { pid, url } = await started;
  parent.send('interrupt');
  const client = await exercised(url);
  client.on('error', () => {});
  const all = [pid, ...descendants(pid)];
  assert.ok(all.length > 1, 'the function has a process');
  parent.kill('SIGKILL');
  await ended(all);
  assert.deepEqual(directoriesOf(pid), []);
});
