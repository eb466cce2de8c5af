/**
 * `bench run`: checks what can be checked before anything starts, opens the stage, runs, saves, reports. Whatever was
 * measured is saved, and a run that measured nothing leaves nothing behind.
 */

import path from 'node:path';
import { NothingMeasured } from '../drive/probe-stage.ts';
import { counted } from '../model/counted.ts';
import { Interrupted } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import { redactorOf } from '../model/secrets.ts';
import { isStackStage } from '../model/stage-name.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import type { ParsedPlan } from '../node/plan-file.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import { note, printCommand } from '../node/terminal.ts';
import { annotationsOf } from './annotations.ts';
import { saidCalibration } from './calibration.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { exitCodeOf } from './exit.ts';
import type { Given, Values } from './flags.ts';
import { listenForInterruption } from './interruption.ts';
import { pricingOf } from './pricing.ts';
import { type Once, runOnce } from './run-once.ts';
import { parseRun, type RUN_FLAGS } from './run-options.ts';
import { checkSocketLimits } from './socket-limits.ts';
import { stackNotice } from './stack-notice.ts';
import { type OpenStage, openStage, withMetrics } from './stage.ts';

/** What the command needs of the reports, given by the composition root. */
export interface Reporting {
  /** Renders every format of a run directory into it. */
  write(directory: string): Promise<unknown>;
  readonly summary: SummaryOf<RunResult>;
}

/** Runs and returns the exit code. */
export async function runCommand(given: Given<typeof RUN_FLAGS>, reporting: Reporting): Promise<number> {
  const parsed = parseRun(given);
  const { flags } = given;
  checkSocketLimits(parsed.plan);
  const id = runIdOf(parsed.plan.name, Date.now());
  const directory = new RunDirectory(flags.out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  const stageLog = new StageLog(redactorOf(parsed));
  const interruption = listenForInterruption();
  const { signal: interrupted } = interruption;
  const common = { id, directory, stageLog, interrupted, write: reporting.write };
  try {
    const result = await measured({ ...parsed, ...common }, flags);
    if (!flags.json) for (const line of annotationsOf(result, process.env)) printCommand(line);
    const code = exitCodeOf(result, interrupted.aborted);
    sayClosing(flags, result, directory, reporting.summary, code);
    return code;
  } catch (error) {
    directory.discard();
    if (interrupted.aborted && error instanceof NothingMeasured) throw new Interrupted(sentence(error));
    // A disk is not the stage's fault.
    if (directory.trouble === null) for (const line of stageLog.tail()) note(`stage: ${line}`);
    throw error;
  } finally {
    interruption.dispose();
  }
}

type Measuring = ParsedPlan & Pick<Once, 'id' | 'directory' | 'stageLog' | 'interrupted' | 'write'>;

async function measured(given: Measuring, flags: Values<typeof RUN_FLAGS>): Promise<RunResult> {
  const { plan, headers, stageLog, interrupted } = given;
  const say = (line: string): void => {
    if (!flags.quiet && !flags.json) note(line);
  };
  say(introduction(plan));
  const { quiet, json, metricsWait: metricsWaitMs, prices: pricesPath } = flags;
  const calibration = flags.calibration ? await saidCalibration(plan, say, interrupted) : undefined;
  const stage = await openStage({ plan, headers, log: stageLog.add, metricsWaitMs, interrupted });
  try {
    if (isStackStage(plan)) await announce(plan, stage, flags, say);
    return await runOnce({
      ...given,
      stage: withMetrics(stage, flags.metrics),
      isSilent: quiet || json,
      calibration,
      pricing: pricingOf({ pricesPath, templateText: stage.templateText ?? null }),
    });
  } finally {
    await stage.close();
  }
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
