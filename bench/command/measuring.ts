/** A run on a stage that is open: what `bench run` does once, and `bench capacity` at one rate after the other. */
import { randomBytes } from 'node:crypto';
import { isLoopback } from '../../stack/aws/clients.ts';
import { run } from '../drive/run.ts';
import type { RunRecord } from '../measure/record.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import { environmentOf, hostMeter, stealMeter } from '../node/machine.ts';
import { newProgress, type Progress, silentProgress } from '../node/progress.ts';
import { ThreadWorker } from '../node/thread.ts';
import type { Stage } from '../ports.ts';

/** The program of a driver thread. */
const DRIVER_THREAD = new URL('./driver-thread-entry.mjs', import.meta.url);

export interface Measuring {
  readonly plan: Plan;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the stage's URL. */
  readonly query: string;
  /** Stays open. */
  readonly stage: Stage;
  readonly id: string;
  /** Without the live display. */
  readonly isSilent: boolean;
  readonly interrupted: AbortSignal;
  /** Of this machine for this plan, when it was made. */
  readonly calibration?: Calibration;
  /** Given the record before the stage is asked anything. */
  readonly measured?: (record: RunRecord) => void | Promise<void>;
}

/** Runs the plan on the stage and answers its record; its threads end with it. */
export async function measureOn(given: Measuring): Promise<RunRecord> {
  const { plan, headers, query, stage, id, isSilent, interrupted, calibration, measured } = given;
  const progress: Progress = isSilent
    ? silentProgress
    : newProgress({ plan, stream: process.stderr, now: () => systemClock.now() });
  const threads: ThreadWorker[] = [];
  try {
    return await run({
      plan,
      stage,
      sharesMachine: isLoopback(stage.facts.url),
      id,
      runId: newRunId(),
      headers,
      query,
      environment: { ...environmentOf(plan), ...(calibration === undefined ? {} : { calibration }) },
      clock: systemClock,
      dialer: wsDialer({ headers, localAddresses: plan.localAddresses, masking: plan.masking }),
      newWorker: (assignment, listener) => {
        const thread = new ThreadWorker(DRIVER_THREAD, assignment, listener);
        threads.push(thread);
        return thread;
      },
      hostMeter: hostMeter(),
      stealMeter: stealMeter(),
      observer: progress,
      interrupted,
      ...(measured === undefined ? {} : { measured }),
    });
  } finally {
    progress.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Identity of a run's messages. */
export function newRunId(): string {
  return randomBytes(8).toString('hex');
}
