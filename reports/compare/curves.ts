/** The sides' latency distributions laid over each other: percentile curves, base dashed, one colour a candidate. */
import { amountText, percentileText } from '../figures.ts';
import { figure, plotted, type Series, spansDecades } from '../html/figure.ts';
import { type Html, html } from '../html/html.ts';
import type { Comparison, SideFacts } from './comparison.ts';
import { sideText } from './words.ts';

/** As many candidates as can be told apart in one chart; of more the first are drawn. */
const COLOURS = ['--response', '--service', '--delivered', '--unexpected'] as const;
const MARKERS = ['circle', 'triangle', 'diamond'] as const;

/** Percentiles in the data table: few, because a reader compares them across. */
const TABLED = new Set([50, 90, 95, 99, 99.5, 99.9, 99.99]);

/** Both charts. */
export function overlaidCurves({ base, contests }: Comparison): Html {
  const sides = [base, ...contests.slice(0, COLOURS.length).map(({ candidate }) => candidate)];
  const left = contests.length - (sides.length - 1);
  return html`${curve('response', sides)}${curve('service', sides)}
${left > 0 ? html`<p class="note">${left} more candidates are in the tables and not drawn.</p>` : ''}`;
}

function curve(series: 'response' | 'service', sides: readonly SideFacts[]): Html {
  const drawn = sides.map((side, index) => line(side, series, index));
  if (drawn.every(({ points }) => points.length === 0)) {
    return html`<p class="none">No curve of ${series} time: there are too few samples, or latency.hlog could not be read.</p>`;
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
      drainFrom: null,
      unit: 'ms',
      isLogarithmic: spansDecades(drawn),
      isStacked: false,
      series: drawn,
    },
    data: [
      {
        caption: `${series} time by percentile, milliseconds`,
        head: ['percentile', ...sides.map(sideText)],
        rows: [...TABLED].map((percentile) => [
          percentileText(percentile),
          ...sides.map((side) => amountText(valueAt(side, series, percentile))),
        ]),
      },
    ],
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
