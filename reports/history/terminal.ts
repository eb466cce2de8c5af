/** A history in the terminal: the verdict, the changes as a table, and what can't be told. */
import { styleText } from 'node:util';
import { pText } from '../compare/words.ts';
import { visible } from '../escape.ts';
import type { History } from './history.ts';
import {
  amountOf,
  changeText,
  headText,
  limitsOf,
  listedChanges,
  metricText,
  pendingTexts,
  placeText,
  remarksOn,
  stateText,
  statusOf,
} from './words.ts';

const COLOURS = { pass: 'green', measured: 'yellow', 'threshold-failed': 'red' } as const;

/** Changes, and what was left out, before the rest is left to the report. */
const MAX_LISTED = 20;

/** Columns that hold words. */
const WORDS = 3;

/** The history, line by line, without line ends. */
export function historyLines(history: History, { colour }: { readonly colour: boolean }): string[] {
  const head = visible(headText(history));
  const { leftOut, groups } = history;
  return [
    '',
    colour ? styleText(['bold', COLOURS[statusOf(history)]], head, { validateStream: false }) : head,
    ...changeLines(history),
    ...groups.flatMap(pendingTexts).map((text) => `not testable yet: ${visible(text)}`),
    ...groups.map((group) => visible(`${group.label}. ${limitsOf(group).join(' ')}`)),
    ...leftOut
      .slice(0, MAX_LISTED)
      .map(({ directory, reason }) => `left out: ${visible(`${directory}: ${reason}`)}`),
    ...moreLines(leftOut.length),
    '',
  ];
}

function changeLines(history: History): string[] {
  const changes = listedChanges(history);
  if (changes.length === 0) return ['no change was found'];
  const shown = changes.slice(0, MAX_LISTED);
  const rows = [
    ['metric', 'verdict', 'at', 'change', 'before', 'after', 'p'],
    ...shown.map((found) => [
      metricText(found.metric),
      stateText(found.change),
      visible(placeText(found)),
      changeText(found.change.change, found.metric.unit),
      amountOf(found.change.before, found.metric.unit),
      amountOf(found.change.after, found.metric.unit),
      pText(found.change.adjustedP),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column < WORDS ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const remarks = new Set(
    shown.flatMap((found) => remarksOn(found).map((remark) => `${placeText(found)}: ${remark}`)),
  );
  return ['', ...lines, ...moreLines(changes.length), ...[...remarks].map(visible), ''];
}

function moreLines(count: number): string[] {
  return count > MAX_LISTED ? [`and ${count - MAX_LISTED} more, in the report`] : [];
}
