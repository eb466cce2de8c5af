/** What those who make the runs of a sweep are given, wherever they make them. */

import type { Slot } from '../judge/sweep/order.ts';
import type { RunResult } from '../model/result.ts';
import type { SweepRun } from '../model/sweep.ts';
import type { SweepOptions } from './sweep-options.ts';
import type { SweepRunOptions } from './sweep-run.ts';
import type { SweepState } from './sweep-state.ts';

export interface SweepContext {
  readonly state: SweepState;
  readonly options: SweepOptions;
  readonly interrupted: AbortSignal;
  readonly say: (line: string) => void;
  /** What every run of the sweep is made with. */
  runOptions(slot: Slot): SweepRunOptions;
  /** Records a run, and says so. */
  finished(slot: Slot, run: SweepRun, result: RunResult | null): void;
}
