/**
 * The Markdown summary, for a CI job page or a pull request: the verdict, the headline table, and what needs attention.
 * Short enough to be read whole; the HTML report has the rest.
 */
import type { RunResult } from '../../bench/model/result.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { amountText, countText, durationText, instantText, ratioText } from '../figures.ts';
import { deliveryBase, ratioOrBound, violationCounts } from './counts.ts';
import {
  decidedTally,
  faultBanner,
  faultMark,
  faultSpan,
  faultText,
  recoveryText,
  touchedText,
} from './fault-text.ts';
import { sumSentence } from './hop-text.ts';
import type { RunReading } from './reading.ts';
import { verdictOf } from './verdict.ts';

const SIGNS = { pass: '✅', measured: '➖', 'threshold-failed': '❌', partial: '⚠️', invalid: '⛔' } as const;

/** The summary as Markdown. */
export function renderSummary(reading: RunReading): string {
  const { result, gaps } = reading;
  const blocks = [
    verdictBlock(result),
    faultLine(result),
    latencyTable(result),
    countsTable(reading),
    faultTable(result),
    hopLine(result),
    thresholdTable(result),
    validityList(result),
    warningList(result),
    gapList(gaps),
    `<sub>${text(provenance(result))}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function verdictBlock(result: RunResult): string {
  const { status, word, meaning, reasons } = verdictOf(result);
  const list = reasons.map((reason) => `- ${text(reason)}`).join('\n');
  return `### ${SIGNS[status]} ${word}: ${text(result.name)}\n\n${text(meaning)}${list === '' ? '' : `\n\n${list}`}`;
}

function faultLine(result: RunResult): string {
  const words = faultBanner(result);
  return words === null ? '' : `⚠️ **${text(words)}**`;
}

function faultTable({ faults = [] }: RunResult): string {
  if (faults.length === 0) return '';
  const rows = faults.map((outcome, index) => {
    const { fault } = outcome;
    const tally = decidedTally(outcome);
    const done =
      tally === null ? ['', '', ''] : [tally.lost, tally.duplicated, tally.reordered].map(countText);
    const words = [faultText(fault), faultSpan(outcome), recoveryText(outcome), touchedText(outcome)];
    return [`${faultMark(index)} ${text(fault.name)}`, ...words.map(text), ...done];
  });
  const head = ['fault', 'what was done', 'when', 'recovery', 'struck', 'lost', 'duplicated', 'reordered'];
  return tableOf(head, rows, 4);
}

/** Said when the hops are not the whole way: their shares can't be relied on then. */
function hopLine({ latency: { hops } }: RunResult): string {
  if (hops?.sum === undefined) return '';
  const { isWhole, text: words } = sumSentence(hops.sum);
  return isWhole ? '' : `⚠️ ${text(words)}`;
}

/** A Markdown table; words left, numbers right. Cells are Markdown already. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[], wordColumns: number): string {
  const rule = head.map((_, column) => (column < wordColumns ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function latencyTable({ latency }: RunResult): string {
  const rows = (['response', 'service', 'sendLag'] as const).map((name) => {
    const { p50, p90, p95, p99, p999, max } = latency[name];
    return [name === 'sendLag' ? 'send lag' : name, ...[p50, p90, p95, p99, p999, max].map(amountText)];
  });
  return tableOf(['latency, ms', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'], rows, 1);
}

function countsTable(reading: RunReading): string {
  const { result } = reading;
  const { delivered, scheduled, refused, indeterminate } = result.messages;
  const { of, ofWhat } = deliveryBase(reading);
  const rows = [
    [
      'delivered',
      countText(delivered),
      `${countText(of)} ${ofWhat}`,
      of === 0 ? '' : ratioText(delivered / of),
    ],
    ...violationCounts(result).map((violation) => [
      violation.name.toLowerCase(),
      countText(violation.count),
      `${countText(violation.of)} ${violation.ofWhat}`,
      ratioOrBound(violation),
    ]),
    ...(refused > 0 ? [['refused', countText(refused), `${countText(scheduled)} scheduled`, '']] : []),
    ...(indeterminate > 0
      ? [['indeterminate', countText(indeterminate), `${countText(scheduled)} scheduled`, '']]
      : []),
  ];
  return tableOf(['messages', 'count', 'of', 'ratio, or bound'], rows, 1);
}

function thresholdTable({ thresholds }: RunResult): string {
  if (thresholds.length === 0) return '';
  const rows = thresholds.map(({ expression, value, ok }) => [
    text(expression),
    ok ? '✅ met' : '❌ not met',
    value === null ? 'no value' : amountText(value),
  ]);
  return tableOf(['threshold', 'verdict', 'measured'], rows, 2);
}

function validityList({ validity }: RunResult): string {
  const problems = validity.checks.filter((check) => check.verdict !== 'valid');
  if (problems.length === 0) return '';
  const lines = problems.map((c) => `- **${c.verdict}** ${text(c.name)}: ${text(c.evidence)}`);
  return `**Can the figures be trusted?**\n\n${lines.join('\n')}`;
}

function warningList({ warnings }: RunResult): string {
  if (warnings.length === 0) return '';
  return `**Warnings**\n\n${warnings.map((w) => `- ${text(w.text)} ${text(w.advice)}`).join('\n')}`;
}

function gapList(gaps: readonly string[]): string {
  if (gaps.length === 0) return '';
  return `**Not all data could be read**\n\n${gaps.map((gap) => `- ${text(gap)}`).join('\n')}`;
}

function provenance({ stage, plan, environment, startedAt }: RunResult): string {
  const profile = stage.profile === null ? '' : `, profile ${stage.profile}`;
  const commit = environment.commit === null ? '' : `, commit ${environment.commit.slice(0, 12)}`;
  return (
    `${stage.kind} stage ${stage.name}${profile} · ${plan.connections} connections · ` +
    `${durationText(plan.durationMs)} · ${instantText(startedAt)} · Node ${environment.node}${commit}`
  );
}
