/** The Markdown summary of a history, for a job page: the verdict, the changes, and what can't be told. */
import { pText } from '../compare/figures.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { ratioText } from '../figures.ts';
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
  meaningOf,
  metricText,
  pendingTexts,
  placeText,
  remarksOn,
  riseStateText,
  stateText,
  statusOf,
} from './words.ts';

const SIGNS = { pass: '✅', measured: '➖', 'threshold-failed': '❌' } as const;

/** Changes listed before the rest is left to the page. */
const MAX_LISTED = 30;

/** The summary as Markdown. */
export function renderHistorySummary(history: History): string {
  const { options, groups, leftOut } = history;
  const list = (lines: readonly string[]) => lines.map((line) => `- ${text(line)}`).join('\n');
  const blocks = [
    `### ${SIGNS[statusOf(history)]} ${text(headText(history))}`,
    text(meaningOf(history)),
    riseTable(history),
    changeTable(history),
    list(pendingTexts(history)),
    list(groups.map((group) => groupText(history, group))),
    leftOut.length === 0
      ? ''
      : `Left out:\n\n${list(leftOut.slice(0, MAX_LISTED).map(({ directory, reason }) => `${directory}: ${reason}`))}`,
    moreText(leftOut.length),
    `<sub>Smallest effect ${ratioText(options.smallestEffect)} · p corrected for the number of metrics · seed ${options.seed}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function changeTable(history: History): string {
  const changes = listedChanges(history);
  if (changes.length === 0) return 'No change was found.';
  const head = ['metric', 'group', 'verdict', 'at', 'change', 'before', 'after', 'p', 'besides'];
  const rows = changes.slice(0, MAX_LISTED).map((found) => {
    const { metric, change } = found;
    return [
      metricText(metric),
      groupName(history, found.group),
      stateText(change),
      text(placeText(found)),
      changeText(change.change, metric.unit),
      text(amountOf(change.before, metric.unit)),
      text(amountOf(change.after, metric.unit)),
      text(pText(change.adjustedP)),
      text(remarksOn(found).join('; ')),
    ];
  });
  return tableWith(history, head, rows, changes.length);
}

/** The newest level of each metric against the best before it, where it is worse. */
function riseTable(history: History): string {
  const rises = listedRises(history);
  if (rises.length === 0) return '';
  const head = ['newest level', 'group', 'verdict', 'since', 'change', 'best', 'newest', 'p'];
  const rows = rises
    .slice(0, MAX_LISTED)
    .map((found) => [
      metricText(found.metric),
      groupName(history, found.group),
      riseStateText(found.rise),
      text(courseText(found)),
      changeText(found.rise.change, found.metric.unit),
      text(amountOf(found.rise.best, found.metric.unit)),
      text(amountOf(found.rise.newest, found.metric.unit)),
      text(pText(found.rise.adjustedP)),
    ]);
  return tableWith(history, head, rows, rises.length);
}

/** A table whose column of the group is there only where there are several. */
function tableWith(
  { groups }: History,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  count: number,
): string {
  const rule = head.map((_, column) => (column < 4 || column === 8 ? '---' : '--:'));
  const lines = [head, rule, ...rows].map(
    (cells) => `| ${cells.filter((_, column) => column !== 1 || groups.length > 1).join(' | ')} |`,
  );
  return [lines.join('\n'), moreText(count)].filter((block) => block !== '').join('\n\n');
}

function moreText(count: number): string {
  return count > MAX_LISTED ? `And ${count - MAX_LISTED} more, on the page.` : '';
}
