/** The Markdown summary of a sweep: the recommendation and the cells, short enough for a job page or a pull request. */
import type { SweepResult } from '../../bench/model/sweep.ts';
import { dollarText } from '../cost-words.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { amountText, instantText, ratioText } from '../figures.ts';
import { COST, cellValue, DELIVERED, latencyOf, METRICS } from './metrics.ts';
import { sweepPrices } from './prices.ts';
import { absentText, answerText, countsText, settingsText, stageText, statusOf } from './words.ts';

const SIGNS = { pass: '✅', measured: '➖', 'threshold-failed': '❌', partial: '⚠️' } as const;

/** Rows of cells; a job page is cut beyond a megabyte, and nobody reads more. */
const MAX_ROWS = 60;

/** The summary as Markdown. */
export function renderSweepSummary(result: SweepResult, absent: readonly string[] = []): string {
  const blocks = [
    `### ${SIGNS[statusOf(result)]} ${text(answerText(result))}: ${text(result.name)}`,
    text(result.recommendation.sentence),
    text(absentText(absent) ?? ''),
    result.goals.map((goal) => `- goal ${text(goal)}`).join('\n'),
    cellTable(result),
    `<sub>${text(`${stageText(result)} · ${countsText(result)} · ${instantText(result.startedAt)}`)}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function cellTable(result: SweepResult): string {
  const [reordered, lost] = ['reordered', 'lost'].map((id) => METRICS.find((metric) => metric.id === id)!);
  const latency = latencyOf(result);
  const head = ['cell', 'runs', `${latency.short} ms`, 'delivered/s', 'USD per million', 'reordered', 'lost'];
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  const share = (value: number | null) => (value === null ? '–' : ratioText(value));
  const rows = result.cells
    .slice(0, MAX_ROWS)
    .map((cell) => [
      `${cell.id === result.recommendation.cell ? '**→** ' : ''}${text(settingsText(cell))}`,
      `${cell.runs.filter(({ status }) => status === 'done').length}/${result.repeats}`,
      amountText(cellValue(cell, latency)),
      amountText(cellValue(cell, DELIVERED)),
      dollarText(cellValue(cell, COST)),
      share(cellValue(cell, reordered!)),
      share(cellValue(cell, lost!)),
    ]);
  const more = result.cells.length - rows.length;
  const lines = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const isPriced = result.cells.some((cell) => cellValue(cell, COST) !== null);
  const priced = isPriced ? `${lines}\n\nCosts are at ${text(sweepPrices(result))}.` : lines;
  return more > 0 ? `${priced}\n\n${more} more cells are in index.html.` : priced;
}
