/**
 * `bench run`: checks what can be checked before anything starts, opens the stage, runs, saves, reports. Whatever was
 * measured is saved, and a run that measured nothing leaves nothing behind.
 */

import path from 'node:path';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { ceilingNotice } from '../judge/driver-validity.ts';
import { summarise } from '../judge/summary.ts';
import { parseThreshold, type Threshold } from '../judge/threshold.ts';
import type { RunRecord } from '../measure/record.ts';
import { counted } from '../model/counted.ts';
import { Interrupted } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration, RunResult } from '../model/result.ts';
import { redactorOf } from '../model/secrets.ts';
import { isStackStage } from '../model/stage-name.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import type { ParsedPlan } from '../node/plan-file.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note, printCommand } from '../node/terminal.ts';
import { annotationsOf } from './annotations.ts';
import { calibrationFor, calibrationText } from './calibration.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { exitCodeOf } from './exit.ts';
import type { Given, Values } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { measureOn } from './measuring.ts';
import { type Pricing, pricingOf } from './pricing.ts';
import { parseRun, type RUN_FLAGS } from './run-options.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { stackNotice } from './stack-notice.ts';
import { type OpenStage, openStage } from './stage.ts';

/** What the command needs of the reports, given by the composition root. */
export interface Reporting {
  /** Renders every format of a run directory into it. */
  write(directory: string): Promise<unknown>;
  readonly summary: SummaryOf<RunResult>;
}

/** Runs and answers the exit code. */
export async function runCommand(given: Given<typeof RUN_FLAGS>, reporting: Reporting): Promise<number> {
  const parsed = parseRun(given);
  const { flags } = given;
  const thresholds = parsed.plan.thresholds.map((expression) => parseThreshold(expression) as Threshold);
  checkSocketLimits(parsed.plan);
  const id = runIdOf(parsed.plan.name, Date.now());
  const directory = new RunDirectory(flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
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
    const result = await measure(parsed, { flags, id, stageLog, interrupted: signal, measured, finished });
    if (!flags.json) for (const line of annotationsOf(result, process.env)) printCommand(line);
    const code = exitCodeOf(result, signal.aborted);
    sayClosing(flags, result, directory, reporting.summary, code);
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

interface Measuring {
  readonly flags: Values<typeof RUN_FLAGS>;
  readonly id: string;
  readonly stageLog: StageLog;
  readonly interrupted: AbortSignal;
  readonly measured: (record: RunRecord) => Promise<void>;
  readonly finished: (record: RunRecord, pricing: Pricing) => Promise<RunResult>;
}

async function measure(
  { plan, headers, query }: ParsedPlan,
  { flags, id, stageLog, interrupted, measured, finished }: Measuring,
): Promise<RunResult> {
  const say = (line: string): void => {
    if (!flags.quiet && !flags.json) note(line);
  };
  say(introduction(plan));
  const { quiet, json, metricsWait: metricsWaitMs, prices: pricesPath } = flags;
  const calibration = flags.calibration ? await calibrated(plan, say, interrupted) : undefined;
  const opened = await openStage({ plan, headers, log: stageLog.add, metricsWaitMs, interrupted });
  if (isStackStage(plan)) await announce(plan, opened, flags, say);
  const stage = flags.metrics ? opened : { ...opened, hasMetrics: false };
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
  { maxCost: maxCostUsd, prices: pricesPath }: Values<typeof RUN_FLAGS>,
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
