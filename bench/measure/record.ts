/** Everything a run left behind, before it is summarised and judged: the input of summary, validity and warnings. */
import type { FaultTally } from '../model/fault.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult, StageFacts, StageMetrics } from '../model/result.ts';
import { type Expectation, expectationOf } from './metrics-completeness.ts';
import type { Rollup } from './rollup.ts';

export interface RunRecord {
  readonly id: string;
  readonly plan: Plan;
  readonly environment: RunResult['environment'];
  readonly stage: StageFacts;
  /** UTC milliseconds. */
  readonly startedAtMs: number;
  /** The end of the drain. */
  readonly trafficEndedAtMs: number;
  /** When there was nothing left to do; reading metrics included. */
  readonly endedAtMs: number;
  readonly measuredFromMs: number;
  /** How much of the planned duration was driven. */
  readonly measuredMs: number;
  /** Why the run is partial; null for a whole one. */
  readonly interruption: string | null;
  /** Closed. */
  readonly rollup: Rollup;
  readonly metrics: StageMetrics | null;
  /** Why metrics that the stage has could not be read. */
  readonly metricsProblem: string | null;
  readonly stageHasMetrics: boolean;
  /** Messages the stage took before warm-up, sent to see whether echoes flow. */
  readonly probes: number;
  /** Of these, messages that had not come back when the stage was taken for ready; left out where nobody counted. */
  readonly unansweredProbes?: number;
  /** Dials of probes that a quota of new connections refused; left out where nobody counted. */
  readonly throttledProbes?: number;
  /** Share of all processors' time in use during measurement, 0 to 1; null where it can't be read. */
  readonly hostBusy: number | null;
  /** Share of all processors' time that the hypervisor gave to others during measurement; left out where nobody looked. */
  readonly stealShare?: number | null;
  /** What somebody changed on the stage while it was driven; null when nothing did or can, or nobody looked. */
  readonly stageChange: string | null;
  /** By the injector's own count, in the order of the plan's faults; left out where there are none, or nobody could say. */
  readonly faultTallies?: readonly FaultTally[];
  /** Whether the stage runs on the driver's machine. */
  readonly sharesMachine: boolean;
}

/**
 * Records the stream must have accepted: every message that left the driver, less those the gateway answered with an
 * error; and what faults at ingest took away or added, which is the one thing they do that the stream sees.
 */
export function expectedRecords(
  record: Pick<RunRecord, 'rollup' | 'probes'> & {
    readonly plan: Pick<Plan, 'faults'>;
    readonly faultTallies?: readonly FaultTally[] | undefined;
  },
): number {
  const { warmup, measured, unexpected } = record.rollup;
  const errors = (unexpected.warmup.gatewayError ?? 0) + (unexpected.measured.gatewayError ?? 0);
  return warmup.sent + measured.sent + record.probes - errors + addedAtIngest(record);
}

/** What the stage's metrics are held against. */
export function expectationOfRecord(
  record: Pick<RunRecord, 'rollup' | 'probes' | 'interruption'> & Parameters<typeof expectedRecords>[0],
): Expectation {
  const { rollup, plan, faultTallies } = record;
  const { warmup, measured, connections, unexpected } = rollup;
  const faults = plan.faults?.faults.map((fault, index) => ({ fault, tally: faultTallies?.[index] ?? null }));
  const messages = {
    indeterminate: measured.indeterminate,
    unexpected: unexpected.measured,
    warmup: { indeterminate: warmup.indeterminate, unexpected: unexpected.warmup },
  };
  const partial = record.interruption !== null;
  return expectationOf({ partial, messages, connections, faults }, expectedRecords(record));
}

function addedAtIngest({
  plan,
  faultTallies = [],
}: {
  readonly plan: Pick<Plan, 'faults'>;
  readonly faultTallies?: readonly FaultTally[] | undefined;
}): number {
  return faultTallies.reduce((added, { duplicated, lost }, index) => {
    return plan.faults?.faults[index]?.where === 'ingest' ? added + (duplicated ?? 0) - (lost ?? 0) : added;
  }, 0);
}
