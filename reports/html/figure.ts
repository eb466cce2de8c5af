/**
 * Charts as data. A figure is a canvas, the legend in plain HTML, the data that charts.client.js draws, and the same
 * data as a table for those who can't see a canvas. Series differ by dash or marker as well as by colour.
 */
import { type Chart, plotted, spansDecades } from '../document/chart.ts';
import type { Band, ChartData, Series } from '../document/client/chart-data.ts';
import { figureHtml } from '../document/html.ts';
import type { Content, Html } from './html.ts';
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
export function figure({ data, ...drawn }: Figure): Html {
  return figureHtml(drawn, data.map(table));
}
