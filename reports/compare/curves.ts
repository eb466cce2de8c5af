/** The sides' latency distributions laid over each other: percentile curves, base dashed, one colour a candidate. */

import type { Comparison, SideFacts } from '../../bench/model/comparison.ts';
import { type Blocks, figure, figureOf, none, note, table, word } from '../document/blocks.ts';
import { plotted, spansDecades } from '../document/chart.ts';
import type { Series } from '../document/client/chart-data.ts';
import { amountText, percentileText } from '../figures.ts';
import { sideText } from './figures.ts';

/** As many candidates as can be told apart in one chart; of more the first are drawn. */
const COLOURS = ['--response', '--service', '--delivered', '--unexpected'] as const;
const MARKERS = ['circle', 'triangle', 'diamond'] as const;

/** Percentiles in the data table: few, because a reader compares them across. */
const TABLED = new Set([50, 90, 95, 99, 99.5, 99.9, 99.99]);

/** Both charts. */
export function overlaidCurves({ base, contests }: Comparison): Blocks {
  const sides = [base, ...contests.slice(0, COLOURS.length).map(({ candidate }) => candidate)];
  const left = contests.length - (sides.length - 1);
  return [
    curve('response', sides),
    curve('service', sides),
    left > 0 && note(`${left} more candidates are in the tables and not drawn.`),
  ];
}

function curve(series: 'response' | 'service', sides: readonly SideFacts[]): Blocks {
  const drawn = sides.map((side, index) => line(side, series, index));
  if (drawn.every(({ points }) => points.length === 0)) {
    return none(`No curve of ${series} time: there are too few samples, or latency.hlog could not be read.`);
  }
  return figure({
    title: series === 'response' ? 'Response time' : 'Service time',
    description: `Percentile curves of ${series} time: ${sides.map((side) => describe(side, series)).join('; ')}.`,
    note: 'Every step to the right is ten times rarer. A curve ends where fewer than 10 samples lie beyond.',
    height: series === 'response' ? 'tall' : 'medium',
    chart: {
      axis: 'percentiles',
      xMin: 1,
      xMax: Math.max(...drawn.flatMap(({ points }) => points.map(([x]) => x))),
      unit: 'ms',
      isLogarithmic: spansDecades(drawn),
      series: drawn,
    },
    data: table(
      `${series} time by percentile, milliseconds`,
      [...TABLED],
      [
        word('percentile', percentileText),
        ...sides.map((side) =>
          figureOf(sideText(side), (percentile: number) => amountText(valueAt(side, series, percentile))),
        ),
      ],
    ),
  });
}

function valueAt({ curves }: SideFacts, series: 'response' | 'service', percentile: number): number | null {
  return curves[series].find((point) => point.percentile === percentile)?.valueMs ?? null;
}

function line(side: SideFacts, series: 'response' | 'service', index: number): Series {
  const points = plotted(
    side.curves[series].map(({ percentile, valueMs }) => ({ x: 100 / (100 - percentile), y: valueMs })),
  );
  const isBase = index === 0;
  return {
    label: `${isBase ? 'base' : 'candidate'} ${sideText(side)}`,
    color: isBase ? '--extreme' : COLOURS[(index - 1) % COLOURS.length]!,
    shape: 'line',
    width: isBase ? 2 : 2.5,
    ...(isBase ? { dash: [6, 4] } : { marker: MARKERS[(index - 1) % MARKERS.length]! }),
    points,
  };
}

function describe(side: SideFacts, series: 'response' | 'service'): string {
  const last = side.curves[series].at(-1);
  const rising = last === undefined ? 'absent' : `rising to ${amountText(last.valueMs)} ms`;
  return `${sideText(side)} ${rising}`;
}
