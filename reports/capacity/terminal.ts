/** A capacity search in the terminal: one line a probe while it goes on, and the answer at its end. */
import { styleText } from 'node:util';
import type { CapacityProbe, CapacityResult } from '../../bench/core/capacity.ts';
import { visible } from '../escape.ts';
import { amountText, msText } from '../figures.ts';
import { wrapped } from '../wrap.ts';
import { answerText, costText, judgedOf, LIMITS, rateText, statusOf, VERDICTS } from './words.ts';

/** Line of a probe that is over. */
export function probeLine(probe: CapacityProbe): string {
  const { index, phase, ratePerSecond, verdict, p50, deliveredPerSecond, reasons } = probe;
  const judged = judgedOf(probe.slos.map(({ expression }) => expression));
  const cells = [
    `probe ${String(index).padStart(2)}`,
    `${rateText(ratePerSecond)}/s`.padStart(10),
    phase.padEnd(11),
    VERDICTS[verdict].padEnd(10),
    `back ${amountText(deliveredPerSecond)}/s`.padEnd(15),
    `p50 ${msText(p50)}`.padEnd(15),
    `${judged.name} ${msText(judged.value(probe))}`.padEnd(15),
    visible(reasons[0] ?? ''),
  ];
  return cells.join('  ').trimEnd();
}

const COLOURS = {
  pass: 'green',
  measured: 'yellow',
  'threshold-failed': 'red',
  partial: 'yellow',
  invalid: 'red',
} as const;

/** The answer, line by line, without line ends. */
export function capacityLines(
  result: CapacityResult,
  { colour, width }: { readonly colour: boolean; readonly width: number },
): string[] {
  const { answer } = result;
  const cost = costText(result);
  const columns = Math.max(40, width);
  const colourName = COLOURS[statusOf(result)];
  const head = answerText(result);
  const painted = colour ? styleText(['bold', colourName], head, { validateStream: false }) : head;
  const rest = answer.evidence.slice(1).map((reason) => `  ${visible(reason)}`);
  return [
    '',
    `${painted}  ${visible(result.name)}`,
    ...wrapped(visible(answer.sentence), columns),
    `limited by ${LIMITS[answer.limitedBy]}${rest.length === 0 ? '' : ':'}`,
    ...rest,
    ...(cost === null ? [] : wrapped(visible(cost), columns)),
  ];
}
