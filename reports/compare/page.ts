/**
 * The HTML page of a comparison: what differs in the settings first, because figures across different settings mean
 * something else; then the verdict on each candidate, every metric with its interval, and the distributions.
 */
import { countText, instantText, ratioText } from '../figures.ts';
import { drawing } from '../html/drawing.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { shell } from '../html/shell.ts';
import { facts, table } from '../html/table.ts';
import type { ChangeVerdict } from '../statistics/change.ts';
import type { Comparison, Contest, SideFacts } from './comparison.ts';
import { overlaidCurves } from './curves.ts';
import { intervalBar } from './interval-bar.ts';
import {
  type ComparisonStatus,
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

/** The page, as the text of an HTML file. */
export function renderComparisonPage(comparison: Comparison): string {
  const { base, contests } = comparison;
  return shell({
    title: `${contests.map((contest) => headText(contest, comparison)).join(', ')}: against ${base.label}`,
    main: html`<header>
<p class="kicker">WebSocket benchmark · comparison</p>
<h1>${contests.length === 1 ? sideText(contests[0]!.candidate) : `${contests.length} candidates`} against ${sideText(base)}</h1>
<p class="subtitle">Smallest effect that matters: ${ratioText(comparison.options.smallestEffect)}</p>
</header>
${contests.map((contest, index) => settings(contest, index, contests.length))}
${contests.map((contest, index) => banner(comparison, contest, index))}
${contests.map((contest, index) => metrics(comparison, contest, index))}
<section aria-labelledby="curves">
<h2 id="curves">Distributions</h2>
${overlaidCurves(comparison)}
</section>
${runs(comparison)}
${method(comparison)}`,
    footer: html`Made from this directory’s <a href="comparison.json">comparison.json</a> by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`,
  });
}

const SIGNS: Readonly<Record<ComparisonStatus, string>> = {
  pass: '✓',
  measured: '?',
  'threshold-failed': '✗',
  invalid: '!',
};

function banner(comparison: Comparison, contest: Contest, index: number): Html {
  const status = statusOf(comparison, contest);
  const many = comparison.contests.length > 1;
  return html`<section class="banner ${status}" aria-labelledby="verdict-${index}">
<h2 id="verdict-${index}"><span class="sign" aria-hidden="true">${SIGNS[status]}</span> ${headText(contest, comparison)}${many ? `: ${sideText(contest.candidate)}` : ''}</h2>
<p>${meaningOf(contest, comparison)} ${tallyText(contest)}.</p>
${contest.warnings.length === 0 ? NOTHING : html`<ul>${contest.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
</section>
`;
}

function of(contest: Contest, count: number): string {
  return count > 1 ? `: ${sideText(contest.candidate)}` : '';
}

/** Words as long as a fault plan's need a column that is worth reading, also on a phone. */
const LONG = 40;

function roomy(value: string): Content {
  return value.length > LONG ? html`<span class="long">${value}</span>` : value;
}

function settings(contest: Contest, index: number, count: number): Html {
  const { differences } = contest;
  const rows = differences.map(({ setting, base, candidate, isIncomparable }) => [
    html`<code>${setting}</code>`,
    roomy(base),
    roomy(candidate),
    isIncomparable ? html`<span class="mark bad">✗ not comparable</span>` : 'differs',
  ]);
  return html`<section aria-labelledby="settings-${index}">
<h2 id="settings-${index}">Settings that differ${of(contest, count)}</h2>
${
  rows.length === 0
    ? html`<p class="none">None: plan, stage and environment are the same.</p>`
    : table({
        caption: 'Settings, base and candidate',
        head: ['setting', 'base', 'candidate', ''],
        wordColumns: 4,
        rows,
      })
}
</section>
`;
}

const MARKS: Readonly<Record<ChangeVerdict, Html>> = {
  better: html`<span class="mark good">✓ better</span>`,
  worse: html`<span class="mark bad">✗ worse</span>`,
  same: html`<span class="mark quiet">= same</span>`,
  'cannot tell': html`<span class="mark unsure">? cannot tell</span>`,
};

function metrics(comparison: Comparison, contest: Contest, index: number): Html {
  const rows = contest.metrics.map((metric) => [
    metric.unit === 'ratio' ? metric.label : html`${metric.label} <span class="quiet">${metric.unit}</span>`,
    MARKS[metric.verdict],
    intervalBar(metric, comparison.options),
    changeText(metric),
    intervalText(metric),
    valueText(metric.base, metric.unit),
    valueText(metric.candidate, metric.unit),
    pText(metric.adjustedP),
  ]);
  const head = ['metric', 'verdict', 'change', '', '95 % interval', 'base', 'candidate', 'p'];
  return html`<section aria-labelledby="metrics-${index}">
<h2 id="metrics-${index}">Metrics${of(contest, comparison.contests.length)}</h2>
${drawing(`Changes${of(contest, comparison.contests.length)}`, table({ caption: 'Change from base to candidate', head, wordColumns: 3, rows }))}
<p class="note">The shaded band is the smallest effect; the line is no change. The bar is the 95 % interval, the dot the estimate; a bar that leaves the scale has an arrow. Changes of ratios are in percentage points (pp). p is corrected for the number of metrics.</p>
</section>
`;
}

function runs({ base, contests }: Comparison): Html {
  const rows = (name: string, { runs: list }: SideFacts) =>
    list.map(({ directory, startedAt, deliveredMessages, validity, partial }) => [
      directory,
      name,
      validityMark(validity, partial),
      instantText(startedAt),
      countText(deliveredMessages),
    ]);
  return html`<section aria-labelledby="runs">
<h2 id="runs">Runs</h2>
${table({
  caption: 'Every run of every side',
  head: ['directory', 'side', 'validity', 'started', 'messages'],
  wordColumns: 4,
  rows: [...rows('base', base), ...contests.flatMap(({ candidate }) => rows('candidate', candidate))],
})}
</section>
`;
}

function validityMark(validity: 'valid' | 'unknown' | 'invalid', partial: boolean): Html {
  if (validity === 'invalid') return html`<span class="mark bad">✗ invalid</span>`;
  if (partial) return html`<span class="mark unsure">◐ partial</span>`;
  return validity === 'valid'
    ? html`<span class="mark good">✓ valid</span>`
    : html`<span class="mark unsure">? unknown</span>`;
}

function method({ options }: Comparison): Html {
  return html`<section aria-labelledby="method">
<h2 id="method">How it was judged</h2>
<p>A metric is <b>better</b> or <b>worse</b> when its 95 % interval excludes no change, the estimate is at least the smallest effect, and p holds after Holm’s correction. It is the <b>same</b> when the 90 % interval lies within the smallest effect (two one-sided tests). Anything else <b>cannot be told</b>: not having shown a difference is not having shown that there is none. A certain change of a ratio of violations counts whatever its size.</p>
<p class="note">Percentiles: circular block bootstrap over seconds within each run, and over whole runs where there are several; the larger variance counts. Throughput: the same in closed form. Ratios: Newcombe’s interval, widened by how much more the counts vary than independent ones would.</p>
${facts([
  ['smallest effect', ratioText(options.smallestEffect)],
  ['smallest difference of a ratio', `${Number((options.smallestRatio * 100).toPrecision(3))} pp`],
  ['seed', String(options.seed)],
  ['forced', options.forced ? 'yes' : 'no'],
])}
</section>
`;
}
