/**
 * Charts as data. A figure is a canvas, the legend in plain HTML, the data that charts.client.js draws, and the same
 * data as a table for those who can't see a canvas. Series differ by dash or marker as well as by colour.
 */
import { type Chart, chartData, plotted, spansDecades } from '../document/chart.ts';
import type { Band, ChartData, Series } from '../document/client/chart-data.ts';
import { scriptJson, visible } from '../escape.ts';
import { type Content, type Html, html, NOTHING, trusted } from './html.ts';
import { type Table, table } from './table.ts';

export type { Band, ChartData, Series };
export { plotted, spansDecades };

/** A chart with everything around it. */
export interface Figure {
  readonly title: string;
  /** What it shows in a sentence, for those who can't see it. */
  readonly description: string;
  readonly note?: Content;
  readonly height: 'tall' | 'medium' | 'small';
  readonly chart: Chart;
  readonly data: readonly Table[];
}

/** The figure as markup. */
export function figure({ title, description, note, height, chart, data }: Figure): Html {
  return html`<figure class="chart ${height}">
<figcaption><h3>${title} <span class="quiet">${chart.unit}</span></h3>${legend(chart.series)}${note === undefined ? NOTHING : html`<p class="note">${note}</p>`}</figcaption>
<div class="canvas"><canvas role="img" aria-label="${description}${bandWords(chart)}"></canvas><div class="crosshair" hidden></div></div>
<script type="application/json">${trusted(scriptJson(legible(chartData(chart))))}</script>
<details><summary>Data<span class="unseen"> of ${title}</span></summary>
${data.map(table)}</details>
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

function legend(series: readonly Series[]): Html {
  const drawn = series.filter(({ points }) => points.some(([, y]) => y !== null));
  if (series.length < 2) return NOTHING;
  return html`<ul class="legend">${drawn.map((s) => html`<li>${sample(s)}${s.label}</li>`)}</ul>`;
}

/** A piece of the line as it is drawn. */
function sample({ color, shape, dash = [], width = 1.5, marker }: Series): Html {
  const line =
    shape === 'bars'
      ? html`<rect x="8" y="1" width="10" height="10" fill="currentColor"/>`
      : shape === 'points'
        ? NOTHING
        : html`<path d="M0 6H26" fill="none" stroke="currentColor" stroke-width="${width}" stroke-dasharray="${dash.join(' ')}"/>`;
  return html`<svg width="26" height="12" aria-hidden="true" style="color:var(${color})">${line}${markerSample(marker)}</svg>`;
}

function markerSample(marker: Series['marker']): Html {
  if (marker === 'circle') return html`<circle cx="13" cy="6" r="3.5" fill="currentColor"/>`;
  if (marker === 'diamond') return html`<path d="M13 1.5L17.5 6L13 10.5L8.5 6Z" fill="currentColor"/>`;
  return marker === 'triangle' ? html`<path d="M13 2L17 9.5H9Z" fill="currentColor"/>` : NOTHING;
}
