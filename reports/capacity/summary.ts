/** The Markdown summary of a capacity search: the answer and the probes, short enough for a job page or a pull request. */
import type { CapacityResult } from '../../bench/core/capacity.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { amountText, durationText, instantText } from '../figures.ts';
import { answerText, costText, judgedOf, LIMITS, rateText, stageText, statusOf, VERDICTS } from './words.ts';

const SIGNS = { pass: '✅', measured: '➖', 'threshold-failed': '❌', partial: '⚠️', invalid: '⛔' } as const;

/** The summary as Markdown. */
export function renderCapacitySummary(result: CapacityResult): string {
  const blocks = [
    `### ${SIGNS[statusOf(result)]} ${text(answerText(result))}: ${text(result.name)}`,
    text(result.answer.sentence),
    result.slos.map((slo) => `- SLO ${text(slo)}`).join('\n'),
    probeTable(result),
    evidence(result),
    text(costText(result) ?? ''),
    `<sub>${text(provenance(result))}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function probeTable({ probes, slos }: CapacityResult): string {
  const judged = judgedOf(slos);
  const head = ['probe', 'step', 'verdict', 'offered/s', 'delivered/s', 'p50 ms', `${judged.name} ms`];
  const rule = head.map((_, column) => (column < 3 ? '---' : '--:'));
  const rows = probes.map((probe) => [
    String(probe.index),
    probe.phase,
    VERDICTS[probe.verdict],
    rateText(probe.ratePerSecond),
    amountText(probe.deliveredPerSecond),
    amountText(probe.p50),
    amountText(judged.value(probe)),
  ]);
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function evidence({ answer }: CapacityResult): string {
  const lines = answer.evidence.map((reason) => `- ${text(reason)}`);
  return [
    `**What limits:** ${text(LIMITS[answer.limitedBy])}`,
    ...(lines.length === 0 ? [] : ['', ...lines]),
  ].join('\n');
}

function provenance(result: CapacityResult): string {
  const { plan, environment, startedAt, endedAt } = result;
  const took = durationText(Date.parse(endedAt) - Date.parse(startedAt));
  const commit = environment.commit === null ? '' : `, commit ${environment.commit.slice(0, 12)}`;
  return `${stageText(result)} · ${plan.connections} connections · ${took} · ${instantText(startedAt)} · Node ${environment.node}${commit}`;
}
