/** What was judged: the thresholds the user set, the run's own validity, and the warnings with what to do about them. */
import type { RunResult, ValidityVerdict } from '../../bench/model/result.ts';
import { amountText } from '../figures.ts';
import { type Html, html } from '../html/html.ts';
import { table } from '../html/table.ts';

/** The sections on thresholds, validity and warnings. */
export function judgement(result: RunResult): Html {
  return html`${thresholds(result)}${validity(result)}${warnings(result)}`;
}

function thresholds({ thresholds: list }: RunResult): Html {
  const rows = list.map(({ expression, value, ok }) => [
    html`<code>${expression}</code>`,
    ok ? html`<span class="mark good">✓ met</span>` : html`<span class="mark bad">✗ not met</span>`,
    value === null ? 'no value' : amountText(value),
  ]);
  return html`<section aria-labelledby="thresholds">
<h2 id="thresholds">Thresholds</h2>
${
  rows.length === 0
    ? html`<p class="none">None were set. Add one with <code>--threshold 'latency.response.p99 &lt; 250'</code>.</p>`
    : table({
        caption: 'Thresholds and what was measured',
        head: ['threshold', 'verdict', 'measured'],
        wordColumns: 2,
        rows,
      })
}
</section>
`;
}

const MARKS: Readonly<Record<ValidityVerdict, Html>> = {
  valid: html`<span class="mark good">✓ valid</span>`,
  unknown: html`<span class="mark unsure">? unknown</span>`,
  invalid: html`<span class="mark bad">✗ invalid</span>`,
};

function validity({ validity: { verdict, checks } }: RunResult): Html {
  return html`<section aria-labelledby="validity">
<h2 id="validity">Can the figures be trusted?</h2>
<p>${VERDICT_TEXTS[verdict]}</p>
${table({
  caption: 'Validity checks; the worst decides',
  head: ['check', 'verdict', 'evidence'],
  wordColumns: 3,
  rows: checks.map((check) => [check.name, MARKS[check.verdict], check.evidence]),
})}
</section>
`;
}

const VERDICT_TEXTS: Readonly<Record<ValidityVerdict, string>> = {
  valid: 'Every check of the driver and its metrics passed.',
  unknown: 'Mostly: nothing speaks against them, but not everything could be checked.',
  invalid: 'No: at least one check failed, so the figures describe something other than the stage.',
};

function warnings({ warnings: list }: RunResult): Html {
  return html`<section aria-labelledby="warnings">
<h2 id="warnings">Warnings</h2>
${list.length === 0 ? html`<p class="none">None.</p>` : html`<ul class="warnings">${list.map(warning)}</ul>`}
</section>
`;
}

function warning({ code, text, advice }: RunResult['warnings'][number]): Html {
  return html`<li><p><code>${code}</code> ${text}</p><p class="advice">${advice}</p></li>`;
}
