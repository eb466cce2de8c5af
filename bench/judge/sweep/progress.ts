/** How far a sweep is, what is left to do, and how long that will take by what the runs so far took. Pure. */
import { type Plan, STACK_OVERHEAD_MS } from '../../model/plan.ts';
import type { SweepCell, SweepRun } from '../../model/sweep.ts';
import type { Slot } from './order.ts';

/** A drain ends when nothing has come for two seconds, long before its limit on a stage that keeps up. */
const QUIET_MS = 2000;

/** Starting a local stage and its functions, the probe, and writing the reports, on a laptop. */
const LOCAL_OVERHEAD_MS = 4000;

const OVERHEAD_MS = { local: LOCAL_OVERHEAD_MS, stack: STACK_OVERHEAD_MS, driven: 0 } as const;

/** Where a run is made; `driven` leaves out what goes before and after it. */
export type Overhead = keyof typeof OVERHEAD_MS;

/** How long a run takes from its stage's start to its report. */
export function runTookMs(plan: Plan, overhead: Overhead): number {
  const openingMs = (plan.connections / plan.connectRatePerSecond) * 1000;
  const drivenMs = openingMs + plan.warmupMs + plan.durationMs + Math.min(plan.drainMs, QUIET_MS);
  return drivenMs + OVERHEAD_MS[overhead];
}

/** The runs that are yet to be made, in order. A run that failed is made again. */
export function pendingSlots(order: readonly Slot[], cells: readonly SweepCell[]): Slot[] {
  return order.filter(({ cell, repeat }) => {
    const run = cells[cell]?.runs.find((one) => one.repeat === repeat);
    return run === undefined || run.status === 'failed';
  });
}

export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly leftMs: number;
}

/** Time left by the mean of what runs took here; by the estimate before there is one. */
export function progressOf(
  cells: readonly SweepCell[],
  { repeats, expectedMs, parallel }: { repeats: number; expectedMs: number; parallel: number },
): Progress {
  const runs = cells.flatMap((cell) => cell.runs);
  const done = runs.filter(({ status }) => status === 'done');
  const total = cells.length * repeats;
  const meanMs = done.length === 0 ? expectedMs : meanOf(done);
  return {
    done: done.length,
    failed: runs.length - done.length,
    total,
    leftMs: ((total - runs.length) * meanMs) / parallel,
  };
}

function meanOf(runs: readonly SweepRun[]): number {
  return runs.reduce((sum, { tookMs }) => sum + tookMs, 0) / runs.length;
}
