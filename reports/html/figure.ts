/**
 * Charts as data. A figure is a canvas, the legend in plain HTML, the data that charts.client.js draws, and the same
 * data as a table for those who can't see a canvas. Series differ by dash or marker as well as by colour.
 */
import type { Point } from '../decimation.ts';
import { scriptJson, visible } from '../escape.ts';
import { type Content, type Html, html, NOTHING, trusted } from './html.ts';
import { type Table, table } from './table.ts';

/** A line (or bars, or points without a line) of a chart. */
export interface Series {
  readonly label: string;
  /** Name of a CSS custom property of report.css, which has a value for light and one for dark. */
  readonly color: `--${string}`;
  readonly shape: 'line' | 'steps' | 'bars' | 'points';
  /** Canvas line dash in pixels; none when left out. */
  readonly dash?: readonly number[];
  /** Line width in pixels; 1.5 when left out. */
  readonly width?: number;
  /** Marks points; only worth it where points are few. */
  readonly marker?: 'circle' | 'triangle' | 'diamond';
  readonly points: readonly (readonly [x: number, y: number | null])[];
}

/** A stretch of the time axis that is marked, such as a fault at work. */
export interface Band {
  /** Short enough to stand in the chart. */
  readonly mark: string;
  readonly name: string;
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** Bands that overlap have their marks in different rows. */
  readonly row: number;
}

/** What charts.client.js needs to draw a chart. */
export interface ChartData {
  /**
   * `percentiles`: x is 100 / (100 − percentile), logarithmic. `time`: x is seconds since the start of measurement.
   * `rate`: x is messages per second, logarithmic.
   */
  readonly axis: 'percentiles' | 'time' | 'rate';
  readonly xMin: number;
  readonly xMax: number;
  /** Where the drain begins, in seconds; null when it is not shown. */
  readonly drainFrom: number | null;
  readonly unit: string;
  readonly isLogarithmic: boolean;
  /** Whether bars stand on each other. */
  readonly isStacked: boolean;
  /** Left out where nothing is marked. */
  readonly bands?: readonly Band[];
  readonly series: readonly Series[];
}

/** A chart with everything around it. */
export interface Figure {
  readonly title: string;
  /** What it shows in a sentence, for those who can't see it. */
  readonly description: string;
  readonly note?: Content;
  readonly height: 'tall' | 'medium' | 'small';
  readonly chart: ChartData;
  readonly data: readonly Table[];
}

/** The figure as markup. */
export function figure({ title, description, note, height, chart, data }: Figure): Html {
  return html`<figure class="chart ${height}">
<figcaption><h3>${title} <span class="quiet">${chart.unit}</span></h3>${legend(chart.series)}${note === undefined ? NOTHING : html`<p class="note">${note}</p>`}</figcaption>
<div class="canvas"><canvas role="img" aria-label="${description}${bandWords(chart)}"></canvas><div class="crosshair" hidden></div></div>
<script type="application/json">${trusted(scriptJson(legible(chart)))}</script>
<details><summary>Data<span class="unseen"> of ${title}</span></summary>
${data.map(table)}</details>
<button type="button" class="save" hidden>Save as PNG<span class="unseen">: ${title}</span></button>
</figure>
`;
}

/** What the bands mark, for those who can't see them. */
function bandWords({ bands = [] }: ChartData): string {
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

/** Points as the chart data has them, rounded to what a histogram resolves: smaller files, the same picture. */
export function plotted(points: readonly Point[]): (readonly [number, number | null])[] {
  return points.map(({ x, y }) => [rounded(x, 7), y === null ? null : rounded(y, 5)]);
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Largest ratio of highest to lowest that is still readable on a linear axis. */
const LINEAR_SPAN = 25;

/** Whether values span so much that only a logarithmic axis shows them all. */
export function spansDecades(series: readonly Series[]): boolean {
  const values = series
    .flatMap(({ points }) => points.map(([, y]) => y))
    .filter((y) => y !== null && y > 0) as number[];
  if (values.length === 0) return false;
  const [lowest, highest] = values.reduce(
    ([low, high], y) => [Math.min(low, y), Math.max(high, y)],
    [Infinity, 0],
  );
  return highest / lowest > LINEAR_SPAN;
}
