/**
 * Proves fleets on a real Slurm on this machine: merged counts are the server's, a worker that dies is missed by name and by
 * share, and workers start together. The cluster is scripts/slurm/cluster.sh's, on loopback, with ports and keys of its own.
 *
 * Usage: tsx scripts/fleet-proof.ts [--large] [--keep]     (--large adds 8 workers × 2,000 connections)
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { FleetFacts } from '../bench/core/fleet/facts.ts';
import { unpack } from '../bench/core/fleet/packed-histogram.ts';
import type { RunResult } from '../bench/core/result.ts';
import { mergeLog } from '../reports/histogram-log.ts';

const { values: asked } = parseArgs({ options: { large: { type: 'boolean' }, keep: { type: 'boolean' } } });
const ROOT = path.resolve(import.meta.dirname, '..');
const BENCH = path.join(ROOT, 'bench', 'bench.mjs');
const CLUSTER = path.join(ROOT, 'scripts', 'slurm', 'cluster.sh');
const place = mkdtempSync(path.join(os.tmpdir(), 'fleet-proof-'));

/** Counts what it hears, and says it when it ends. */
const SERVER = `
  import { WebSocketServer } from ${JSON.stringify(path.join(ROOT, 'node_modules/ws/wrapper.mjs'))};
  const tally = { connections: 0, messages: 0 };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
  server.on('connection', (socket) => {
    tally.connections++;
    socket.on('message', (data) => { tally.messages++; socket.send(data, { binary: false }); });
  });
  process.on('SIGTERM', () => process.stdout.write(JSON.stringify(tally) + '\\n', () => process.exit(0)));
`;

interface Tally {
  readonly connections: number;
  readonly messages: number;
}

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

interface Fleet {
  readonly outcome: Outcome;
  readonly result: RunResult;
  readonly fleet: FleetFacts;
  /** Where the partials are. */
  readonly store: string;
}

let failures = 0;

function check(isSo: boolean, what: string): void {
  if (!isSo) failures++;
  process.stdout.write(`${isSo ? 'ok    ' : 'FAILED'}  ${what}\n`);
}

async function startServer(): Promise<{ url: string; stop(): Promise<Tally> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  return {
    url: `ws://127.0.0.1:${port}`,
    async stop() {
      const last = once(lines, 'line');
      child.kill('SIGTERM');
      return JSON.parse(((await last) as [string])[0]) as Tally;
    },
  };
}

function planFile(name: string, settings: Record<string, unknown>): string {
  const file = path.join(place, `${name}.json`);
  writeFileSync(file, JSON.stringify({ name, ...settings }));
  return file;
}

function ended(child: ChildProcess): Promise<Outcome> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

/** Runs a fleet. `during` is told the job as soon as it is known. */
async function fleetRun(
  plan: string,
  workers: number,
  during?: (job: string) => Promise<void>,
): Promise<Fleet> {
  const name = path.basename(plan, '.json');
  const store = path.join(place, 'store', name);
  const out = path.join(place, 'out', name);
  const args = [
    'fleet',
    'run',
    plan,
    '--engine',
    'slurm',
    '--engine-arg=--cpus-per-task=1',
    '--workers',
    String(workers),
  ];
  const child = spawn(process.execPath, [BENCH, ...args, '--store', store, '--out', out], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const outcome = ended(child);
  if (during !== undefined) {
    child.stderr.on('data', (text: string) => {
      const job = /job (\d+);/.exec(text)?.[1];
      if (job !== undefined) void during(job);
    });
  }
  const finished = await outcome;
  const read = <T>(file: string) => JSON.parse(readFileSync(path.join(out, file), 'utf8')) as T;
  try {
    const [run = ''] = readdirSync(store);
    return {
      outcome: finished,
      result: read('result.json'),
      fleet: read('fleet.json'),
      store: path.join(store, run),
    };
  } catch {
    throw new Error(`the fleet left no result (exit ${finished.code}):\n${finished.stderr}`);
  }
}

/** Response counts by bucket, added up from the partials by the plainest means. */
function bucketsOfParts(store: string): Map<number, number> {
  const sums = new Map<number, number>();
  for (const name of readdirSync(store).filter((file) => file.startsWith('worker-'))) {
    const partial = JSON.parse(gunzipSync(readFileSync(path.join(store, name))).toString('utf8'));
    for (const { histograms } of partial.part.seconds) {
      if (histograms.response === undefined) continue;
      const { buckets } = unpack(histograms.response);
      for (let pair = 0; pair < buckets.length; pair += 2)
        sums.set(buckets[pair]!, (sums.get(buckets[pair]!) ?? 0) + buckets[pair + 1]!);
    }
  }
  return sums;
}

function isSameAsLog(sums: ReadonlyMap<number, number>, log: string): boolean {
  const merged = mergeLog(log, ['response']).histograms.get('response') as unknown as {
    getCountAtIndex(index: number): number;
    totalCount: number;
  };
  let total = 0;
  for (const [index, count] of sums) {
    if (merged.getCountAtIndex(index) !== count) return false;
    total += count;
  }
  return total === merged.totalCount;
}

async function counts(): Promise<void> {
  const server = await startServer();
  const plan = planFile('counts', {
    ...{ stage: server.url, connections: 200, connectRate: 400, rate: 800 },
    ...{ duration: '5s', warmup: '1s', drain: '3s', threshold: 'messages.lost == 0' },
  });
  const { outcome, result, fleet, store } = await fleetRun(plan, 4);
  const tally = await server.stop();
  const { messages, connections } = result;
  const sent = messages.sent + messages.warmup.sent;
  check(fleet.missing.length === 0 && !result.partial, '4 of 4 workers reported');
  check(tally.messages === sent, `server counted ${tally.messages} messages, the merged run sent ${sent}`);
  check(messages.scheduled === 4000, `${messages.scheduled} messages were scheduled of 4000`);
  const opened = connections.opened + fleet.of;
  check(
    tally.connections === opened,
    `server counted ${tally.connections} connections, 200 and a probe of each worker`,
  );
  const log = readFileSync(path.join(place, 'out', 'counts', 'latency.hlog'), 'utf8');
  check(
    isSameAsLog(bucketsOfParts(store), log),
    'merged response times are the sum of the parts, bucket for bucket',
  );
  const late = Math.max(...fleet.workers.map(({ latenessMs }) => latenessMs));
  check(late === 0, `all were ready in time; clocks at most ${fleet.clockSpreadMs?.toFixed(1)} ms apart`);
  const others = result.validity.checks.filter(
    ({ name, verdict }) => name !== 'shared machine' && verdict === 'invalid',
  );
  check(
    others.length === 0 && [0, 4].includes(outcome.code ?? 1),
    `exit ${outcome.code}; nothing invalid but a full machine`,
  );
}

/** Answers when the worker of the only run in the named store measures. */
async function measuring(name: string, index: number): Promise<void> {
  const root = path.join(place, 'store', name);
  const state = () => {
    try {
      const file = path.join(root, readdirSync(root)[0]!, `progress-0000${index}.json`);
      return JSON.parse(readFileSync(file, 'utf8')).state as string;
    } catch {
      return '';
    }
  };
  while (state() !== 'measuring') await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Kills a task's processes as a machine that loses its power would; by their ids, found by what Slurm gave them. */
function kill(job: string, index: number): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = environmentOf(pid);
    if (
      environment.includes(`SLURM_ARRAY_JOB_ID=${job}`) &&
      environment.includes(`SLURM_ARRAY_TASK_ID=${index}`)
    )
      process.kill(Number(pid), 'SIGKILL');
  }
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const MORTAL = { connections: 200, connectRate: 400, rate: 800, duration: '8s', warmup: '1s', drain: '3s' };

async function death(): Promise<void> {
  const server = await startServer();
  const { outcome, result, fleet } = await fleetRun(
    planFile('death', { ...MORTAL, stage: server.url }),
    4,
    async (job) => {
      await measuring('death', 2);
      kill(job, 2);
    },
  );
  await server.stop();
  const share = fleet.missingShare;
  check(
    fleet.missing.join() === '2',
    `worker 2 was killed while it measured; missing: ${fleet.missing.join(', ')}`,
  );
  check(
    share?.connections === 50 && share.messages === 1600 && share.messagesOfAll === 6400,
    `missing share: ${share?.connections} of 200 connections, ${share?.messages} of ${share?.messagesOfAll} messages`,
  );
  check(
    result.messages.scheduled === 4800,
    `${result.messages.scheduled} messages are in the result: nothing was scaled up`,
  );
  check(result.partial && outcome.code === 4, `the result is partial, exit ${outcome.code}`);
}

async function cancelled(): Promise<void> {
  const server = await startServer();
  const { outcome, result, fleet } = await fleetRun(
    planFile('cancelled', { ...MORTAL, stage: server.url }),
    4,
    async (job) => {
      await measuring('cancelled', 1);
      execFileSync('scancel', [`${job}_1`]);
    },
  );
  const tally = await server.stop();
  const { messages } = result;
  const sent = messages.sent + messages.warmup.sent;
  const cut = fleet.workers.find(({ interruption }) => interruption !== null)?.index;
  check(
    fleet.missing.length === 0 && cut === 1,
    `worker ${cut} was cancelled while it measured, and saved what it had`,
  );
  check(tally.messages === sent, `server counted ${tally.messages} messages, the merged run sent ${sent}`);
  check(result.partial && outcome.code === 4, `the result is partial, exit ${outcome.code}`);
}

async function localStage(): Promise<void> {
  const stage = spawn(process.execPath, [BENCH, 'stage', 'local', '--port', '0', '--profile', 'ideal'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: stage.stdout });
  let url: string | undefined;
  while (url === undefined) url = /wss?:\/\/\S+/.exec(((await once(lines, 'line')) as [string])[0])?.[0];
  const plan = planFile('stage', {
    ...{
      stage: url,
      connections: 40,
      connectRate: 100,
      rate: 100,
      duration: '5s',
      warmup: '2s',
      drain: '5s',
    },
  });
  const { result, fleet } = await fleetRun(plan, 4);
  stage.kill('SIGINT');
  const { scheduled, delivered, lost, indeterminate, refused } = result.messages;
  check(
    fleet.missing.length === 0 && scheduled === 500,
    `local stage: ${scheduled} messages scheduled by 4 workers`,
  );
  check(
    delivered + lost + indeterminate + refused === scheduled && delivered > 0,
    `local stage: ${delivered} delivered, ${lost} lost, ${refused} refused, ${indeterminate} indeterminate`,
  );
}

async function large(): Promise<void> {
  const server = await startServer();
  const plan = planFile('large', {
    ...{ stage: server.url, connections: 16_000, connectRate: 1500, rate: 1600 },
    ...{ duration: '10s', warmup: '2s', drain: '5s' },
  });
  const { result, fleet } = await fleetRun(plan, 8);
  const tally = await server.stop();
  const sent = result.messages.sent + result.messages.warmup.sent;
  const late = Math.max(...fleet.workers.map(({ latenessMs }) => latenessMs));
  process.stdout.write(
    `        8 × 2,000: ${result.connections.opened} opened, ${result.connections.failed} failed, connect p99 ${result.connections.connect.p99} ms, ` +
      `response p50 ${result.latency.response.p50} ms p99 ${result.latency.response.p99} ms, lateness ${late} ms, clocks ${fleet.clockSpreadMs?.toFixed(1)} ms\n`,
  );
  check(result.connections.opened === 16_000, '16,000 connections are open');
  check(tally.messages === sent, `server counted ${tally.messages} messages, the merged run sent ${sent}`);
  check(late === 0 && (fleet.clockSpreadMs ?? 1000) < 100, 'started within 100 ms of each other');
}

const nodes = asked.large === true ? 8 : 4;
const started = execFileSync('bash', [CLUSTER, 'start', path.join(place, 'slurm'), String(nodes)], {
  encoding: 'utf8',
});
process.env.SLURM_CONF = /SLURM_CONF=(\S+)/.exec(started)?.[1];
try {
  await counts();
  await death();
  await cancelled();
  await localStage();
  if (asked.large === true) await large();
} finally {
  execFileSync('bash', [CLUSTER, 'stop', path.join(place, 'slurm')]);
  // The controller writes its state once more as it ends.
  if (asked.keep !== true) rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  else process.stdout.write(`kept: ${place}\n`);
}
process.stdout.write(failures === 0 ? 'the fleet is exact\n' : `${failures} checks failed\n`);
process.exitCode = failures === 0 ? 0 : 1;
