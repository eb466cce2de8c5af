/**
 * Charts. A figure is a canvas, the legend in plain HTML, the data that charts.client.js draws, and the same data as a table for
 * those who can't see a canvas. Series differ by dash or marker as well as by colour. Ticks are d3's, found when the page is made.
 */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Point } from '../decimation.ts';
import type { ChartData, Series } from './client/chart-data.ts';

/** A chart before its ticks are known. */
export interface Chart extends Omit<ChartData, 'xTicks' | 'y'> {
  readonly isLogarithmic?: boolean;
}

/** The percentiles that get a tick: x = 100 / (100 − percentile). */
const PERCENTILE_TICKS = [1, 2, ...Array.from({ length: 7 }, (_, nines) => 10 ** (nines + 1))];

/** Fewer round rates than this are no scale: even steps are marked instead. */
const FEWEST_TICKS = 3;

/** The chart as the browser draws it. */
export function chartData({ isLogarithmic, ...chart }: Chart): ChartData {
  const { axis, xMin, xMax, series } = chart;
  const ys = valuesOf(series);
  const xTicks =
    axis === 'percentiles'
      ? PERCENTILE_TICKS.filter((x) => x <= xMax * 1.001)
      : axis === 'rate' && rateTicks(xMin, xMax);
  return {
    ...chart,
    ...(xTicks === false ? {} : { xTicks }),
    ...(isLogarithmic === true && ys.length > 0 ? { y: logarithmicAxis(ys) } : {}),
  };
}

/** Above this ratio ticks are at powers of ten alone. */
const MANY_DECADES = 2000;

/** Ticks at 1, 2 and 5 times a power of ten. */
function logarithmicTicks(low: number, high: number): number[] {
  const leading = high / low > MANY_DECADES ? /^1e/ : /^[125]e/;
  const ticks = scaleLog()
    .domain([low, high])
    .ticks(Math.max(4, Math.log10(high / low) + 1));
  return ticks.filter((tick) => leading.test(tick.toExponential()));
}

function rateTicks(low: number, high: number): number[] {
  const ticks = logarithmicTicks(low, high);
  return ticks.length >= FEWEST_TICKS ? ticks : scaleLinear().domain([low, high]).ticks(5);
}

/** Where an axis may end, as factors of a power of ten: close together, so that lines fill the plot. */
const ENDS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** From the power of ten below to a round end above. */
function logarithmicAxis(values: readonly number[]): NonNullable<ChartData['y']> {
  const [low, high] = rangeOf(values);
  const min = 10 ** Math.floor(Math.log10(low));
  const decade = 10 ** Math.floor(Math.log10(high));
  const max = ENDS.map((factor) => factor * decade).find((tick) => tick >= high) ?? high;
  return { min, max, ticks: logarithmicTicks(min, Math.max(max, 2 * min)) };
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
  const [lowest, highest] = rangeOf(valuesOf(series));
  return highest / lowest > LINEAR_SPAN;
}

/** What a logarithmic axis can show. */
function valuesOf(series: readonly Series[]): number[] {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  return values.filter((y) => y !== null && y > 0) as number[];
}

function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  return values.reduce(([low, high], y) => [Math.min(low, y), Math.max(high, y)], [Infinity, 0]);
}
