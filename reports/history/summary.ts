/** The Markdown summary of a history, for a job page: the verdict, the changes, and what can't be told. */
import { pText } from '../compare/words.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { ratioText } from '../figures.ts';
import type { History } from './history.ts';
import {
  amountOf,
  changeText,
  headText,
  limitsOf,
  listedChanges,
  meaningOf,
  metricText,
  pendingTexts,
  placeText,
  remarksOn,
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
    changeTable(history),
    list(groups.flatMap(pendingTexts)),
    list(groups.map((group) => `${group.label}. ${limitsOf(group).join(' ')}`)),
    leftOut.length === 0
      ? ''
      : `Left out:\n\n${list(leftOut.slice(0, MAX_LISTED).map(({ directory, reason }) => `${directory}: ${reason}`))}`,
    moreText(leftOut.length),
    `<sub>Smallest effect ${ratioText(options.smallestEffect)} · p corrected for the number of metrics (Bonferroni) · seed ${options.seed}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function changeTable(history: History): string {
  const changes = listedChanges(history);
  if (changes.length === 0) return 'No change was found.';
  const head = ['metric', 'verdict', 'at', 'change', 'before', 'after', 'p', 'besides'];
  const rule = head.map((_, column) => (column < 3 || column === 7 ? '---' : '--:'));
  const rows = changes.slice(0, MAX_LISTED).map((found) => {
    const { metric, change } = found;
    return [
      metricText(metric),
      stateText(change),
      text(placeText(found)),
      changeText(change.change, metric.unit),
      text(amountOf(change.before, metric.unit)),
      text(amountOf(change.after, metric.unit)),
      text(pText(change.adjustedP)),
      text(remarksOn(found).join('; ')),
    ];
  });
  const lines = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [lines.join('\n'), moreText(changes.length)].filter((block) => block !== '').join('\n\n');
}

function moreText(count: number): string {
  return count > MAX_LISTED ? `And ${count - MAX_LISTED} more, on the page.` : '';
}
