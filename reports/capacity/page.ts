/**
 * The HTML report of a capacity search: the answer, the curve it was read from, and every probe with the way to its own
 * report.
 */
import type { CapacityProbe, CapacityResult } from '../../bench/core/capacity.ts';
import { pricesText } from '../../bench/core/prices-text.ts';
import { dollarText } from '../cost-words.ts';
import { ABSENT, amountText, counted, countText, durationText, instantText, ratioText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { shell } from '../html/shell.ts';
import { facts, table } from '../html/table.ts';
import { curves } from './curve.ts';
import {
  answerText,
  type CapacityStatus,
  judgedOf,
  LIMITS,
  precisionText,
  rateText,
  stageText,
  statusOf,
} from './words.ts';

/** The report, as the text of an HTML file. */
export function renderCapacityPage(result: CapacityResult): string {
  return shell({
    title: `${answerText(result)}: ${result.name}`,
    main: html`${headline(result)}
<section aria-labelledby="curve">
<h2 id="curve">Latency and throughput by rate</h2>
${curves(result)}
</section>
${probes(result)}
${limit(result)}
${costs(result)}
${setup(result)}`,
    footer: html`Made from this directory’s <a href="capacity.json">capacity.json</a> by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`,
  });
}

const SIGNS: Readonly<Record<CapacityStatus, string>> = {
  pass: '✓',
  measured: '≥',
  'threshold-failed': '✗',
  partial: '◐',
  invalid: '!',
};

function headline(result: CapacityResult): Html {
  const status = statusOf(result);
  const { plan, startedAt, name } = result;
  const connections = counted(plan.connections, 'connection');
  return html`<header>
<p class="kicker">WebSocket benchmark · capacity search</p>
<h1>${name}</h1>
<p class="subtitle">${stageText(result)} · ${connections} · ${result.slos.join(' and ')} · ${instantText(startedAt)}</p>
</header>
<section class="banner ${status}" aria-labelledby="verdict">
<h2 id="verdict"><span class="sign" aria-hidden="true">${SIGNS[status]}</span> ${answerText(result)}</h2>
<p>${result.answer.sentence}</p>
</section>
<section aria-labelledby="figures">
<h2 id="figures" class="unseen">Headline figures</h2>
<div class="tiles">${tiles(result)}</div>
${notes(result)}
</section>`;
}

function tiles(result: CapacityResult): Html[] {
  const { answer } = result;
  const best = result.probes.filter(
    ({ ratePerSecond, verdict }) => ratePerSecond === answer.ratePerSecond && verdict === 'held',
  );
  const judged = judgedOf(result.slos);
  const slowest =
    best.length === 0 ? null : Math.max(...best.map((probe) => judged.value(probe) ?? 0)) || null;
  const unit = (value: string, name: string): Content =>
    value === ABSENT ? ABSENT : html`${value}<span class="unit"> ${name}</span>`;
  return [
    tile(
      'Holds',
      unit(maybeRate(answer.ratePerSecond), '/s'),
      `${counted(answer.confirmedBy, 'probe')} held`,
    ),
    answer.unjudgedAtPerSecond === undefined
      ? tile(
          'Does not hold',
          unit(maybeRate(answer.failsAtPerSecond), '/s'),
          'the lowest rate that failed above it',
        )
      : tile('Not judged', unit(rateText(answer.unjudgedAtPerSecond), '/s'), 'all its probes were invalid'),
    tile('Gap', precisionText(result), `asked for: ${ratioText(result.search.precision)}`),
    tile(`${judged.title} there`, unit(amountText(slowest), 'ms'), 'the slowest of the probes that held'),
  ];
}

function maybeRate(perSecond: number | null): string {
  return perSecond === null ? ABSENT : rateText(perSecond);
}

function tile(name: string, value: Content, meaning: string): Html {
  return html`<div class="tile"><p class="name">${name}</p><p class="value">${value}</p><p class="meaning">${meaning}</p></div>
`;
}

function notes({ stage }: CapacityResult): Html {
  if (stage.notes.length === 0) return NOTHING;
  return html`<ul class="stage-notes">${stage.notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}

const MARKS: Readonly<Record<CapacityProbe['verdict'], Html>> = {
  held: html`<span class="mark good">✓ held</span>`,
  failed: html`<span class="mark bad">✗ failed</span>`,
  invalid: html`<span class="mark unsure">? invalid</span>`,
  'not judged': html`<span class="mark quiet">not judged</span>`,
};

function probes({ probes: list, cost, slos }: CapacityResult): Html {
  const judged = judgedOf(slos);
  const isPriced = cost !== undefined && cost !== null;
  const rows = list.map((probe) => [
    html`<a href="${probe.directory}/index.html">${String(probe.index).padStart(2, '0')}</a>`,
    probe.phase,
    MARKS[probe.verdict],
    rateText(probe.ratePerSecond),
    amountText(probe.deliveredPerSecond),
    amountText(probe.p50),
    amountText(judged.value(probe)),
    amountText(probe.max),
    drainText(probe),
    ...(isPriced ? [dollarText(probe.cost?.total)] : []),
  ]);
  const head = [
    'probe',
    'step',
    'verdict',
    'offered/s',
    'delivered/s',
    'p50 ms',
    `${judged.name} ms`,
    'max ms',
    'drained after',
    ...(isPriced ? ['USD'] : []),
  ];
  return html`<section aria-labelledby="probes">
<h2 id="probes">Probes</h2>
${table({ caption: 'Every probe in its order; its number leads to its own report', head, wordColumns: 3, rows })}
<p class="note">Probe 00 warms the stage up. A probe that did not hold is followed by a pause until echoes are prompt again; a dash there means that they were not within a minute.</p>
${failures(list)}
</section>
`;
}

function drainText({ verdict, drainedAfterMs }: CapacityProbe): string {
  if (drainedAfterMs === null) return ABSENT;
  return verdict === 'held' || drainedAfterMs === 0 ? 'no pause' : durationText(drainedAfterMs);
}

function failures(list: readonly CapacityProbe[]): Html {
  const rows = list
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ index, ratePerSecond, verdict, reasons }) => [
      `${String(index).padStart(2, '0')}, ${rateText(ratePerSecond)}/s`,
      MARKS[verdict],
      html`${reasons.map((reason, at) => html`${at === 0 ? NOTHING : html`<br>`}${reason}`)}`,
    ]);
  if (rows.length === 0) return NOTHING;
  return html`<h3>Why probes did not hold</h3>
${table({ caption: 'Reasons, the most telling first', head: ['probe', 'verdict', 'reasons'], wordColumns: 3, rows })}`;
}

function limit({ answer }: CapacityResult): Html {
  const pairs = answer.contradictions.map(
    ({ failedPerSecond, heldPerSecond }) =>
      html`<li>${rateText(failedPerSecond)}/s failed once, and ${rateText(heldPerSecond)}/s held.</li>`,
  );
  return html`<section aria-labelledby="limit">
<h2 id="limit">What limits</h2>
<p>${capitalised(LIMITS[answer.limitedBy])}.</p>
${answer.evidence.length === 0 ? NOTHING : html`<ul>${answer.evidence.map((reason) => html`<li>${reason}</li>`)}</ul>`}
${
  pairs.length === 0
    ? html`<p class="note">The probes agree: no rate failed below one that held.</p>`
    : html`<h3>The probes disagree</h3><ul>${pairs}</ul><p class="note">The answer lies below every rate that failed twice, or after it had held.</p>`
}
</section>
`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function costs({ cost, answer, probes: list }: CapacityResult): Html {
  if (cost === undefined) return NOTHING;
  const what =
    cost === null
      ? html`<p class="none">Not known: this stage has no template by which it could be priced.</p>`
      : facts([
          ['the search', `${dollarText(cost.total)} for ${counted(list.length, 'probe')}`],
          [
            `per million round trips at ${answer.ratePerSecond === null ? 'the rate found' : `${rateText(answer.ratePerSecond)}/s`}`,
            dollarText(cost.perMillionRoundTrips),
          ],
          ['a month there, 730 hours', dollarText(cost.perMonth)],
        ]);
  return html`<section aria-labelledby="cost">
<h2 id="cost">What it costs</h2>
${what}
${cost === null ? NOTHING : html`<p class="note">At ${pricesText(cost)}, without free tiers, higher tiers applied as if nothing else were billed${cost.basis === 'as on AWS' ? '; nothing was billed: this is what the same probes would cost on AWS' : ''}. What shards cost in the pauses between probes is not counted. ${cost.total === null || cost.perMillionRoundTrips === null ? `${ABSENT} is not known. ` : ''}Each probe’s report says what its cost is made up of.</p>`}
</section>
`;
}

function setup({ plan, environment, search, startedAt, endedAt, probes: list }: CapacityResult): Html {
  const took = Date.parse(endedAt) - Date.parse(startedAt);
  return html`<section aria-labelledby="setup">
<h2 id="setup">The search</h2>
${facts([
  ['rates', `${rateText(search.minRatePerSecond)}/s to ${rateText(search.maxRatePerSecond)}/s`],
  ['precision', ratioText(search.precision)],
  ['confirmations', countText(search.confirmations)],
  ['probes', countText(list.length)],
  ['took', `${durationText(took)} of at most ${durationText(search.budgetMs)}`],
  ['connections', countText(plan.connections)],
  ['warm-up of each probe', durationText(plan.warmupMs)],
  ['message', `${countText(plan.payloadBytes)} bytes`],
  [
    'driver',
    `${counted(plan.threads, 'thread')}, Node ${environment.node}, ${environment.cpus}, ${environment.os}`,
  ],
  [
    'version',
    `${environment.version}${environment.commit === null ? '' : `, commit ${environment.commit.slice(0, 12)}`}`,
  ],
])}
</section>
`;
}
