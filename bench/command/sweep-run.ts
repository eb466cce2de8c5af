/**
 * One run of a sweep: a stage, the plan of its cell, a run directory with a report. What goes wrong with it is its outcome,
 * not the sweep's end; what the user cuts short leaves nothing behind and is made again.
 */

import path from 'node:path';
import { figuresOf } from '../judge/sweep/figures.ts';
import type { Slot } from '../judge/sweep/order.ts';
import { parseThreshold, type Threshold } from '../judge/threshold.ts';
import { ConfigurationError, OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration, RunResult } from '../model/result.ts';
import { redactorOf } from '../model/secrets.ts';
import type { SweepCell, SweepRun } from '../model/sweep.ts';
import { systemClock } from '../node/clock.ts';
import { runIdOf } from '../node/run-directory.ts';
import { StageLog } from '../node/stage-log.ts';
import type { SweepDirectory } from '../node/sweep-directory.ts';
import { calibrationFor, transportOf } from './calibration.ts';
import { pricingOf } from './pricing.ts';
import { runOnce } from './run-once.ts';
import { openStage, withMetrics } from './stage.ts';

export interface SweepRunOptions {
  readonly cell: SweepCell;
  readonly slot: Slot;
  /** Of the cell, for the stage that it is run on. */
  readonly plan: Plan;
  readonly goals: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly directory: SweepDirectory;
  readonly isWithMetrics: boolean;
  readonly isCalibrated: boolean;
  readonly pricesPath: string | null;
  readonly interrupted: AbortSignal;
  readonly write: (directory: string) => Promise<unknown>;
  /** Told when the driver is free again, metrics being all that is waited for. */
  readonly driven?: () => void;
}

/** A run that is over; null where the user cut it short. */
export interface SweepOutcome {
  readonly run: SweepRun;
  readonly result: RunResult | null;
}

/** Makes the run. Never rejects for what the stage or the run does. */
export async function sweepRun(options: SweepRunOptions): Promise<SweepOutcome | null> {
  const { slot, cell, directory, interrupted } = options;
  const fromMs = systemClock.now();
  const place = path.posix.join('cells', cell.id, String(slot.repeat));
  const common = { repeat: slot.repeat, startedAt: new Date().toISOString() };
  const tookMs = () => Math.round(systemClock.now() - fromMs);
  try {
    const result = await measured(options, place);
    if (interrupted.aborted && result.partial) {
      directory.remove(place);
      return null;
    }
    const figures = figuresOf(
      result,
      options.goals.map((goal) => parseThreshold(goal) as Threshold),
    );
    return { run: { ...common, tookMs: tookMs(), status: 'done', directory: place, figures }, result };
  } catch (error) {
    directory.remove(place);
    if (interrupted.aborted) return null;
    return { run: { ...common, tookMs: tookMs(), status: 'failed', error: reasonOf(error) }, result: null };
  }
}

/** Configuration errors have several problems, one a line. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConfigurationError) return error.problems.join('; ');
  return error instanceof Error ? error.message : String(error);
}

async function measured(options: SweepRunOptions, place: string): Promise<RunResult> {
  const { slot, cell, plan: given, directory, write, pricesPath, interrupted } = options;
  const own = directory.runDirectory(place);
  const stageLog = new StageLog(redactorOf(options));
  // A repeat of its own chance, the same for all cells of a block: what differs between them is then their settings.
  const plan = { ...given, name: cell.id.slice(0, 80), seed: (given.seed + slot.repeat - 1) % 2 ** 32 };
  const calibration = options.isCalibrated ? await calibrated(plan, interrupted) : undefined;
  const { headers, query, driven } = options;
  const stage = await openStage({ plan, headers, log: stageLog.add, metricsWaitMs: null, interrupted });
  try {
    const result = await runOnce({
      ...{ plan, headers, query, directory: own, stageLog, calibration, interrupted, write },
      stage: withMetrics(stage, options.isWithMetrics),
      id: runIdOf(plan.name, Date.now()),
      isSilent: true,
      pricing: pricingOf({ pricesPath, templateText: stage.templateText ?? null }),
      ...(driven === undefined ? {} : { driven }),
    });
    if (own.trouble !== null)
      throw new OperatingError(
        own.isNowhere
          ? own.trouble
          : `it could not be saved in its place; what it measured is in ${own.path}`,
      );
    return result;
  } finally {
    await stage.close();
  }
}

/** By what decides it: cells mostly share it. */
const calibrations = new Map<string, Promise<Calibration | string>>();

async function calibrated(plan: Plan, interrupted: AbortSignal): Promise<Calibration | undefined> {
  const key = JSON.stringify([plan.payloadBytes, plan.threads, plan.pacing, transportOf(plan)]);
  const taking = calibrations.get(key) ?? calibrationFor(plan, interrupted);
  calibrations.set(key, taking);
  const calibration = await taking;
  return typeof calibration === 'string' ? undefined : calibration;
}
