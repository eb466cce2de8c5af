/**
 * A stage that a fleet drives, as the fleet's own command sees it: opened once, so that a thousand workers need neither
 * credentials nor a call each, and asked at the end, once and for all of them, for what only it knows.
 */

import { type Patience, patienceWithStage } from '../drive/patience.ts';
import { probeStage } from '../drive/probe-stage.ts';
import type { Probed } from '../measure/fleet/merge.ts';
import { expectedRecords, type RunRecord } from '../measure/record.ts';
import { isStackStage } from '../model/stage-name.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import type { Waiting } from '../ports.ts';
import type { FleetOptions } from './fleet-options.ts';
import { newRunId } from './run-once.ts';
import { type OpenStage, openStage, withMetrics } from './stage.ts';

/** What the stage adds to the record of a merged run. */
export type StageWord = Pick<RunRecord, 'metrics' | 'metricsProblem' | 'stageHasMetrics' | 'stageChange'>;

/** The stack that the plan names; null where it names a URL, which has nothing to say. */
export async function openFleetStage(
  { plan, flags: { metrics, metricsWait: metricsWaitMs } }: Pick<FleetOptions, 'plan' | 'flags'>,
  interrupted: AbortSignal,
): Promise<OpenStage | null> {
  if (!isStackStage(plan)) return null;
  const stage = await openStage({ plan, log: () => {}, metricsWaitMs, interrupted });
  return withMetrics(stage, metrics);
}

export interface Asking {
  readonly stage: OpenStage;
  /** Aborted when nobody wants to wait any longer: what is published by then is the answer. */
  readonly interrupted: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Waits until every shard of the stack answers, before workers are asked for: a thousand of them would each have to see it,
 * or wait for one that does, and are paid for while they wait. Rejects as a run's probe does.
 */
export async function readyFleetStage(
  { stage, interrupted, say }: Asking,
  { plan, headers, query }: Pick<FleetOptions, 'plan' | 'headers' | 'query'>,
): Promise<Probed> {
  const fromMs = systemClock.epochAt(systemClock.now());
  const outcome = await probeStage({
    ...{ plan, stage, headers, query, interrupted, clock: systemClock, runId: newRunId() },
    // The plan's local addresses are those of the workers' machines.
    dialer: wsDialer({ headers }),
    observer: { waiting: sayingOnce(say) },
  });
  return { fromMs, toMs: systemClock.epochAt(systemClock.now()), ...outcome };
}

/** Says what is waited for when that changes. */
function sayingOnce(say: (line: string) => void): (waiting: Waiting) => void {
  let said = '';
  return ({ what }) => {
    if (what !== said) say(`  ${what}`);
    said = what;
  };
}

/** Asks for metrics, and whether the stage is what it was. What it can't answer is told as not known, and costs nothing else. */
export async function askStage(asking: Asking, record: RunRecord): Promise<StageWord> {
  const { stage, interrupted } = asking;
  const patience = patienceWithStage(stage, systemClock, interrupted);
  try {
    return await wordOf(asking, record, patience);
  } finally {
    patience.close();
  }
}

async function wordOf(asking: Asking, record: RunRecord, patience: Patience): Promise<StageWord> {
  const { stage } = asking;
  const changed = stage.changed === undefined ? null : patience.for(stage.changed());
  const stageChange = await changed?.catch(
    (error: Error) => `what it is now could not be asked: ${error.message}`,
  );
  const word = { stageHasMetrics: stage.hasMetrics, stageChange: stageChange ?? record.stageChange };
  if (!stage.hasMetrics) return { ...word, metrics: null, metricsProblem: null };
  try {
    return { ...word, metrics: await patience.for(metricsOf(asking, record)), metricsProblem: null };
  } catch (error) {
    const metricsProblem = `metrics could not be read: ${(error as Error).message}`;
    return { ...word, metrics: null, metricsProblem };
  }
}

function metricsOf({ stage, interrupted, say }: Asking, record: RunRecord): Promise<RunRecord['metrics']> {
  say('reading metrics of the stack');
  return stage.metrics(record.startedAtMs, record.trafficEndedAtMs, {
    measuredFromEpochMs: record.measuredFromMs,
    expectedRecords: expectedRecords(record),
    interrupted,
    waiting: sayingOnce(say),
  });
}
