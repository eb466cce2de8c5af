/** The words of a sweep that every format shares. */
import type { SweepCell, SweepResult } from '../../bench/model/sweep.ts';
import { counted, durationText } from '../figures.ts';

/** The status of a sweep, by which a reader acts. It names the colours of a banner too. */
export type SweepStatus = 'pass' | 'measured' | 'threshold-failed' | 'partial';

export function statusOf({ partial, goals, recommendation }: SweepResult): SweepStatus {
  if (partial) return 'partial';
  if (goals.length === 0) return 'measured';
  return recommendation.cell === null ? 'threshold-failed' : 'pass';
}

/** `ShardCount=2, BatchSize=100`. */
export function settingsText({ settings }: Pick<SweepCell, 'settings'>): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? 'the plan as it is' : parts.join(', ');
}

/** The answer in a few words. */
export function answerText(result: SweepResult): string {
  const { recommendation, cells, partial, goals } = result;
  const cell = cells.find(({ id }) => id === recommendation.cell);
  if (partial) return 'Unfinished';
  if (goals.length === 0) return measuredText(result);
  return cell === undefined ? 'No setting meets the goals' : `Recommended: ${settingsText(cell)}`;
}

/** A cell is measured when all its runs were made to their end. */
function measuredText({ cells, repeats }: SweepResult): string {
  const isDone = ({ runs }: SweepCell) => runs.filter(({ status }) => status === 'done').length >= repeats;
  const measured = cells.filter(isDone).length;
  const all = counted(cells.length, 'cell');
  return measured === cells.length ? `${all} measured` : `${measured} of ${all} measured`;
}

/** Runs named in a sentence; of more the rest is counted. */
const MAX_NAMED = 5;

/** That runs are not where sweep.json says; null when all are. */
export function absentText(absent: readonly string[]): string | null {
  if (absent.length === 0) return null;
  const more = absent.length > MAX_NAMED ? ` and ${absent.length - MAX_NAMED} more` : '';
  return `Not in this directory any more, or changed: ${absent.slice(0, MAX_NAMED).join(', ')}${more}. Their figures are those of sweep.json; resuming the sweep makes them again.`;
}

export function stageText({ place, stage, stackPrefix }: SweepResult): string {
  if (place === 'aws') {
    const where =
      stage?.kind === 'local'
        ? 'local endpoints instead of AWS'
        : `AWS${stage?.region ? `, ${stage.region}` : ''}`;
    return `stacks ${stackPrefix}-1 and on, ${where}`;
  }
  if (place === 'url') return `stage ${stage?.name ?? 'given by its URL'}`;
  return `local stage${stage?.profile ? `, profile ${stage.profile}` : ''}, a fresh one for each run`;
}

export interface RunCounts {
  readonly done: number;
  readonly invalid: number;
  readonly failed: number;
  readonly missing: number;
}

export function runCounts({ cells, repeats }: Pick<SweepResult, 'cells' | 'repeats'>): RunCounts {
  const runs = cells.flatMap((cell) => cell.runs);
  const done = runs.filter((run) => run.status === 'done');
  return {
    done: done.length,
    invalid: done.filter((run) => run.status === 'done' && run.figures.verdict === 'invalid').length,
    failed: runs.length - done.length,
    missing: cells.length * repeats - runs.length,
  };
}

/** `24 of 24 runs, 2 of them invalid; 14 min`. */
export function countsText(result: SweepResult): string {
  const { done, invalid, failed, missing } = runCounts(result);
  const took = Date.parse(result.endedAt) - Date.parse(result.startedAt);
  const parts = [
    `${done} of ${counted(done + failed + missing, 'run')} done`,
    ...(invalid === 0 ? [] : [`${invalid} of them invalid`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(missing === 0 ? [] : [`${missing} not made`]),
  ];
  return `${parts.join(', ')}; ${durationText(Math.max(0, took))} from first to last`;
}
