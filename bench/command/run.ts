/**
 * `bench run`: checks what can be checked before anything starts, opens the stage, runs, saves, reports. Whatever was
 * measured is saved, and a run that measured nothing leaves nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../core/plan.ts';
import type { RunRecord } from '../core/record.ts';
import type { RunResult } from '../core/result.ts';
import { isStackStage } from '../core/stage-name.ts';
import { summarise } from '../core/summary.ts';
import { parseThreshold, type Threshold } from '../core/threshold.ts';
import { ProbeError } from '../drive/probe.ts';
import { NothingMeasured, run } from '../drive/run.ts';
import { systemClock } from '../edge/clock.ts';
import { wsDialer } from '../edge/dialer.ts';
import { environmentOf, hostMeter, openFileLimit, PACKAGE_ROOT } from '../edge/machine.ts';
import { ConfigurationError, type ParsedPlan, type PlanInput } from '../edge/plan-file.ts';
import { newProgress, type Progress, silentProgress } from '../edge/progress.ts';
import { RunDirectory, runIdOf } from '../edge/run-directory.ts';
import { StageLog } from '../edge/stage-log.ts';
import { ThreadWorker } from '../edge/thread.ts';
import { exitCodeOf, Interrupted, OperatingError } from './exit.ts';
import { type OptionArguments, parseRun, type RunOptions } from './run-options.ts';
import { stackNotice } from './stack-notice.ts';
import { isLoopback, type OpenStage, openStage } from './stage.ts';

/** Bundled plans, named without their extension. */
const PLANS = fileURLToPath(new URL('../plans/', import.meta.url));

/** The program of a driver thread. */
const DRIVER_THREAD = new URL('./driver-thread-entry.mjs', import.meta.url);

/** Files that driver and stage each need beside their connections: threads, pipes, modules, function sockets. */
const SPARE_FILES = 200;

/** What the command needs of the reports, given by the composition root. */
export interface Reporting {
  /** Renders every format of a run directory into it. */
  write(directory: string): Promise<unknown>;
  /** The closing summary for a terminal. */
  summary(result: RunResult, options: { colour: boolean; width: number }): string[];
}

export interface RunArguments {
  /** Name of a bundled plan, or path of a plan file. */
  readonly plan: string;
  /** Flags that are plan settings, by their setting's name. */
  readonly settings: PlanInput;
  readonly options: OptionArguments;
  readonly out: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Runs and answers the exit code. */
export async function runCommand(given: RunArguments, reporting: Reporting): Promise<number> {
  const parsed = parseRun(planPath(given.plan), given.settings, given.options);
  const thresholds = parsed.plan.thresholds.map((expression) => parseThreshold(expression) as Threshold);
  checkOpenFiles(parsed.plan);
  const id = runIdOf(parsed.plan.name, Date.now());
  const directory = new RunDirectory(given.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const stageLog = new StageLog();
  const interruption = interruptible(() => directory.discard());
  try {
    const keep = (record: RunRecord) => directory.keep(summarise(record, thresholds), record, stageLog);
    const record = await measure(parsed, id, given, stageLog, interruption.signal, keep);
    const result = summarise(record, thresholds);
    await save(directory, { result, record, stageLog }, reporting);
    tell(given, result, directory.path, reporting);
    return exitCodeOf(result, interruption.signal.aborted);
  } catch (error) {
    directory.discard();
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted(sentence(error));
    for (const line of stageLog.tail()) process.stderr.write(`stage: ${line}\n`);
    throw plain(error);
  } finally {
    interruption.release();
  }
}

function bundledPlans(): string[] {
  return readdirSync(PLANS).map((file) => path.basename(file, '.yaml'));
}

function planPath(plan: string): string {
  const bundled = path.join(PLANS, `${plan}.yaml`);
  if (!/^[\w-]+$/.test(plan) || existsSync(plan)) return plan;
  if (existsSync(bundled)) return bundled;
  throw new ConfigurationError([
    `plan: there is no plan '${plan}'; name a file, or one of ${bundledPlans().join(', ')}`,
  ]);
}

function checkOpenFiles(plan: Plan): void {
  const limit = openFileLimit();
  const needed = plan.connections + SPARE_FILES;
  if (limit === null || limit >= needed) return;
  throw new OperatingError(
    `connections: ${plan.connections} connections need ${needed} open files and the limit is ${limit}. ` +
      `Raise it with 'ulimit -n ${needed}' before the run, or use fewer connections.`,
  );
}

/**
 * Ctrl-C and SIGTERM end the run and keep what was measured. The second one ends the process, for a user who does not
 * want to wait even for that.
 */
function interruptible(abandon: () => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) {
      abandon();
      process.exit(130);
    }
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const release = () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  return { signal: controller.signal, release };
}

async function measure(
  { plan, headers, options }: ParsedPlan & { readonly options: RunOptions },
  id: string,
  { quiet, json }: RunArguments,
  stageLog: StageLog,
  interrupted: AbortSignal,
  measured: (record: RunRecord) => void,
): Promise<RunRecord> {
  const say = (line: string): void => {
    if (!quiet && !json) process.stderr.write(`${line}\n`);
  };
  say(introduction(plan));
  const { metricsWaitMs, isWithMetrics } = options;
  const opened = await openStage({ plan, log: stageLog.add, metricsWaitMs });
  if (isStackStage(plan)) await announce(plan, opened, options, say);
  const stage = isWithMetrics ? opened : { ...opened, hasMetrics: false };
  const progress: Progress =
    quiet || json
      ? silentProgress
      : newProgress({ plan, stream: process.stderr, now: () => systemClock.now() });
  const threads: ThreadWorker[] = [];
  try {
    return await run({
      plan,
      stage,
      sharesMachine: isLoopback(stage.facts.url),
      id,
      runId: randomBytes(8).toString('hex'),
      headers,
      environment: environmentOf(plan),
      clock: systemClock,
      dialer: wsDialer(headers),
      newWorker: (assignment, listener) => {
        const thread = new ThreadWorker(DRIVER_THREAD, assignment, listener);
        threads.push(thread);
        return thread;
      },
      hostMeter: hostMeter(),
      observer: progress,
      interrupted,
      measured,
    });
  } finally {
    progress.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
    await stage.close();
  }
}

async function announce(
  plan: Plan,
  stage: OpenStage,
  { maxCostUsd }: RunOptions,
  say: (line: string) => void,
): Promise<void> {
  for (const line of await stackNotice({ plan, stage, maxCostUsd })) say(line);
}

function introduction(plan: Plan): string {
  const load =
    plan.load.kind === 'open'
      ? `${plan.load.ratePerSecond} messages/s, ${plan.load.arrival}`
      : `${plan.load.inFlight} messages in flight on each`;
  const stage =
    plan.stage === 'local'
      ? `local stage, profile ${plan.profile}`
      : `${isStackStage(plan) ? 'stack ' : ''}${plan.stage}`;
  return `${plan.name}: ${plan.connections} connections, ${load}, ${plan.durationMs / 1000} s measured, on ${stage}`;
}

async function save(
  directory: RunDirectory,
  { result, record, stageLog }: { result: RunResult; record: RunRecord; stageLog: StageLog },
  reporting: Reporting,
): Promise<void> {
  try {
    directory.save(result, record, stageLog);
    await reporting.write(directory.path);
  } catch (error) {
    throw new OperatingError(
      `results could not all be written to ${directory.path}: ${(error as Error).message}. ` +
        `What is there is whole; 'bench report ${directory.path}' renders the reports again from result.json.`,
    );
  }
}

function tell(given: RunArguments, result: RunResult, directory: string, reporting: Reporting): void {
  if (given.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns ?? 100;
  const lines = given.quiet ? [] : reporting.summary(result, { colour, width });
  const shown = path.relative(process.cwd(), path.join(directory, 'index.html'));
  for (const line of [...lines, `report: ${shown}`]) process.stdout.write(`${line}\n`);
}

function sentence(error: Error): string {
  return `${error.message[0]?.toUpperCase()}${error.message.slice(1)}; nothing was saved.`;
}

/** Failures of the stage are the user's to act on, and need no stack. */
function plain(error: unknown): unknown {
  return error instanceof ProbeError || error instanceof NothingMeasured
    ? new OperatingError(error.message)
    : error;
}
