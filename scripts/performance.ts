/**
 * The scheduled performance job, the same in CI and on a laptop: clears away what a killed job left, deploys a stack with a
 * name of its own, runs the plan several times, tears the stack down whatever happened, compares with the newest entry of
 * the history, adds the runs to it, and looks for changes in all of it. Every step is a command of `bench`, so each can be repeated by hand.
 *
 * Usage: npm run performance -- --history DIR --out DIR [--prefix perf-] [--region R] [--plan FILE] [--repeats N]
 *          [--parameter K=V]… [--threshold EXPR]… [--max-cost USD] [--stale 6h] [--keep N]
 * Credentials, and AWS_ENDPOINT_URL of a local stage, are found as everywhere. OUT gets the runs, the comparison, summary.md for a
 * job's summary, and the file `stack`, by which a job that was killed is cleaned up after: npx bench stage down --name "$(cat OUT/stack)"; HISTORY is a directory that the job keeps between runs, such as a branch's checkout.
 * --max-cost is the budget of all of it, at list prices: a job whose stack and repeats would cost more does not begin, and no
 * repeat does that would pass it with what was spent until then.
 * Exit code: that of the first step that failed; 3 when a threshold failed or the comparison found something worse, which takes two
 * repeats or more in this entry and in the one before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseDollars, parseDuration } from '../bench/model/duration.ts';
import type { RunResult } from '../bench/model/result.ts';
import { claim, contentsOf, makeDirectory } from '../bench/node/directory.ts';
import { warnOfOldNode } from '../bench/node/node-version.ts';
import { settingProblems } from '../bench/node/plan-file.ts';
import { guardStandardStreams } from '../bench/node/terminal.ts';
import type { PerformanceBudget, Spent } from './performance-budget.ts';
import { refuse, scriptArguments } from './script-arguments.ts';

const BENCH = fileURLToPath(new URL('../bench/bench.mjs', import.meta.url));

/** What a run must leave for later comparisons; everything else can be made again from it. */
const KEPT = ['result.json', 'latency.hlog'];

/** A stack that AWS is still at work on can't be deleted yet: what it is at takes less than this. */
const TEARDOWN_WAIT = '20m';

/** What refuses its deletion may only need a moment, as an interface that is still detached. More tries only hide the reason. */
const TEARDOWN_TRIES = 3;
const TEARDOWN_PAUSE_MS = 15_000;

/** A command that is interrupted saves what it measured, in seconds. */
const END_WITHIN_MS = 60_000;

/** In the directory of the job, from before there is a stack: its name, then its ARN, for whoever comes after a job that was killed. */
const STACK_FILE = 'stack';

const INTERRUPTED = 130;
const WORSE = 3;
/** As a command of `bench` that would cost too much. */
const REFUSED = 1;

const { values: given } = scriptArguments({
  history: { type: 'string' },
  out: { type: 'string' },
  prefix: { type: 'string', default: 'perf-' },
  region: { type: 'string' },
  plan: { type: 'string', default: 'quick' },
  repeats: { type: 'string', default: '3' },
  parameter: { type: 'string', multiple: true, default: [] },
  threshold: { type: 'string', multiple: true, default: [] },
  'max-cost': { type: 'string' },
  stale: { type: 'string', default: '6h' },
  keep: { type: 'string', default: '60' },
});

interface Job {
  readonly history: string;
  readonly out: string;
  readonly repeats: number;
  readonly keep: number;
  /** Of this job's stack. */
  readonly name: string;
}

function jobOf(): Job {
  const { threshold, parameter, region } = given;
  const settings = { threshold, parameter, ...(region === undefined ? {} : { region }) };
  // Found here, before there is a stack that they would be found on.
  const problems = settingProblems(settings);
  if (parseDuration(given.stale) === null)
    problems.push(`stale: '${given.stale}' is not a duration such as 6h`);
  const maxCost = given['max-cost'];
  if (maxCost !== undefined && parseDollars(maxCost) === null)
    problems.push(`max-cost: '${maxCost}' is not an amount of US dollars, such as 0.50`);
  const directory = (name: 'history' | 'out'): string => {
    if (given[name] === undefined) problems.push(`${name}: say which directory with --${name} DIR`);
    return path.resolve(given[name] ?? '');
  };
  const whole = (name: 'repeats' | 'keep', most: number): number => {
    const value = Number(given[name]);
    if (!Number.isInteger(value) || value < 1 || value > most)
      problems.push(`${name}: '${given[name]}' is not a whole number from 1 to ${most}`);
    return value;
  };
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, '');
  const job = {
    history: directory('history'),
    out: directory('out'),
    repeats: whole('repeats', 100),
    keep: whole('keep', 10_000),
    name: `${given.prefix}${time.toLowerCase()}-${randomBytes(3).toString('hex')}`,
  };
  if (existsSync(job.out) && contentsOf(job.out).length > 0)
    problems.push(`out: ${job.out} is not empty; name a new directory`);
  if (problems.length === 0) problems.push(...claimProblems(job.out));
  refuse(problems);
  return job;
}

/** Two jobs never write into one directory. */
function claimProblems(out: string): string[] {
  try {
    makeDirectory(out);
    claim(out);
    return [];
  } catch (error) {
    return [`out: ${(error as Error).message}`];
  }
}

// Whoever reads the output may leave: the stack is taken down all the same.
guardStandardStreams();
// Once for all the commands that it runs.
warnOfOldNode();

/** Monotonic milliseconds. */
let deployingSinceMs = 0;
let isInterrupted = false;
let running: ChildProcess | null = null;

/** Runs a command of `bench` in the open and answers its exit code. */
function bench(...args: string[]): Promise<number> {
  process.stderr.write(`\n› bench ${args.join(' ')}\n`);
  const child = spawn(process.execPath, [BENCH, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  running = child;
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : INTERRUPTED)));
  });
}

function record({ out }: Pick<Job, 'out'>, nameOrArn: string): void {
  writeFileSync(path.join(out, STACK_FILE), `${nameOrArn}\n`);
}

/** The ARN of the job's stack, on record in OUT/stack.json; null where AWS does not tell. No later stack of the name has it. */
async function arnOf({ name, out }: Job): Promise<string | null> {
  const args = [BENCH, 'stage', 'status', '--name', name, '--json', ...region()];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const said = await text(child.stdout);
  try {
    const { id, account, region: at } = JSON.parse(said) as Record<string, string>;
    if (id === undefined) return null;
    record({ out }, id);
    writeFileSync(
      path.join(out, 'stack.json'),
      `${JSON.stringify({ name, id, account, region: at }, null, 2)}\n`,
    );
    return id;
  } catch {
    return null;
  }
}

const region = (): string[] => (given.region === undefined ? [] : ['--region', given.region]);
const repeated = (flag: string, values: readonly string[]): string[] =>
  values.flatMap((value) => [`--${flag}`, value]);

/** Until the stack is gone: a job that was cut short while AWS was at work has to wait for AWS first. */
async function tearDown(nameOrArn: string): Promise<number> {
  const waitMs = process.env.AWS_ENDPOINT_URL === undefined ? TEARDOWN_PAUSE_MS : 1_000;
  let code = 1;
  for (let attempt = 0; attempt < TEARDOWN_TRIES && code !== 0; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    code = await bench(
      ...['stage', 'down', '--name', nameOrArn, '--yes', '--quiet', '--wait', TEARDOWN_WAIT],
      ...region(),
    );
  }
  return code;
}

/** Runs the plan as often as asked. A run that is invalid or misses a threshold does not keep the others from being made. */
async function measure({ name, out, repeats }: Job, limit: PerformanceBudget | null): Promise<number> {
  let worst = 0;
  const spent: Spent[] = [];
  for (let repeat = 1; repeat <= repeats && !isInterrupted; repeat++) {
    const problem = limit?.ofNext(spent, performance.now() - deployingSinceMs) ?? null;
    if (problem !== null) {
      process.stderr.write(`error: repeat ${repeat} of ${repeats} is not made: ${problem}\n`);
      return worst === 0 ? REFUSED : worst;
    }
    const directory = path.join(out, 'runs', String(repeat).padStart(2, '0'));
    const code = await bench(
      ...['run', given.plan, '--stage', name, '--out', directory, '--quiet'],
      ...repeated('threshold', given.threshold),
      ...region(),
    );
    spent.push(costOf(directory));
    addSummary(out, path.join(directory, 'summary.md'));
    if (worst === 0) worst = code;
    if (code !== 0 && code !== WORSE && code !== 4) break;
  }
  return worst;
}

/** What a run cost by its result; null where it left none. */
function costOf(directory: string): Spent {
  try {
    const { cost } = JSON.parse(readFileSync(path.join(directory, 'result.json'), 'utf8')) as RunResult;
    return cost;
  } catch {
    return null;
  }
}

/** The budget; null without a limit. */
async function budget(): Promise<PerformanceBudget | null> {
  const limitUsd = parseDollars(given['max-cost'] ?? '');
  if (limitUsd === null) return null;
  const { plan, region: place = null, parameter } = given;
  const { budgetOf } = await import('./performance-limit.ts');
  const found = await budgetOf({ limitUsd, plan, region: place, parameters: parameter });
  if ('ofAll' in found) return found;
  refuse(found);
  return null;
}

/** Entries of the history, oldest first: their names begin with their times. */
function entriesOf(history: string): string[] {
  if (!existsSync(history)) return [];
  return readdirSync(history, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^\d{8}t\d{6}/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

async function compare({ history, out }: Job): Promise<number> {
  const base = entriesOf(history).at(-1);
  if (base === undefined) {
    appendFileSync(path.join(out, 'summary.md'), '\nNothing to compare with: the history is empty.\n');
    return 0;
  }
  const directory = path.join(out, 'comparison');
  const sides = [path.join(history, base), path.join(out, 'runs')];
  // One run on a side can't tell a change from what differs between runs of one setting: it is shown, and fails nothing.
  const isGate = sides.every((side) => readdirSync(side).length > 1);
  const gate = isGate ? ['--fail-on', 'worse'] : [];
  const code = await bench('compare', ...sides, '--out', directory, ...gate);
  addSummary(out, path.join(directory, 'summary.md'));
  return code;
}

function addSummary(out: string, file: string): void {
  if (existsSync(file))
    appendFileSync(path.join(out, 'summary.md'), `\n${readFileSync(file, 'utf8').trim()}\n`);
}

/** Adds the runs to the history and takes the oldest entries out of it. */
function remember({ history, out, name, keep }: Job): void {
  const entry = path.join(history, name.slice(given.prefix.length));
  for (const run of readdirSync(path.join(out, 'runs'))) {
    makeDirectory(path.join(entry, run));
    for (const file of KEPT) {
      const from = path.join(out, 'runs', run, file);
      if (existsSync(from)) cpSync(from, path.join(entry, run, file));
    }
  }
  for (const old of entriesOf(history).slice(0, -keep)) rmSync(path.join(history, old), { recursive: true });
}

/** The whole history as one page: a change too small for one comparison shows in many. */
async function trace({ history, out }: Job): Promise<number> {
  const directory = path.join(out, 'history');
  const code = await bench('history', history, '--out', directory);
  addSummary(out, path.join(directory, 'summary.md'));
  return code;
}

/** Deploys, measures and tears down; answers the exit code of the first that failed. */
async function onStack(job: Job, limit: PerformanceBudget | null): Promise<number> {
  let arn: string | null = null;
  deployingSinceMs = performance.now();
  try {
    const guarded = given['max-cost'] === undefined ? [] : ['--max-cost', given['max-cost']];
    const deployed = await bench(
      ...['stage', 'up', '--name', job.name, '--yes', ...repeated('parameter', given.parameter)],
      ...region(),
      ...guarded,
    );
    arn = await arnOf(job);
    return deployed === 0 ? await measure(job, limit) : deployed;
  } finally {
    const code = await tearDown(arn ?? job.name);
    if (code !== 0) process.exitCode = code;
  }
}

async function main(): Promise<number> {
  const job = jobOf();
  const limit = await budget();
  const problem = limit?.ofAll(job.repeats) ?? null;
  if (problem !== null) {
    process.stderr.write(`error: nothing was deployed: ${problem}\n`);
    return REFUSED;
  }
  writeFileSync(path.join(job.out, 'summary.md'), `# Performance of ${job.name}\n`);
  record(job, job.name);
  await bench('stage', 'clean', '--prefix', given.prefix, '--older-than', given.stale, ...region());
  const measured = isInterrupted ? INTERRUPTED : await onStack(job, limit);
  if (isInterrupted) return INTERRUPTED;
  if (measured !== 0 && measured !== WORSE) return measured;
  const compared = await compare(job);
  remember(job);
  const trends = await trace(job);
  return [measured, compared, trends].find((code) => code !== 0) ?? 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    const asked = running;
    asked?.kill('SIGINT');
    // One that does not end would keep the stack up.
    setTimeout(() => asked?.kill('SIGKILL'), END_WITHIN_MS).unref();
  });
}
const code = await main();
process.exitCode ||= code;
