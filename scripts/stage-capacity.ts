/**
 * How many echoed messages a second the local stage carries on this machine, and whether it says so when it is itself the
 * bottleneck. Runs the product's own command, `bench run`, with real sockets and real functions, and reads its result.
 *
 * The warm-up is long because starting the functions leaves a backlog, which a stage near its limit works off slowly.
 *
 * Usage: npm run bench:stage -- [--rate N] [--connections N] [--duration 15s] [--profile ideal|aws]… [--in-flight N] [--json]
 * With --in-flight the loop is closed and the rate is whatever comes back. Exit code 1: a run could not be made.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParseArgsConfig } from 'node:util';
import type { RunResult } from '../bench/model/result.ts';
import { scriptArguments } from './script-arguments.ts';

const BENCH = fileURLToPath(new URL('../bench/bench.mjs', import.meta.url));

/** Far above the size of a result; an answer cut short would not be valid JSON. */
const OUTPUT_BYTES = 256 * 1024 * 1024;

/** Exit codes of `bench run` that come with a result: pass, a threshold failed, the run is invalid. */
const WITH_RESULT: readonly unknown[] = [0, 3, 4];

const OPTIONS = {
  rate: { type: 'string', default: '1500' },
  'in-flight': { type: 'string' },
  connections: { type: 'string', default: '1000' },
  duration: { type: 'string', default: '15s' },
  warmup: { type: 'string', default: '20s' },
  shards: { type: 'string', default: '4' },
  profile: { type: 'string', multiple: true, default: ['ideal', 'aws'] },
  json: { type: 'boolean', default: false },
} satisfies NonNullable<ParseArgsConfig['options']>;

type Values = ReturnType<typeof scriptArguments<typeof OPTIONS>>['values'];

/** What one run says about the stage. */
interface Capacity {
  readonly profile: string;
  readonly offeredPerSecond: number;
  /** Echoes that came while messages were being sent; a backlog worked off in the drain doesn't count. */
  readonly echoedPerSecond: number;
  readonly scheduled: number;
  readonly delivered: number;
  readonly lost: number;
  readonly refused: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly verdict: string;
  /** Share of all processors' time, by the stage's own watch; null where it doesn't watch. */
  readonly machineBusy: number | null;
  readonly stageLoopBusy: number | null;
  /** Whether the stage said that it was the bottleneck. */
  readonly saidBottleneck: boolean;
}

function flagsOf(values: Values, profile: string): string[] {
  const inFlight = values['in-flight'];
  const load = inFlight === undefined ? ['--rate', values.rate] : ['--in-flight', inFlight];
  return [
    ...['run', '--json', '--profile', profile, '--name', `stage-capacity-${profile}`, ...load],
    ...['--connections', values.connections, '--duration', values.duration, '--warmup', values.warmup],
    ...['--parameter', `ShardCount=${values.shards}`],
  ];
}

/** Runs `bench` and answers its result. Rejects with what it printed when there is none. */
function benchRun(flags: readonly string[], directory: string): Promise<RunResult> {
  const args = [BENCH, ...flags, '--out', path.join(directory, 'run')];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: OUTPUT_BYTES }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (WITH_RESULT.includes(code)) resolve(JSON.parse(stdout) as RunResult);
      else reject(new Error(`bench ${flags.join(' ')} ended with ${code}: ${stderr.trim()}`));
    });
  });
}

async function capacityOf(values: Values, profile: string): Promise<Capacity> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stage-capacity-'));
  try {
    const result = await benchRun(flagsOf(values, profile), directory);
    const { messages, throughput, latency, metrics, validity, warnings } = result;
    return {
      profile,
      offeredPerSecond: throughput.offeredPerSecond,
      echoedPerSecond: echoedPerSecond(result),
      scheduled: messages.scheduled,
      delivered: messages.delivered,
      lost: messages.lost,
      refused: messages.refused,
      p50Ms: latency.response.p50,
      p99Ms: latency.response.p99,
      verdict: validity.verdict,
      machineBusy: metrics?.health?.machineBusyMean ?? null,
      stageLoopBusy: metrics?.health?.utilizationMean ?? null,
      saidBottleneck: warnings.some(({ code }) => code === 'stageSaturated'),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function echoedPerSecond({ intervals, plan }: RunResult): number {
  const seconds = Math.floor(plan.durationMs / 1_000);
  const inTime = intervals.filter(({ second }) => second < seconds);
  return inTime.reduce((sum, { delivered }) => sum + delivered, 0) / seconds;
}

const ms = (value: number | null) => (value === null ? 'n/a' : `${value.toFixed(1)} ms`);
const share = (value: number | null) => (value === null ? 'not watched' : `${(value * 100).toFixed(0)} %`);

function linesOf(one: Capacity): string[] {
  return [
    `profile ${one.profile}: ${one.echoedPerSecond.toFixed(0)} echoes/s of ${one.offeredPerSecond.toFixed(0)}/s offered`,
    `  ${one.delivered} of ${one.scheduled} delivered, ${one.lost} lost, ${one.refused} refused; run ${one.verdict}`,
    `  response P50 ${ms(one.p50Ms)}, P99 ${ms(one.p99Ms)}`,
    `  stage's event loop busy ${share(one.stageLoopBusy)}, machine busy ${share(one.machineBusy)}; ` +
      `the stage ${one.saidBottleneck ? 'said that it was the bottleneck' : 'did not call itself the bottleneck'}`,
  ];
}

async function main(): Promise<number> {
  const { values } = scriptArguments(OPTIONS);
  const measured: Capacity[] = [];
  for (const profile of values.profile) {
    const capacity = await capacityOf(values, profile);
    measured.push(capacity);
    if (!values.json) process.stdout.write(`${linesOf(capacity).join('\n')}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
