/** A sweep in the terminal: one line a run while it goes on, and what it came to at its end. */
import { styleText } from 'node:util';
import type { SweepCell, SweepResult, SweepRun } from '../../bench/model/sweep.ts';
import { dollarText } from '../cost-words.ts';
import { visible } from '../escape.ts';
import { amountText, durationText, msText } from '../figures.ts';
import { COST, cellValue, DELIVERED, latencyOf } from './metrics.ts';
import { paretoPoints } from './pareto.ts';
import { sweepPrices } from './prices.ts';
import { answerText, countsText, settingsText, statusOf } from './words.ts';

interface Done {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly leftMs: number;
}

/** Line of a run that is over. */
export function runLine(cell: SweepCell, run: SweepRun, progress: Done, moneyLeftUsd: number | null): string {
  const { done, failed, total, leftMs } = progress;
  const left = done + failed === total ? '' : `${durationText(leftMs)} left`;
  const money = moneyLeftUsd === null || left === '' ? '' : `, ${dollarText(moneyLeftUsd)}`;
  const width = String(total).length;
  return [
    `${String(done + failed).padStart(width)}/${total}`,
    `${visible(settingsText(cell))}, repeat ${run.repeat}:`,
    outcome(run),
    `${left}${money}`,
  ]
    .join('  ')
    .trimEnd();
}

function outcome(run: SweepRun): string {
  if (run.status === 'failed') return `FAILED: ${visible(run.error).slice(0, 300)}`;
  const latency = latencyOf({ goals: run.figures.goals.map(({ expression }) => expression) });
  const { deliveredPerSecond, perMillionRoundTripsUsd, verdict, goals } = run.figures;
  const absent = goals.filter(({ value }) => value === null).length;
  const unmet = goals.filter(({ ok, value }) => !ok && value !== null).length;
  const parts = [
    `${latency.short} ${msText(latency.of(run.figures))}`,
    `${amountText(deliveredPerSecond)}/s back`,
    `${dollarText(perMillionRoundTripsUsd)} per million`,
    ...(verdict === 'valid' ? [] : [verdict]),
    ...(unmet === 0 ? [] : [`${unmet} of ${goals.length} goals unmet`]),
    ...(absent === 0 ? [] : [`${absent} of ${goals.length} goals absent`]),
  ];
  return parts.join(', ');
}

const COLOURS = { pass: 'green', measured: 'yellow', 'threshold-failed': 'red', partial: 'yellow' } as const;

/** Cells listed before the rest is left to the report. */
const MAX_LISTED = 12;

/** What the sweep came to, line by line, without line ends. */
export function sweepLines(result: SweepResult, { colour }: { readonly colour: boolean }): string[] {
  const head = visible(answerText(result));
  const painted = colour
    ? styleText(['bold', COLOURS[statusOf(result)]], head, { validateStream: false })
    : head;
  return [
    '',
    `${painted}  ${visible(result.name)}`,
    visible(result.recommendation.sentence),
    countsText(result),
    ...frontLines(result),
    ...(result.cost === null
      ? []
      : [
          `spent about ${dollarText(result.cost.spentUsd)} of ${dollarText(result.cost.estimatedUsd)} estimated, at ${visible(sweepPrices(result))}`,
        ]),
    ...(result.stacks.length === 0
      ? []
      : [
          `still there: stack ${result.stacks.join(', ')}; delete it with 'npm run teardown -- --name ${result.stacks[0]}'`,
        ]),
    ...(result.leftOver ?? []).map((one) => `still there, though its stack is gone: ${visible(one)}`),
    '',
  ];
}

function frontLines(result: SweepResult): string[] {
  const front = paretoPoints(result).filter(({ isOnFront }) => isOnFront);
  if (front.length === 0) return [];
  const latency = latencyOf(result);
  const shown = front.slice(0, MAX_LISTED).map(({ cell }) => {
    const cells = [
      `${latency.short} ${amountText(cellValue(cell, latency))} ms`.padEnd(16),
      `${amountText(cellValue(cell, DELIVERED))}/s`.padEnd(10),
      `${dollarText(cellValue(cell, COST))}/M`.padEnd(11),
    ];
    return `  ${cells.join('  ')}  ${visible(settingsText(cell))}`;
  });
  return [`no cell is faster and cheaper than these, at ${visible(sweepPrices(result))}:`, ...shown];
}
