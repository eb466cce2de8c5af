/**
 * The HTML report of a sweep: what to choose, where every cell lies, what each setting does, and the way to the report of every
 * run.
 */
import { readFileSync } from 'node:fs';
import type { SweepResult } from '../../bench/model/sweep.ts';
import { dollarText } from '../cost-words.ts';
import { pageFrame } from '../document/html.ts';
import { ABSENT, amountText, counted, countText, durationText, instantText, ratioText } from '../figures.ts';
import { drawing } from '../html/drawing.ts';
import { type Content, type Html, html, NOTHING, trusted } from '../html/html.ts';
import { facts, table } from '../html/table.ts';
import { cellsSection } from './cells.ts';
import { type MainEffect, mainEffects } from './effects.ts';
import { heatMaps } from './heat-map.ts';
import { COST, cellValue, DELIVERED, latencyOf, metricsOf, type SweepMetric } from './metrics.ts';
import { paretoPoints } from './pareto.ts';
import { sweepPrices } from './prices.ts';
import { scalingOf } from './scaling.ts';
import { tradeOff } from './trade-off.ts';
import {
  absentText,
  answerText,
  countsText,
  type SweepStatus,
  settingsText,
  stageText,
  statusOf,
} from './words.ts';

const STYLE = new URL('sweep.css', import.meta.url);

/** The report, as the text of an HTML file. */
export function renderSweepPage(result: SweepResult, absent: readonly string[] = []): string {
  return pageFrame({
    title: `${answerText(result)}: ${result.name}`,
    main: html`<style>${trusted(readFileSync(STYLE, 'utf8'))}</style>
${headline(result, absentText(absent))}
${contents()}
${maps(result)}
${costs(result)}
${effects(result)}
${scaling(result)}
${cellsSection(result)}
${setup(result)}`,
    footer: html`Made from this directory’s <a href="sweep.json">sweep.json</a> by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`,
  });
}

const SIGNS: Readonly<Record<SweepStatus, string>> = {
  pass: '✓',
  measured: '·',
  'threshold-failed': '✗',
  partial: '◐',
};

function headline(result: SweepResult, absence: string | null): Html {
  const status = statusOf(result);
  const { goals, stage, recommendation } = result;
  return html`<header>
<p class="kicker">WebSocket benchmark · sweep</p>
<h1>${result.name}</h1>
<p class="subtitle">${stageText(result)} · ${countsText(result)} · ${instantText(result.startedAt)}</p>
</header>
<section class="banner ${status}" aria-labelledby="verdict">
<h2 id="verdict"><span class="sign" aria-hidden="true">${SIGNS[status]}</span> ${answerText(result)}</h2>
<p>${recommendation.sentence}</p>
${absence === null ? NOTHING : html`<p>${absence}</p>`}
${goals.length === 0 ? NOTHING : html`<ul>${goals.map((goal) => html`<li>${goal}</li>`)}</ul>`}
</section>
<section aria-labelledby="figures">
<h2 id="figures" class="unseen">Figures of the recommended cell</h2>
${tiles(result)}
${stage === null || stage.notes.length === 0 ? NOTHING : html`<ul class="stage-notes">${stage.notes.map((note) => html`<li>${note}</li>`)}</ul>`}
</section>`;
}

function tiles(result: SweepResult): Html {
  const cell = result.cells.find(({ id }) => id === result.recommendation.cell);
  if (cell === undefined) return NOTHING;
  const value = (metric: SweepMetric) => cellValue(cell, metric);
  const months = cell.runs.flatMap((run) => (run.status === 'done' ? [run.figures.perMonthUsd] : []));
  const month = months.every((usd) => usd !== null)
    ? months.reduce((sum, usd) => sum + (usd ?? 0), 0) / months.length
    : null;
  return html`<div class="tiles">${[
    tile(
      latencyOf(result).name,
      html`${amountText(value(latencyOf(result)))}<span class="unit"> ms</span>`,
      'typical of its runs',
    ),
    tile(
      'Delivered',
      html`${amountText(value(DELIVERED))}<span class="unit"> /s</span>`,
      'messages that came back',
    ),
    tile('Per million round trips', dollarText(value(COST)), `at ${sweepPrices(result)}, at this load`),
    tile('A month', dollarText(month), '730 hours at this load'),
  ]}</div>`;
}

function tile(name: string, value: Content, meaning: string): Html {
  return html`<div class="tile"><p class="name">${name}</p><p class="value">${value}</p><p class="meaning">${meaning}</p></div>
`;
}

function contents(): Html {
  const links = [
    ['maps', 'Heat maps'],
    ['trade-off', 'Latency against cost'],
    ['effects', 'What each setting does'],
    ['cells', 'Cells'],
    ['setup', 'The sweep'],
  ] as const;
  return html`<nav aria-label="Contents"><ul>${links.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
}

function maps(result: SweepResult): Html {
  const sections = metricsOf(result).map(
    (
      metric,
      index,
    ) => html`<details class="map"${index === 0 ? trusted(' open') : NOTHING}><summary>${metric.name} <span class="quiet">${metric.unit}</span></summary>
${heatMaps(result, metric)}</details>
`,
  );
  return html`<section aria-labelledby="maps">
<h2 id="maps">Heat maps</h2>
<p class="note">The two settings that change a figure most are its rows and columns; each further combination has a map of its own, on the same scale. Darker is worse. A figure is the mean of the cell’s valid runs and leads to the cell; ! marks one that has invalid runs only.</p>
${sections}
</section>
`;
}

function costs(result: SweepResult): Html {
  const rows = paretoPoints(result).map(({ cell, number, latencyMs, costUsd, isOnFront }) => [
    html`<a href="${`#cell-${cell.id}`}">${number}</a>`,
    settingsText(cell),
    isOnFront ? 'on the front' : '',
    amountText(latencyMs),
    dollarText(costUsd),
  ]);
  const head = ['cell', 'settings', 'Pareto', `${latencyOf(result).short} ms`, 'USD per million'];
  const data = html`<details><summary>Data<span class="unseen"> of latency against cost</span></summary>
${table({ caption: 'Cells, the cheapest first', head, wordColumns: 3, rows })}</details>
`;
  return html`<section aria-labelledby="trade-off">
<h2 id="trade-off">Latency against cost</h2>
${tradeOff(result, data)}
<p class="note">Costs are at ${sweepPrices(result)}, of the load that was driven, shards and connections included, without free tiers, higher tiers applied as if nothing else were billed; the same settings at another load have another price per message.</p>
</section>
`;
}

/** The metrics whose effects are shown: those by which people choose. */
const effectMetrics = (result: SweepResult): readonly SweepMetric[] => [latencyOf(result), DELIVERED, COST];

function effects(result: SweepResult): Html {
  const found = effectMetrics(result)
    .map((metric) => ({ metric, own: mainEffects(result, metric) }))
    .filter(({ own }) => own.length > 0);
  const body =
    found.length === 0
      ? html`<p class="none">No effect can be told yet: some value of a setting has no cell whose runs are all there and valid.</p>`
      : found.map(({ metric, own }) => effectTable(metric, own));
  return html`<section aria-labelledby="effects">
<h2 id="effects">What each setting does</h2>
<p class="note">Each value against the first of its setting, as the mean over pairs of cells that differ in nothing else: × 0.80 is a fifth less. Intervals are 95 %, from what repeats of the same cell differ by. One that includes × 1 can’t be told from chance. An average hides what settings do together: see the maps.</p>
${found.some(({ own }) => own.some(({ isDoubtful }) => isDoubtful)) ? html`<p class="note unsure">Invalid runs are among these, as without them there was nothing to tell: take them as hints.</p>` : NOTHING}
${body}
</section>
`;
}

function effectTable(metric: SweepMetric, own: readonly MainEffect[]): Html {
  const rows = own.flatMap(({ setting, levels }) =>
    levels.map(({ value, effect, interval, pairs }, index) => [
      `${setting}=${value}`,
      index === 0 ? 'the first' : verdictOf(metric, interval),
      index === 0 ? '× 1' : factorText(effect),
      index === 0
        ? ''
        : interval === null
          ? `${ABSENT}`
          : `${factorText(interval[0])} to ${factorText(interval[1])}`,
      index === 0 ? '' : countText(pairs),
    ]),
  );
  const head = ['setting', 'effect', 'factor', '95 % interval', 'pairs'];
  return drawing(
    `Effects on ${metric.name.toLowerCase()}`,
    table({ caption: metric.name, head, wordColumns: 2, rows }),
  );
}

function factorText(factor: number): string {
  return `× ${factor >= 10 ? amountText(factor) : factor.toFixed(2)}`;
}

function verdictOf({ better }: SweepMetric, interval: readonly [number, number] | null): Html {
  if (interval === null) return html`<span class="mark quiet">needs repeats</span>`;
  const [low, high] = interval;
  if (low <= 1 && high >= 1) return html`<span class="mark quiet">not told from chance</span>`;
  const isLower = high < 1;
  const arrow = isLower ? '▼' : '▲';
  return (better === 'lower') === isLower
    ? html`<span class="mark good">${arrow} better</span>`
    : html`<span class="mark bad">${arrow} worse</span>`;
}

function scaling(result: SweepResult): Html {
  const steps = scalingOf(result);
  if (steps === null) return NOTHING;
  const rows = steps.map(({ shards, offeredPerSecond, deliveredPerSecond, efficiency, isKeptUp }) => [
    String(shards),
    amountText(offeredPerSecond),
    amountText(deliveredPerSecond),
    html`${ratioText(efficiency)}<span class="bar" aria-hidden="true"><i style="width:${String(Math.round(Math.min(1, efficiency) * 100))}%"></i></span>`,
    isKeptUp ? 'all that was offered' : 'less than was offered',
  ]);
  const head = ['shards', 'offered/s', 'delivered/s', 'efficiency', 'came back'];
  const isIdle = steps.every(({ isKeptUp }) => isKeptUp);
  return html`<section aria-labelledby="scaling">
<h2 id="scaling">Delivered rate by shards</h2>
${drawing('Delivered rate by shards', table({ caption: 'Mean over all other settings', head, rows }))}
<p class="note">Efficiency is the delivered rate as a share of what the fewest shards would give if each further one brought as much. ${isIdle ? 'Here every number of shards brought back all that was offered, so the figure says nothing about how the stage scales: drive it harder, or in a closed loop (inFlight).' : 'Only a load above what the stage can take shows how it scales.'}</p>
</section>
`;
}

function setup(result: SweepResult): Html {
  const { plan, environment, vary, repeats, orderSeed, cost, stacks } = result;
  const load =
    plan.load.kind === 'open'
      ? `${amountText(plan.load.ratePerSecond)} messages/s`
      : `${plan.load.inFlight} in flight on each connection`;
  return html`<section aria-labelledby="setup">
<h2 id="setup">The sweep</h2>
${facts([
  ...vary.map(({ name, values }) => [name, values.join(', ')] as const),
  ['repeats', countText(repeats)],
  ['order', `blocks of all cells, shuffled by seed ${orderSeed}`],
  ['load', `${load}, ${counted(plan.connections, 'connection')}, where it does not vary`],
  ['measured', `${durationText(plan.durationMs)} after ${durationText(plan.warmupMs)} of warm-up`],
  ['message', `${countText(plan.payloadBytes)} bytes`],
  ...(cost === null
    ? []
    : [
        [
          'cost of the sweep',
          `about ${dollarText(cost.spentUsd)} of ${dollarText(cost.estimatedUsd)} estimated, at ${sweepPrices(result)}`,
        ] as const,
      ]),
  ...(stacks.length === 0 ? [] : [['stacks still there', stacks.join(', ')] as const]),
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
