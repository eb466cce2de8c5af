/** A history in the terminal: the verdict, the changes as a table, and what can't be told. */
import { styleText } from 'node:util';
import { pText } from '../compare/figures.ts';
import { visible } from '../escape.ts';
import type { History } from './history.ts';
import {
  amountOf,
  changeText,
  courseText,
  groupName,
  groupText,
  headText,
  listedChanges,
  listedRises,
  metricText,
  pendingTexts,
  placeText,
  remarksOn,
  riseStateText,
  stateText,
  statusOf,
} from './words.ts';

const COLOURS = { pass: 'green', measured: 'yellow', 'threshold-failed': 'red' } as const;

/** Changes, and what was left out, before the rest is left to the report. */
const MAX_LISTED = 20;

/** Columns that hold words, that of the group apart. */
const WORDS = 3;
const GROUP = 1;

/** The history, line by line, without line ends. */
export function historyLines(history: History, { colour }: { readonly colour: boolean }): string[] {
  const head = visible(headText(history));
  const { leftOut, groups } = history;
  return [
    '',
    colour ? styleText(['bold', COLOURS[statusOf(history)]], head, { validateStream: false }) : head,
    ...riseLines(history),
    ...changeLines(history),
    ...pendingTexts(history).map((text) => `not testable yet: ${visible(text)}`),
    ...groups.map((group) => visible(groupText(history, group))),
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
    ['metric', 'group', 'verdict', 'at', 'change', 'before', 'after', 'p'],
    ...shown.map((found) => [
      metricText(found.metric),
      groupName(history, found.group),
      stateText(found.change),
      visible(placeText(found)),
      changeText(found.change.change, found.metric.unit),
      amountOf(found.change.before, found.metric.unit),
      amountOf(found.change.after, found.metric.unit),
      pText(found.change.adjustedP),
    ]),
  ];
  const remarks = new Set(
    shown.flatMap((found) => remarksOn(found).map((remark) => `${placeText(found)}: ${remark}`)),
  );
  return ['', ...tableLines(history, rows), ...moreLines(changes.length), ...[...remarks].map(visible), ''];
}

/** The newest level of each metric against the best before it, where it is worse. */
function riseLines(history: History): string[] {
  const rises = listedRises(history);
  if (rises.length === 0) return [];
  const rows = [
    ['newest level', 'group', 'verdict', 'since', 'change', 'best', 'newest', 'p'],
    ...rises
      .slice(0, MAX_LISTED)
      .map((found) => [
        metricText(found.metric),
        groupName(history, found.group),
        riseStateText(found.rise),
        visible(courseText(found)),
        changeText(found.rise.change, found.metric.unit),
        amountOf(found.rise.best, found.metric.unit),
        amountOf(found.rise.newest, found.metric.unit),
        pText(found.rise.adjustedP),
      ]),
  ];
  return ['', ...tableLines(history, rows), ...moreLines(rises.length)];
}

/** Columns set to a width, that of the group only where there are several. */
function tableLines({ groups }: History, all: readonly (readonly string[])[]): string[] {
  const rows = all.map((row) => row.filter((_, column) => column !== GROUP || groups.length > 1));
  const words = groups.length > 1 ? WORDS + 1 : WORDS;
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

function moreLines(count: number): string[] {
  return count > MAX_LISTED ? [`and ${count - MAX_LISTED} more, in the report`] : [];
}
