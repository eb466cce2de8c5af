/**
 * `bench run`: checks what can be checked before anything starts, opens the stage, runs, saves, reports. Whatever was
 * measured is saved, and a run that measured nothing leaves nothing behind.
 */

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { ceilingNotice } from '../judge/driver-validity.ts';
import { summarise } from '../judge/summary.ts';
import { parseThreshold, type Threshold } from '../judge/threshold.ts';
import type { RunRecord } from '../measure/record.ts';
import { counted } from '../model/counted.ts';
import { ConfigurationError, Interrupted } from '../model/failure.ts';
import { orNearest } from '../model/near-miss.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration, RunResult } from '../model/result.ts';
import { maskedAddress, redactorOf } from '../model/secrets.ts';
import { isStackStage, isUrl } from '../model/stage-name.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import type { ParsedPlan, PlanInput } from '../node/plan-file.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note, printCommand } from '../node/terminal.ts';
import { annotationsOf } from './annotations.ts';
import { calibrationFor, calibrationText } from './calibration.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { exitCodeOf } from './exit.ts';
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
  const stageLog = new StageLog(redactorOf(parsed));
  const interruption = listenForInterruption();
  const { signal } = interruption;
  // Before the stage is asked anything, and again, with its word, before it is closed: neither may cost the run.
  const measured = (record: RunRecord) =>
    directory.save({ record, stageLog, result: summarise(record, thresholds) });
  const finished = async (record: RunRecord, pricing: Pricing) => {
    const result = pricing(summarise(record, thresholds));
    await directory.save({ record, stageLog, result }, reporting.write);
    return result;
  };
  try {
    const result = await measure(parsed, { given, id, stageLog, interrupted: signal, measured, finished });
    if (!given.json) for (const line of annotationsOf(result, process.env)) printCommand(line);
    const code = exitCodeOf(result, signal.aborted);
    sayClosing(given, result, directory, reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    if (interruption.signal.aborted && error instanceof NothingMeasured)
      throw new Interrupted(sentence(error));
    // A disk is not the stage's fault.
    if (directory.trouble === null) for (const line of stageLog.tail()) note(`stage: ${line}`);
    throw error;
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
  if (isUrl(plan))
    throw new ConfigurationError([
      `plan: ${maskedAddress(plan)} is the address of a stage; name it with --stage`,
    ]);
  const bundled = path.join(PLANS, `${plan}.yaml`);
  if (!/^[\w-]+$/.test(plan) || existsSync(plan)) return plan;
  if (existsSync(bundled)) return bundled;
  throw new ConfigurationError([
    `plan: there is no plan '${plan}'; name a file, or one of ${bundledPlans().join(', ')}${orNearest(plan, bundledPlans())}`,
  ]);
}

interface Measuring {
  readonly given: RunArguments;
  readonly id: string;
  readonly stageLog: StageLog;
  readonly interrupted: AbortSignal;
  readonly measured: (record: RunRecord) => Promise<void>;
  readonly finished: (record: RunRecord, pricing: Pricing) => Promise<RunResult>;
}

async function measure(
  { plan, headers, query, options }: ParsedPlan & { readonly options: RunOptions },
  { given: { quiet, json }, id, stageLog, interrupted, measured, finished }: Measuring,
): Promise<RunResult> {
  const say = (line: string): void => {
    if (!quiet && !json) note(line);
  };
  say(introduction(plan));
  const { metricsWaitMs, isWithMetrics, isCalibrated, pricesPath } = options;
  const calibration = isCalibrated ? await calibrated(plan, say, interrupted) : undefined;
  const opened = await openStage({ plan, headers, log: stageLog.add, metricsWaitMs, interrupted });
  if (isStackStage(plan)) await announce(plan, opened, options, say);
  const stage = isWithMetrics ? opened : { ...opened, hasMetrics: false };
  try {
    const asked = { plan, headers, query, stage, id, isSilent: quiet || json, interrupted, measured };
    const record = await measureOn({ ...asked, ...(calibration === undefined ? {} : { calibration }) });
    return await finished(record, pricingOf({ pricesPath, templateText: opened.templateText ?? null }));
  } finally {
    await stage.close();
  }
}

/** Before there is a stage: neither disturbs the other. */
async function calibrated(
  plan: Plan,
  say: (line: string) => void,
  interrupted: AbortSignal,
): Promise<Calibration | undefined> {
  const calibration = await calibrationFor(plan, interrupted);
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

function sentence(error: Error): string {
  return `${error.message[0]?.toUpperCase()}${error.message.slice(1)}; nothing was saved.`;
}
