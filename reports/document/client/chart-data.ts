/** A chart as data: what the page holds as JSON for charts.client.js, which draws it in the reader's browser. */

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

export interface ChartData {
  /**
   * `percentiles`: x is 100 / (100 − percentile), logarithmic. `time`: x is seconds since the start of measurement.
   * `rate`: x is messages per second, logarithmic.
   */
  readonly axis: 'percentiles' | 'time' | 'rate';
  readonly xMin: number;
  readonly xMax: number;
  /** Of a logarithmic axis; a linear one has those that Chart.js finds. */
  readonly xTicks?: readonly number[];
  /** Of a logarithmic axis; a linear one is as Chart.js makes it, from zero. */
  readonly y?: { readonly min: number; readonly max: number; readonly ticks: readonly number[] };
  /** Where the drain begins, in seconds. */
  readonly drainFrom?: number | null;
  readonly unit: string;
  /** Whether bars stand on each other. */
  readonly isStacked?: boolean;
  readonly bands?: readonly Band[];
  readonly series: readonly Series[];
}
