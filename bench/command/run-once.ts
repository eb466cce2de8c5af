/**
 * How every experiment measures: once, on a stage that is open, with a directory of its own. What was driven is recorded, judged by
 * the plan's thresholds, priced and saved; it is saved before the stage is asked anything too, for that may take minutes.
 */
import { randomBytes } from 'node:crypto';
import { isLoopback } from '../../stack/aws/clients.ts';
import { type RunOptions, run } from '../drive/run.ts';
import { summarise } from '../judge/summary.ts';
import { parseThreshold, type Threshold } from '../judge/threshold.ts';
import type { RunRecord } from '../measure/record.ts';
import type { Calibration, RunResult } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { environmentOf, hostMeter, stealMeter } from '../node/machine.ts';
import { newProgress, silentProgress } from '../node/progress.ts';
import type { RunDirectory } from '../node/run-directory.ts';
import type { StageLog } from '../node/stage-log.ts';
import { ThreadWorker } from '../node/thread.ts';
import type { Assignment, ShareListener, Worker } from '../ports.ts';
import { type Pricing, unpriced } from './pricing.ts';

/** The program of a driver thread. */
const DRIVER_THREAD = new URL('./driver-thread-entry.mjs', import.meta.url);

type Start = (assignment: Assignment, listener: ShareListener) => ThreadWorker;

export interface Driving
  extends Pick<RunOptions, 'plan' | 'stage' | 'headers' | 'query' | 'observer' | 'interrupted'>,
    Pick<RunOptions, 'id' | 'startAt' | 'measured'> {
  /** Of the messages; left out it is a new one. */
  readonly runId?: string;
  /** What is known of the machine beside the machine itself. */
  readonly environment?: Partial<RunResult['environment']>;
  /** Another program than a driver's thread. */
  readonly program?: URL;
  /** The worker of a thread; left out the thread is the worker. */
  readonly newWorker?: (assignment: Assignment, listener: ShareListener, start: Start) => Worker;
}

/** Drives the plan from threads of this process, which end with it. The stage stays open. */
export async function drive({ program = DRIVER_THREAD, newWorker, ...given }: Driving): Promise<RunRecord> {
  const { plan, stage, headers, runId = newRunId(), environment } = given;
  const threads: ThreadWorker[] = [];
  const start: Start = (assignment, listener) => {
    const thread = new ThreadWorker(program, assignment, listener);
    threads.push(thread);
    return thread;
  };
  try {
    return await run({
      ...given,
      runId,
      sharesMachine: isLoopback(stage.facts.url),
      environment: { ...environmentOf(plan), ...environment },
      clock: systemClock,
      dialer: wsDialer({ headers, localAddresses: plan.localAddresses, masking: plan.masking }),
      newWorker: (assignment, listener) =>
        newWorker?.(assignment, listener, start) ?? start(assignment, listener),
      hostMeter: hostMeter(),
      stealMeter: stealMeter(),
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

export interface Once extends Omit<Driving, 'observer' | 'id' | 'environment' | 'measured'> {
  readonly id: string;
  /** Where its results go; it is empty again where nothing was measured. */
  readonly directory: RunDirectory;
  readonly stageLog: StageLog;
  /** Of this machine for this plan, when it was made. */
  readonly calibration: Calibration | undefined;
  /** Without the live display. */
  readonly isSilent: boolean;
  readonly pricing?: Pricing;
  /** Renders every format of a run directory into it. */
  readonly write: (directory: string) => Promise<unknown>;
  /** Told when the driver is free again, the stage's word being all that is waited for. */
  readonly driven?: () => void;
}

/** Runs the plan and returns its result, which is saved with its reports. */
export async function runOnce(given: Once): Promise<RunResult> {
  const { directory, stageLog, calibration, isSilent, pricing = unpriced, write, driven, ...driving } = given;
  const { plan, interrupted } = driving;
  const observer = isSilent
    ? silentProgress
    : newProgress({ plan, stream: process.stderr, now: () => systemClock.now() });
  try {
    const record = await drive({
      ...driving,
      observer,
      // A signal of the run's own, so that what listens to it goes with the run.
      interrupted: AbortSignal.any([interrupted]),
      ...(calibration === undefined ? {} : { environment: { calibration } }),
      measured: (record) => {
        driven?.();
        return directory.save({ record, stageLog, result: resultOf(record) });
      },
    });
    const result = pricing(resultOf(record));
    await directory.save({ record, stageLog, result }, write);
    return result;
  } catch (error) {
    directory.discard();
    throw error;
  } finally {
    observer.close();
  }
}

/** The result of a record, judged by its plan's thresholds. */
export function resultOf(record: RunRecord): RunResult {
  return summarise(
    record,
    record.plan.thresholds.map((expression) => parseThreshold(expression) as Threshold),
  );
}

/** Identity of a run's messages. */
export function newRunId(): string {
  return randomBytes(8).toString('hex');
}
