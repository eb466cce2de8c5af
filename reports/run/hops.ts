/**
 * The hop budget: where a message's time goes. Only traced messages tell. Three of the four hops subtract readings of
 * two machines' clocks and carry the unknown offset between them; each row says whether it does.
 */
import type { HopBudget, RunResult } from '../../bench/model/result.ts';
import { counted, msText, ratioText } from '../figures.ts';
import { drawing } from '../html/drawing.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { quantileTable } from '../html/table.ts';
import { sumSentence } from './hop-text.ts';

const HOPS = [
  { name: 'ingest', way: 'driver to stream', crosses: true },
  { name: 'queue', way: 'stream to function', crosses: true },
  { name: 'process', way: 'in the function', crosses: false },
  { name: 'deliver', way: 'function to driver', crosses: true },
] as const;

/** The section on hops; nothing when no trace was asked for. */
export function hops({ latency, plan }: RunResult): Html {
  if (latency.hops === null) return plan.trace ? untraced() : NOTHING;
  return html`<section aria-labelledby="hops">
<h2 id="hops">Hop budget</h2>
${bar(latency.hops)}
${sumCheck(latency.hops)}
${quantileTable('Time per hop in milliseconds, traced messages', rows(latency.hops))}
<p class="note">${clockNote(latency.hops)}</p>
</section>
`;
}

function untraced(): Html {
  return html`<section aria-labelledby="hops">
<h2 id="hops">Hop budget</h2>
<p class="none">A trace was asked for, but no answer carried one: this stage does not send traces.</p>
</section>
`;
}

/** Means where the result has their shares; older results have medians only. */
function bar(budget: HopBudget): Html {
  const { shares } = budget;
  if (shares !== undefined) {
    const parts = HOPS.map((hop) => ({ ...hop, ms: budget[hop.name].mean, share: shares[hop.name] }));
    return drawn(parts, 'Mean times and their shares of the whole: means add up, percentiles do not.');
  }
  const medians = HOPS.map((hop) => ({ ...hop, ms: budget[hop.name].p50 }));
  const total = medians.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  if (total === 0) return html`<p class="none">Too few traced messages for medians.</p>`;
  return drawn(
    medians.map((hop) => ({ ...hop, share: (hop.ms ?? 0) / total })),
    'Shares of the sum of the four medians. Medians do not add up to the median of the whole.',
  );
}

interface HopShare {
  readonly name: string;
  readonly way: string;
  readonly ms: number | null;
  readonly share: number;
}

function drawn(hops: readonly HopShare[], note: string): Html {
  const parts = hops.map(
    ({ name, share }) => html`<div class="hop ${name}" style="flex-grow:${Math.max(0, share)}"></div>`,
  );
  const legend = hops.map(
    ({ name, way, ms, share }) =>
      html`<li><span class="swatch hop ${name}"></span><strong>${name}</strong> ${msText(ms)} <span class="quiet">${ratioText(share)} · ${way}</span></li>`,
  );
  return drawing(
    'Hop budget',
    html`<div class="hop-bar" aria-hidden="true">${parts}</div>
<ul class="hop-legend">${legend}</ul>
<p class="note">${note}</p>
`,
  );
}

function sumCheck({ sum }: HopBudget): Html {
  if (sum === undefined) return NOTHING;
  const { isWhole, text } = sumSentence(sum);
  return isWhole
    ? html`<p class="sum"><span class="mark good">✓</span> ${text}</p>`
    : html`<p class="sum"><span class="mark bad">✗</span> ${text}</p>`;
}

function rows(budget: HopBudget): { name: Html; quantiles: HopBudget['ingest'] }[] {
  return HOPS.map(({ name, way, crosses }) => ({
    name: html`${name} <span class="quiet">${way}; ${crosses ? 'crosses clocks' : 'one clock'}</span>`,
    quantiles: budget[name],
  }));
}

function clockNote({ negative, offsetBoundMs }: HopBudget): string {
  const lead =
    'Ingest, queue and deliver compare two clocks, so each is off by the offset between them: what one gains another loses. ' +
    'Response and service time use one clock and are not affected.';
  const bound =
    offsetBoundMs === null
      ? ''
      : ` Here that offset is at most ${msText(offsetBoundMs)}: no crossing took less than nothing.`;
  return negative === 0
    ? `${lead}${bound}`
    : `${lead} ${counted(negative, 'hop')} came out below zero, which only clock offset can cause; they are left out.`;
}
