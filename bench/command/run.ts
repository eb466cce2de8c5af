/**
 * `bench run`: checks what can be checked before anything starts, opens the stage, runs, saves, reports. Whatever was
 * measured is saved, and a run that measured nothing leaves nothing behind.
 */

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted } from '../core/counted.ts';
import { ceilingNotice } from '../core/driver-validity.ts';
import { orNearest } from '../core/near-miss.ts';
import type { Plan } from '../core/plan.ts';
import type { RunRecord } from '../core/record.ts';
import type { Calibration, RunResult } from '../core/result.ts';
import { isStackStage } from '../core/stage-name.ts';
import { summarise } from '../core/summary.ts';
import { parseThreshold, type Threshold } from '../core/threshold.ts';
import { ProbeError } from '../drive/probe.ts';
import { NothingMeasured } from '../drive/run.ts';
import { ConfigurationError } from '../edge/configuration-error.ts';
import { PACKAGE_ROOT } from '../edge/machine.ts';
import type { ParsedPlan, PlanInput } from '../edge/plan-file.ts';
import { RunDirectory, runIdOf } from '../edge/run-directory.ts';
import { StageLog } from '../edge/stage-log.ts';
import { note, printCommand } from '../edge/terminal.ts';
import { annotationsOf } from './annotations.ts';
import { calibrationFor, calibrationText } from './calibration.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { EXIT, exitCodeOf, Interrupted, OperatingError } from './exit.ts';
import { listenForInterruption } from './interruption.ts';
import { measureOn } from './measuring.ts';
import { type Pricing, pricingOf } from './pricing.ts';
import { type OptionArguments, parseRun, type RunOptions } from './run-options.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { stackNotice } from './stack-notice.ts';
import { type OpenStage, openStage } from './stage.ts';

/** Bundled plans, named without their extension. */
const PLANS = fileURLToPath(new URL('../plans/', import.meta.url));

/** What the command needs of the reports, given by the composition root. */
export interface Reporting {
  /** Renders every format of a run directory into it. */
  write(directory: string): Promise<unknown>;
  readonly summary: SummaryOf<RunResult>;
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
  checkSocketLimits(parsed.plan);
  const id = runIdOf(parsed.plan.name, Date.now());
  const directory = new RunDirectory(given.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const stageLog = new StageLog();
  // Ctrl-C ends the run and keeps what was measured; a second one is from a user who does not want to wait even for that.
  const interruption = listenForInterruption(() => {
    directory.discard();
    process.exit(EXIT.interrupted);
  });
  try {
    const keep = (record: RunRecord) => directory.keep(summarise(record, thresholds), record, stageLog);
    // Only a stack's metrics come so late that the run must be safe before them.
    const measured = isStackStage(parsed.plan) ? keep : () => {};
    const { record, pricing } = await measure(parsed, id, given, stageLog, interruption.signal, measured);
    const result = pricing(summarise(record, thresholds));
    await save(directory, { result, record, stageLog }, reporting);
    if (!given.json) for (const line of annotationsOf(result, process.env)) printCommand(line);
    sayClosing(given, result, directory.path, reporting.summary);
    return exitCodeOf(result, interruption.signal.aborted);
  } catch (error) {
    directory.discard();
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted(sentence(error));
    for (const line of stageLog.tail()) note(`stage: ${line}`);
    throw plain(error);
  } finally {
    interruption.dispose();
  }
}

function bundledPlans(): string[] {
  return readdirSync(PLANS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.basename(file, '.yaml'));
}

/** Path of a plan that was named, or of a file. Throws {@link ConfigurationError}. */
export function planPath(plan: string): string {
  const bundled = path.join(PLANS, `${plan}.yaml`);
  if (!/^[\w-]+$/.test(plan) || existsSync(plan)) return plan;
  if (existsSync(bundled)) return bundled;
  throw new ConfigurationError([
    `plan: there is no plan '${plan}'; name a file, or one of ${bundledPlans().join(', ')}${orNearest(plan, bundledPlans())}`,
  ]);
}

async function measure(
  { plan, headers, options }: ParsedPlan & { readonly options: RunOptions },
  id: string,
  { quiet, json }: RunArguments,
  stageLog: StageLog,
  interrupted: AbortSignal,
  measured: (record: RunRecord) => void,
): Promise<{ record: RunRecord; pricing: Pricing }> {
  const say = (line: string): void => {
    if (!quiet && !json) note(line);
  };
  say(introduction(plan));
  const { metricsWaitMs, isWithMetrics, isCalibrated, pricesPath } = options;
  const calibration = isCalibrated ? await calibrated(plan, say) : undefined;
  const opened = await openStage({ plan, headers, log: stageLog.add, metricsWaitMs });
  if (isStackStage(plan)) await announce(plan, opened, options, say);
  const stage = isWithMetrics ? opened : { ...opened, hasMetrics: false };
  try {
    const asked = { plan, headers, stage, id, isSilent: quiet || json, interrupted, measured };
    const record = await measureOn({ ...asked, ...(calibration === undefined ? {} : { calibration }) });
    return { record, pricing: pricingOf({ pricesPath, templateText: opened.templateText ?? null }) };
  } finally {
    await stage.close();
  }
}

/** Before there is a stage: neither disturbs the other. */
async function calibrated(plan: Plan, say: (line: string) => void): Promise<Calibration | undefined> {
  const calibration = await calibrationFor(plan);
  if (typeof calibration === 'string') {
    say(`warning: ${calibration}`);
    return undefined;
  }
  say(`this machine: ${calibrationText(calibration)}`);
  const notice = ceilingNotice(plan, calibration);
  if (notice !== null) say(`warning: ${notice}`);
  if (calibration.pacing !== plan.pacing)
    say(`warning: ${plan.pacing} can't be had on this machine; a ${calibration.pacing} paces the messages`);
  return calibration;
}

async function announce(
  plan: Plan,
  stage: OpenStage,
  { maxCostUsd, pricesPath }: RunOptions,
  say: (line: string) => void,
): Promise<void> {
  for (const line of await stackNotice({ plan, stage, maxCostUsd, pricesPath })) say(line);
}

function introduction(plan: Plan): string {
  const load =
    plan.load.kind === 'open'
      ? `${plan.load.ratePerSecond} messages/s, ${plan.load.arrival}`
      : `${counted(plan.load.inFlight, 'message')} in flight on each`;
  const stage =
    plan.stage === 'local'
      ? `local stage, profile ${plan.profile}`
      : `${isStackStage(plan) ? 'stack ' : ''}${plan.stage}`;
  return `${plan.name}: ${counted(plan.connections, 'connection')}, ${load}, ${plan.durationMs / 1000} s measured, on ${stage}`;
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

function sentence(error: Error): string {
  return `${error.message[0]?.toUpperCase()}${error.message.slice(1)}; nothing was saved.`;
}

/** Failures of the stage are the user's to act on, and need no stack. */
export function plain(error: unknown): unknown {
  return error instanceof ProbeError || error instanceof NothingMeasured
    ? new OperatingError(error.message)
    : error;
}
