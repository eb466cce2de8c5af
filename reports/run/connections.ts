/** The connections of the run: how many were asked for, how many came about, why others did not, and how long it took. */
import type { RunResult } from '../../bench/model/result.ts';
import { countText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { facts, quantileTable, table } from '../html/table.ts';

/** The section on connections. */
export function connections({ connections: c }: RunResult): Html {
  return html`<section aria-labelledby="connections">
<h2 id="connections">Connections</h2>
${facts([
  ['requested', countText(c.requested)],
  ['opened', countText(c.opened)],
  ['failed', countText(c.failed)],
  ['closed early', countText(c.closedEarly)],
  ...replacements(c),
])}
${failures(c)}
${quantileTable('Time to open a connection in milliseconds', [{ name: 'connect', quantiles: c.connect }])}
</section>
`;
}

/** Shown of a run that opened connections again. */
function replacements(c: RunResult['connections']): [string, string][] {
  const rows: [string, number][] = [
    ['answered with 429 and tried again', c.throttled ?? 0],
    ['reconnected', c.reconnects],
    ['closed for churn', c.churned],
    ['reopened after churn', c.reopened],
    ['churn missed', c.churnMissed],
    ['messages refused meanwhile', c.refusedInChurn],
  ];
  const seen = rows.filter(([, count]) => count > 0);
  if (seen.length === 0) return [];
  return [['dials', c.attempts ?? 0] as [string, number], ...seen].map(([name, count]) => [
    name,
    countText(count),
  ]);
}

function failures({ failures: byCode, details }: RunResult['connections']): Html {
  const rows = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return NOTHING;
  return table({
    caption: 'Failures and early closes by code',
    head: ['code', 'connections', ...(details === undefined ? [] : ['first said'])],
    rows: rows.map(([code, count]) => [
      html`<code>${code}</code>`,
      countText(count),
      ...(details === undefined ? [] : [details[code] ?? '']),
    ]),
  });
}
