/** The Markdown summary of a comparison, for a job page or a pull request. */
import { escapeMarkdown as text } from '../escape.ts';
import { ratioText } from '../figures.ts';
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

const SIGNS = { pass: '✅', measured: '➖', 'threshold-failed': '❌', invalid: '⛔' } as const;

/** The summary as Markdown. */
export function renderComparisonSummary(comparison: Comparison): string {
  const { smallestEffect, seed } = comparison.options;
  const blocks = [
    ...comparison.contests.flatMap((contest) => contestBlocks(comparison, contest)),
    `<sub>Smallest effect ${ratioText(smallestEffect)} · intervals of 95 % · p corrected for the number of metrics (Holm) · seed ${seed}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function contestBlocks(comparison: Comparison, contest: Contest): string[] {
  const { candidate, differences, warnings } = contest;
  const sides = `${text(sideText(candidate))} against ${text(sideText(comparison.base))}`;
  return [
    `### ${SIGNS[statusOf(comparison, contest)]} ${headText(contest, comparison)}: ${sides}`,
    `${text(meaningOf(contest, comparison))} ${tallyText(contest)}.`,
    differences.length === 0
      ? 'The settings are the same.'
      : differences
          .map((found) => `- ${text(found.setting)}: ${text(found.base)} → ${text(found.candidate)}`)
          .join('\n'),
    warnings.map((warning) => `- ⚠️ ${text(warning)}`).join('\n'),
    metricTable(contest),
  ];
}

function metricTable({ metrics }: Contest): string {
  const head = ['metric', 'base', 'candidate', 'change', '95 % interval', 'p', 'verdict'];
  const rule = head.map((_, column) => (column === 0 || column === 6 ? '---' : '--:'));
  const rows = metrics.map((metric) => [
    metric.unit === 'ratio' ? metric.label : `${metric.label}, ${metric.unit}`,
    valueText(metric.base, metric.unit),
    valueText(metric.candidate, metric.unit),
    changeText(metric),
    intervalText(metric),
    text(pText(metric.adjustedP)),
    metric.verdict,
  ]);
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
