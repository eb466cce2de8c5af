/** What is proven of fleets: each runs one, and holds what it says against what others counted. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { unpack } from '../../bench/measure/packed-histogram.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { mergeLog } from '../../reports/histogram-log.ts';
import { BENCH, type Desk, heard, startServer } from './desk.ts';

/** Checks on what was driven. The others are on the machine, which may be too small for all of this at once. */
const OF_THE_RUN = new Set(['fleet', 'connections', 'achieved rate', 'samples', 'metrics completeness']);

/** Messages that left the driver, warm-up included. */
export function sentIn({ messages }: RunResult): number {
  return messages.sent + messages.warmup.sent;
}

/** Response counts by bucket, added up from the partials by the plainest means. */
function bucketsOfParts(store: string): Map<number, number> {
  const sums = new Map<number, number>();
  for (const name of readdirSync(store).filter((file) => file.startsWith('worker-'))) {
    const partial = JSON.parse(gunzipSync(readFileSync(path.join(store, name))).toString('utf8'));
    for (const packed of unpack(partial.part.seconds.histograms.response ?? '')) {
      const buckets = packed?.toSparse().buckets ?? [];
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

/** Counts add up: connections, messages and every bucket. */
export async function counts(desk: Desk, size = { workers: 4, connections: 200, seconds: 5 }): Promise<void> {
  const { workers, connections, seconds } = size;
  const server = await startServer();
  const plan = desk.planFile('counts', {
    ...{ stage: server.url, connections, connectRate: 400, rate: 800 },
    ...{ duration: `${seconds}s`, warmup: '1s', drain: '3s', threshold: 'messages.lost == 0' },
  });
  const { outcome, result, fleet, store } = await desk.fleetRun({ plan, workers });
  const tally = await server.stop();
  const sent = sentIn(result);
  const whole = fleet.missing.length === 0 && !result.partial;
  desk.check(whole, `${workers - fleet.missing.length} of ${workers} workers reported`);
  desk.check(
    tally.messages === sent,
    `server counted ${tally.messages} messages, the merged run sent ${sent}`,
  );
  const { scheduled } = result.messages;
  desk.check(scheduled === 800 * seconds, `${scheduled} messages were scheduled of ${800 * seconds}`);
  desk.check(
    tally.connections === result.connections.opened + fleet.of,
    `server counted ${tally.connections} connections: ${connections}, and a probe of each worker`,
  );
  const log = readFileSync(path.join(desk.outOf('counts'), 'latency.hlog'), 'utf8');
  desk.check(
    isSameAsLog(bucketsOfParts(store), log),
    'merged response times are the sum of the parts, bucket for bucket',
  );
  const late = Math.max(...fleet.workers.map(({ latenessMs }) => latenessMs));
  desk.check(
    late === 0,
    `all were ready in time; clocks at most ${fleet.clockSpreadMs?.toFixed(1)} ms apart`,
  );
  const bad = result.validity.checks.filter(
    ({ name, verdict }) => OF_THE_RUN.has(name) && verdict === 'invalid',
  );
  desk.check(
    bad.length === 0 && [0, 4].includes(outcome.code ?? 1),
    `exit ${outcome.code}; nothing invalid but, perhaps, a full machine`,
  );
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

/** A load that something happens to. */
export const MORTAL = {
  connections: 200,
  connectRate: 400,
  rate: 800,
  duration: '8s',
  warmup: '1s',
  drain: '3s',
};

/** A worker that dies is missed, by name and by share. */
export async function death(desk: Desk): Promise<void> {
  const server = await startServer();
  const { outcome, result, fleet } = await desk.fleetRun({
    plan: desk.planFile('death', { ...MORTAL, stage: server.url }),
    workers: 4,
    during: async ({ job }) => {
      await desk.measuring('death', 2);
      kill(job, 2);
    },
  });
  await server.stop();
  const share = fleet.missingShare;
  const missing = fleet.missing.join(', ');
  desk.check(missing === '2', `worker 2 was killed while it measured; missing: ${missing}`);
  desk.check(
    share?.connections === 50 && share.messages === 1600 && share.messagesOfAll === 6400,
    `missing share: ${share?.connections} of 200 connections, ${share?.messages} of ${share?.messagesOfAll} messages`,
  );
  const { scheduled } = result.messages;
  desk.check(scheduled === 4800, `${scheduled} messages are in the result: nothing was scaled up`);
  desk.check(result.partial && outcome.code === 4, `the result is partial, exit ${outcome.code}`);
}

/** A worker that is cancelled saves what it has. */
export async function cancelled(desk: Desk): Promise<void> {
  const server = await startServer();
  const { outcome, result, fleet } = await desk.fleetRun({
    plan: desk.planFile('cancelled', { ...MORTAL, stage: server.url }),
    workers: 4,
    during: async ({ job }) => {
      await desk.measuring('cancelled', 1);
      execFileSync('scancel', [`${job}_1`]);
    },
  });
  const tally = await server.stop();
  const sent = sentIn(result);
  const cut = fleet.workers.find(({ interruption }) => interruption !== null)?.index;
  desk.check(
    fleet.missing.length === 0 && cut === 1,
    `worker ${cut} was cancelled while it measured, and saved what it had`,
  );
  desk.check(
    tally.messages === sent,
    `server counted ${tally.messages} messages, the merged run sent ${sent}`,
  );
  desk.check(result.partial && outcome.code === 4, `the result is partial, exit ${outcome.code}`);
}

/** Workers that people start by hand, with one start; one of them late. */
export async function byHand(desk: Desk): Promise<void> {
  const server = await startServer();
  const plan = desk.planFile('hand', {
    ...{ stage: server.url, connections: 60, connectRate: 400, rate: 300 },
    ...{ duration: '6s', warmup: '1s', drain: '2s' },
  });
  const startMs = Date.now() + 5_000;
  const startAt = new Date(startMs).toISOString();
  const work = (index: number) => {
    const args = [
      '--plan',
      plan,
      '--index',
      String(index),
      '--of',
      '3',
      '--start-at',
      startAt,
      '--out',
      desk.storeOf('hand'),
    ];
    const child = spawn(process.execPath, [BENCH, 'worker', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return heard(child).outcome;
  };
  const punctual = [work(0), work(1)];
  await wait(startMs + 1_000 - Date.now());
  const late = await work(2);
  await Promise.all(punctual);
  const args = ['fleet', 'merge', desk.storeOf('hand'), '--out', desk.outOf('hand'), '--quiet'];
  const merge = spawn(process.execPath, [BENCH, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  await heard(merge).outcome;
  const tally = await server.stop();
  const { result, fleet } = desk.merged('hand');
  const lateMs = fleet.workers.map(({ latenessMs }) => Math.round(latenessMs));
  desk.check(
    lateMs.length === 3 && lateMs[2]! > 1_000 && lateMs[2]! > lateMs[0]! && lateMs[2]! > lateMs[1]!,
    `three workers by hand, one started a second after the start: late by ${lateMs.join(', ')} ms`,
  );
  desk.check(/ready [\d.]+ s after the agreed start/.test(late.stderr), `it says so: ${late.stderr.trim()}`);
  const evidence = result.validity.checks.find(({ name }) => name === 'fleet')?.evidence ?? '';
  desk.check(/came late, the last by/.test(evidence), `the merged run says so: ${evidence}`);
  desk.check(
    result.messages.scheduled === 1_800 && tally.messages === sentIn(result),
    `${result.messages.scheduled} of 1800 messages were scheduled; server counted ${tally.messages}, the merged run sent ${sentIn(result)}`,
  );
}

/** A stack that the fleet finds by its name: its metrics are read once, after merging. */
export async function stack(desk: Desk): Promise<void> {
  const stage = spawn(
    process.execPath,
    [BENCH, 'stage', 'local', '--port', '0', '--profile', 'ideal', '--name', 'fleet-proof'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: stage.stdout });
  let port: string | undefined;
  while (port === undefined)
    port = /ready at \w+:\/\/127\.0\.0\.1:(\d+)/.exec(((await once(lines, 'line')) as [string])[0])?.[1];
  const plan = desk.planFile('stack', {
    ...{ stage: 'fleet-proof', connections: 40, connectRate: 100, rate: 100 },
    ...{ duration: '5s', warmup: '2s', drain: '5s', threshold: 'metrics.incomingRecords.sum > 0' },
  });
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1' };
  const { outcome, result, fleet } = await desk.fleetRun({ plan, workers: 4, environment });
  stage.kill('SIGINT');
  const { scheduled, delivered, lost, indeterminate, refused } = result.messages;
  desk.check(
    fleet.missing.length === 0 && scheduled === 500,
    `a stack by its name: ${scheduled} messages scheduled by 4 workers`,
  );
  desk.check(
    delivered + lost + indeterminate + refused === scheduled && delivered > 0,
    `${delivered} delivered, ${lost} lost, ${refused} refused, ${indeterminate} indeterminate`,
  );
  const { metrics, traffic, thresholds, cost } = result;
  desk.check(
    metrics !== null && metrics.incomingRecords === traffic?.expectedRecords,
    `its metrics were read after merging: ${metrics?.incomingRecords} records of ${traffic?.expectedRecords}, with probes and warm-up`,
  );
  desk.check(
    thresholds[0]?.ok === true && cost !== null && [0, 4].includes(outcome.code ?? 1),
    `threshold on metrics: ${thresholds[0]?.value}; cost ${cost?.total} ${cost?.currency}; exit ${outcome.code}`,
  );
}

/** Eight workers with two thousand connections each. */
export async function large(desk: Desk): Promise<void> {
  const server = await startServer();
  const plan = desk.planFile('large', {
    ...{ stage: server.url, connections: 16_000, connectRate: 1500, rate: 1600 },
    ...{ duration: '10s', warmup: '2s', drain: '5s' },
  });
  const { result, fleet } = await desk.fleetRun({ plan, workers: 8 });
  const tally = await server.stop();
  const sent = sentIn(result);
  const late = Math.max(...fleet.workers.map(({ latenessMs }) => latenessMs));
  process.stdout.write(
    `        8 × 2,000: ${result.connections.opened} opened, ${result.connections.failed} failed, connect p99 ${result.connections.connect.p99} ms, ` +
      `response p50 ${result.latency.response.p50} ms p99 ${result.latency.response.p99} ms, lateness ${late} ms, clocks ${fleet.clockSpreadMs?.toFixed(1)} ms\n`,
  );
  desk.check(result.connections.opened === 16_000, '16,000 connections are open');
  desk.check(
    tally.messages === sent,
    `server counted ${tally.messages} messages, the merged run sent ${sent}`,
  );
  desk.check(late === 0 && (fleet.clockSpreadMs ?? 1000) < 100, 'started within 100 ms of each other');
}
