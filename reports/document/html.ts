/**
 * A document as an HTML page: one file, with style, scripts and data inside, and a content security policy that forbids
 * everything else. So it opens offline, from an archive or a CI artifact, and can send nothing anywhere.
 */
import { scriptJson, visible } from '../escape.ts';
import { asset, SCRIPTS } from './assets.ts';
import {
  type Block,
  type Blocks,
  blocksFor,
  type Callout,
  type Document,
  type Figure,
  type Section,
  type Status,
  type Table,
  type Tile,
  tableFor,
} from './blocks.ts';
import { chartData } from './chart.ts';
import type { ChartData, Series } from './client/chart-data.ts';
import { type Html, html, type Inline, trusted } from './inline.ts';

/** A page without its frame. */
export interface PageFrame {
  readonly title: string;
  readonly styles?: readonly string[];
  readonly main: Inline;
  readonly footer: Inline;
}

/** The page, as the text of an HTML file. */
export function renderHtml(document: Document): string {
  const { heading, kind, title, subtitle, madeFrom, styles = [], blocks } = document;
  const main = html`<header>
<p class="kicker">WebSocket benchmark${kind === '' ? '' : ` · ${kind}`}</p>
<h1>${title}</h1>
<p class="subtitle">${subtitle.join(' · ')}</p>
</header>
${blocksHtml(blocks, document)}`;
  const footer = html`Made from this directory’s ${madeFrom} by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`;
  return pageFrame({ title: heading, styles, main, footer });
}

/** What every page has around its content. `styles` come after those that all pages share. */
export function pageFrame({ title, styles = [], main, footer }: PageFrame): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${['report.css', ...styles].map(asset)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<main id="main">
${main}
</main>
<footer>${footer}</footer>
${SCRIPTS.map((script) => html`<script>${asset(script)}</script>\n`)}</body>
</html>
`.markup;
}

function blocksHtml(blocks: Blocks, document: Document): Html[] {
  return blocksFor('html', blocks).map((block) => blockHtml(block, document));
}

function blockHtml(block: Exclude<Block, { kind: 'only' }>, document: Document): Html {
  switch (block.kind) {
    case 'markup':
      return block;
    case 'section':
      return sectionHtml(block, document);
    case 'callout':
      return calloutHtml(block);
    case 'heading':
      return html`<h3>${block.text}</h3>\n`;
    case 'prose':
      return html`<p${classOf(block.look)}>${block.text}</p>\n`;
    case 'list':
      return html`<ul${classOf(block.look)}>${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
    case 'facts':
      return html`<dl${classOf(`facts ${block.look}`.trim())}>${block.facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>\n`;
    case 'table':
      return tableHtml(block);
    case 'figure':
      return figureHtml(block.figure, tableHtml(block.figure.data));
    case 'tiles':
      return html`<div class="tiles">${block.tiles.map(tileHtml)}</div>\n`;
    case 'code':
      return html`<pre tabindex="0"><code>${block.lines
        .join('\n')
        .split('\n')
        .map((line, index) => html`${index === 0 ? '' : trusted('\n')}${line}`)}</code></pre>\n`;
    case 'fold':
      return html`<details${block.isOpen && trusted(' open')}><summary>${block.summary}</summary>
${blocksHtml(block.blocks, document)}</details>
`;
    case 'drawing':
      return html`<div class="drawing" data-picture="${block.title}">
${blocksHtml(block.blocks, document)}${saveButtons(block.title)}
</div>
`;
    case 'box':
      return html`<div${classOf(block.look)}>${blocksHtml(block.blocks, document)}</div>\n`;
    case 'contents':
      return contentsHtml(document);
  }
}

function classOf(look: string): Html | false {
  return look !== '' && html` class="${look}"`;
}

function sectionHtml({ id, title, blocks, isUntitled }: Section, document: Document): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}"${isUntitled && classOf('unseen')}>${title}</h2>
${blocksHtml(blocks, document)}</section>
`;
}

function contentsHtml({ blocks }: Document): Html {
  const sections = blocksFor('html', blocks).filter((block) => block.kind === 'section');
  const links = sections
    .filter(({ isUntitled }) => !isUntitled)
    .map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`);
  return html`<nav aria-label="Contents"><ul>${links}</ul></nav>\n`;
}

const SIGNS: Readonly<Record<Status, string>> = {
  pass: '✓',
  measured: '–',
  'threshold-failed': '✗',
  partial: '◐',
  invalid: '!',
};

function calloutHtml({ id, status, sign = SIGNS[status], head, text, list }: Callout): Html {
  return html`<section class="banner ${status}" aria-labelledby="${id}">
<h2 id="${id}"><span class="sign" aria-hidden="true">${sign}</span> ${head}</h2>
${text.map((sentence) => html`<p>${sentence}</p>\n`)}${list.length > 0 && html`<ul>${list.map((line) => html`<li>${line}</li>`)}</ul>\n`}</section>
`;
}

function tileHtml({ name, value, meaning, isSeen = false }: Tile): Html {
  return html`<div class="tile${isSeen && ' seen'}"><p class="name">${name}</p><p class="value">${value}</p><p class="meaning">${meaning}</p></div>
`;
}

function tableHtml(whole: Table): Html {
  const { caption, columns, rows } = tableFor('html', whole);
  return headedTable(caption, columns, rows);
}

/** A headed table with its numbers at the right; it scrolls in its own box when the screen is narrow, so the page never does. */
export function headedTable(
  caption: string,
  columns: readonly { readonly label: Inline; readonly isWord: boolean }[],
  rows: readonly (readonly Inline[])[],
): Html {
  const kinds = columns.map(({ isWord }) => (isWord ? 'word' : 'number'));
  const head = columns.map(({ label }, index) =>
    label === '' ? html`<td></td>` : html`<th scope="col" class="${kinds[index]}">${label}</th>`,
  );
  const body = rows.map(([first, ...rest]) => {
    const others = rest.map((cell, index) => html`<td class="${kinds[index + 1]}">${cell}</td>`);
    return html`<tr><th scope="row" class="word">${first}</th>${others}</tr>\n`;
  });
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table>
<caption><span>${caption}</span></caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** Buttons for the element around them whose `data-picture` is the title. Hidden until save.client.js shows them. */
export function saveButtons(title: string): Html {
  const button = (format: 'svg' | 'png') =>
    html`<button type="button" class="save" data-format="${format}" hidden>Save as ${format.toUpperCase()}<span class="unseen">: ${title}</span></button>`;
  return html`<div class="saves">${button('svg')} ${button('png')}</div>`;
}

/** A figure, with its data as tables below it. */
export function figureHtml(figure: Omit<Figure, 'data'>, tables: Inline): Html {
  const { title, description, note, height, chart } = figure;
  return html`<figure class="chart ${height}">
<figcaption><h3>${title} <span class="quiet">${chart.unit}</span></h3>${legend(chart.series)}${note !== undefined && html`<p class="note">${note}</p>`}</figcaption>
<div class="canvas"><canvas role="img" aria-label="${description}${bandWords(chart)}"></canvas><div class="crosshair" hidden></div></div>
<script type="application/json">${trusted(scriptJson(legible(chartData(chart))))}</script>
<details><summary>Data<span class="unseen"> of ${title}</span></summary>
${tables}</details>
<button type="button" class="save" hidden>Save as PNG<span class="unseen">: ${title}</span></button>
</figure>
`;
}

/** What the bands mark, for those who can't see them. */
function bandWords({ bands = [] }: Pick<ChartData, 'bands'>): string {
  const list = bands.map(({ mark, name, from, to }) => `${mark} ${name} from ${from} to ${to} s`);
  return list.length === 0 ? '' : ` Faults at work: ${list.join(', ')}.`;
}

/** The chart with its words made visible: tooltips draw them as they are. */
function legible(chart: ChartData): ChartData {
  const series = chart.series.map((line) => ({ ...line, label: visible(line.label) }));
  const bands = chart.bands?.map((band) => ({ ...band, name: visible(band.name) }));
  return { ...chart, unit: visible(chart.unit), series, ...(bands === undefined ? {} : { bands }) };
}

function legend(series: readonly Series[]): Html | false {
  const drawn = series.filter(({ points }) => points.some(([, y]) => y !== null));
  return (
    series.length > 1 &&
    html`<ul class="legend">${drawn.map((line) => html`<li>${sample(line)}${line.label}</li>`)}</ul>`
  );
}

const MARKERS = {
  circle: html`<circle cx="13" cy="6" r="3.5" fill="currentColor"/>`,
  diamond: html`<path d="M13 1.5L17.5 6L13 10.5L8.5 6Z" fill="currentColor"/>`,
  triangle: html`<path d="M13 2L17 9.5H9Z" fill="currentColor"/>`,
} as const;

/** A piece of the line as it is drawn. */
function sample({ color, shape, dash = [], width = 1.5, marker }: Series): Html {
  const line =
    shape === 'bars'
      ? html`<rect x="8" y="1" width="10" height="10" fill="currentColor"/>`
      : shape !== 'points' &&
        html`<path d="M0 6H26" fill="none" stroke="currentColor" stroke-width="${width}" stroke-dasharray="${dash.join(' ')}"/>`;
  return html`<svg width="26" height="12" aria-hidden="true" style="color:var(${color})">${line}${marker !== undefined && MARKERS[marker]}</svg>`;
}
