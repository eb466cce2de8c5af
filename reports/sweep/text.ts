/** What a sweep is called and came to, in words: settings, answer, counts, prices, and the line of a run that is over. */
import { type PricesOf, pricesText } from '../../bench/model/prices-text.ts';
import { doneRuns, type SweepCell, type SweepResult, type SweepRun } from '../../bench/model/sweep.ts';
import type { Status } from '../document/blocks.ts';
import { visible } from '../escape.ts';
import { amountText, counted, dollarText, durationText, msText } from '../figures.ts';
import { latencyOf } from './metrics.ts';

export function statusOf({ partial, goals, recommendation }: SweepResult): Status {
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

/** Where the runs of the sweep were made. */
export function placeText({ place, stage, stackPrefix }: SweepResult): string {
  if (place === 'aws') {
    const region = stage?.region ? `, ${stage.region}` : '';
    const where = stage?.kind === 'local' ? 'local endpoints instead of AWS' : `AWS${region}`;
    return `stacks ${stackPrefix}-1 and on, ${where}`;
  }
  if (place === 'url') return `stage ${stage?.name ?? 'given by its URL'}`;
  return `local stage${stage?.profile ? `, profile ${stage.profile}` : ''}, a fresh one for each run`;
}

/** `24 of 24 runs done, 2 of them invalid; 14 min from first to last`. */
export function countsText({ cells, repeats, startedAt, endedAt }: SweepResult): string {
  const made = cells.flatMap(({ runs }) => runs).length;
  const done = cells.flatMap(doneRuns);
  const invalid = done.filter(({ figures }) => figures.verdict === 'invalid').length;
  const failed = made - done.length;
  const missing = cells.length * repeats - made;
  const took = Date.parse(endedAt) - Date.parse(startedAt);
  const parts = [
    `${done.length} of ${counted(cells.length * repeats, 'run')} done`,
    invalid > 0 && `${invalid} of them invalid`,
    failed > 0 && `${failed} failed`,
    missing > 0 && `${missing} not made`,
  ];
  return `${parts.filter(Boolean).join(', ')}; ${durationText(Math.max(0, took))} from first to last`;
}

/** `list prices of us-east-1, as of 2026-11`; without a date in sweeps that were made before it was kept. */
export function sweepPrices({ cost, cells }: SweepResult): string {
  const figures = cells.flatMap(doneRuns).map((run) => run.figures);
  const named = [cost, ...figures].find((one) => one?.pricesAsOf !== undefined);
  return named ? pricesText(named as PricesOf) : 'list prices';
}

interface Done {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly leftMs: number;
}

/** Line of a run that is over, for the terminal. */
export function runLine(cell: SweepCell, run: SweepRun, progress: Done, moneyLeftUsd: number | null): string {
  const { done, failed, total, leftMs } = progress;
  const left = done + failed === total ? '' : `${durationText(leftMs)} left`;
  const money = moneyLeftUsd === null || left === '' ? '' : `, ${dollarText(moneyLeftUsd)}`;
  const width = String(total).length;
  return [
    `${String(done + failed).padStart(width)}/${total}`,
    `${visible(settingsText(cell))}, repeat ${run.repeat}:`,
    outcomeText(run),
    `${left}${money}`,
  ]
    .join('  ')
    .trimEnd();
}

function outcomeText(run: SweepRun): string {
  if (run.status === 'failed') return `FAILED: ${visible(run.error).slice(0, 300)}`;
  const { deliveredPerSecond, perMillionRoundTripsUsd, verdict, goals } = run.figures;
  const latency = latencyOf({ goals: goals.map(({ expression }) => expression) });
  const absent = goals.filter(({ value }) => value === null).length;
  const unmet = goals.filter(({ ok, value }) => !ok && value !== null).length;
  const parts = [
    `${latency.short} ${msText(latency.of(run.figures))}`,
    `${amountText(deliveredPerSecond)}/s back`,
    `${dollarText(perMillionRoundTripsUsd)} per million`,
    verdict !== 'valid' && verdict,
    unmet > 0 && `${unmet} of ${goals.length} goals unmet`,
    absent > 0 && `${absent} of ${goals.length} goals absent`,
  ];
  return parts.filter(Boolean).join(', ');
}
