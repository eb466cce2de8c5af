/** A comparison in the terminal: what differs, what a reader has to know, and one line a metric. */
import { styleText } from 'node:util';
import { visible } from '../escape.ts';
import type { Comparison, Contest } from './comparison.ts';
import {
  changeText,
  headText,
  intervalText,
  meaningOf,
  pText,
  sideText,
  statusOf,
  tallyText,
  valueText,
} from './words.ts';

const COLOURS = { pass: 'green', measured: 'yellow', 'threshold-failed': 'red', invalid: 'red' } as const;

/** Columns between which a cell is set right. */
const WORDS = new Set([0, 6]);

/** The comparison, line by line, without line ends. */
export function comparisonLines(
  comparison: Comparison,
  { colour, isBrief }: { readonly colour: boolean; readonly width: number; readonly isBrief?: boolean },
): string[] {
  const worstFirst = [...comparison.contests].sort(
    (a, b) => Number(b.verdict === 'worse') - Number(a.verdict === 'worse'),
  );
  return (isBrief === true ? worstFirst : comparison.contests).flatMap((contest) => {
    const head = headText(contest, comparison).toUpperCase();
    const style = ['bold', COLOURS[statusOf(comparison, contest)]] as const;
    const painted = colour ? styleText([...style], head, { validateStream: false }) : head;
    return [
      '',
      `${painted}  ${visible(sideText(contest.candidate))} against ${visible(sideText(comparison.base))}: ${tallyText(contest)}`,
      meaningOf(contest, comparison),
      ...differenceLines(contest),
      ...contest.warnings.map((warning) => `warning: ${visible(warning)}`),
      '',
      ...metricLines(contest),
    ];
  });
}

function differenceLines({ differences }: Contest): string[] {
  if (differences.length === 0) return ['settings: no difference'];
  return differences.map(
    ({ setting, base, candidate, isIncomparable }) =>
      `${isIncomparable ? 'not comparable' : 'differs'}: ${visible(`${setting}: ${base} → ${candidate}`)}`,
  );
}

function metricLines({ metrics }: Contest): string[] {
  const rows = [
    ['metric', 'base', 'candidate', 'change', '95 % interval', 'p', 'verdict'],
    ...metrics.map((metric) => [
      metric.unit === 'ratio' ? metric.label : `${metric.label} ${metric.unit}`,
      valueText(metric.base, metric.unit),
      valueText(metric.candidate, metric.unit),
      changeText(metric),
      intervalText(metric),
      pText(metric.adjustedP),
      metric.verdict,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        WORDS.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
