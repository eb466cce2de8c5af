/**
 * A metric's history as a drawing: a dot for each entry with its repeats' spread, the mean of each segment as a step, and a
 * named line at each change. The axis does not begin at zero, except for ratios: what matters is how one entry differs from
 * the next, and the table behind it has every figure. Text is set larger on narrow screens by the style sheet, so there are few
 * labels, with room between them.
 */
import { scaleLinear } from 'd3-scale';
import type { HistoryGroup, HistoryPoint, MetricHistory } from '../../bench/model/history.ts';
import { type Blocks, box, drawing, figureOf, fold, heading, table, word } from '../document/blocks.ts';
import { type Html, html, unseen } from '../document/inline.ts';
import { instantText } from '../figures.ts';
import { amountOf, commitText, metricText, type PlacedChange, stateText } from './text.ts';

const WIDTH = 480;
const HEIGHT = 210;
const PLOT = { right: WIDTH - 12, top: 40, bottom: HEIGHT - 26 };

/** What a character of a label takes at most, in the larger type of narrow columns. */
const CHARACTER = 9.4;

/** With more changes than this their labels are names only, or they would lie on each other. */
const MAX_COMMITS = 2;

const TICKS = 3;

interface Scales {
  readonly left: number;
  readonly x: (entry: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
}

/** The figure, with its table. */
export function trendFigure(
  group: HistoryGroup,
  metric: MetricHistory,
  changes: readonly PlacedChange[],
): Blocks {
  return box(
    'trend',
    drawing(metricText(metric), [
      heading(metricText(metric)),
      picture(group, metric, changes),
      fold(['Data', unseen(` of ${metric.label}`)], pointTable(group, metric)),
    ]),
  );
}

function picture(group: HistoryGroup, metric: MetricHistory, changes: readonly PlacedChange[]): Html {
  const scales = scalesOf(group, metric);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${inWords(group, metric, changes)}">
${axes(group, metric, scales)}
${metric.points.map((point) => mark(group, metric, point, scales))}
${metric.segments.map(({ from, to, mean }) => html`<path class="mean" d="M${round(scales.x(from) - 3)} ${scales.y(mean)}H${round(scales.x(to) + 3)}"/>`)}
${changes.map((change, index) => marker(change, index, changes.length, scales))}
</svg>
`;
}

function round(place: number): number {
  return Math.round(place * 10) / 10;
}

function scalesOf({ entries }: HistoryGroup, { points, unit }: MetricHistory): Scales {
  const low = Math.min(...points.map((point) => point.low));
  const high = Math.max(...points.map((point) => point.high));
  const value = scaleLinear()
    .domain([unit === 'ratio' ? 0 : low, high > low ? high : low + (Math.abs(low) || 1)])
    .nice(TICKS)
    .range([PLOT.bottom, PLOT.top]);
  const ticks = value.ticks(TICKS);
  const left = round(16 + CHARACTER * Math.max(...ticks.map((tick) => amountOf(tick, unit).length)));
  const entry = scaleLinear()
    .domain([0, Math.max(1, entries.length - 1)])
    .range([left + 6, PLOT.right - 6]);
  return { left, x: (at) => round(entry(at)), y: (at) => round(value(at)), ticks };
}

function axes({ entries }: HistoryGroup, { unit }: MetricHistory, { left, y, ticks }: Scales): Html {
  const dates = [entries[0]!, entries.at(-1)!].map(({ startedAt }) => instantText(startedAt).slice(0, 10));
  return html`<g class="axes">${ticks.map(
    (tick) =>
      html`<path d="M${left} ${y(tick)}H${PLOT.right}"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${amountOf(tick, unit)}</text>`,
  )}
<text x="${left}" y="${HEIGHT - 6}">${dates[0]!}</text>${entries.length > 1 && html`<text x="${PLOT.right}" y="${HEIGHT - 6}" text-anchor="end">${dates[1]!}</text>`}</g>`;
}

function mark(
  { entries }: HistoryGroup,
  { unit }: MetricHistory,
  point: HistoryPoint,
  { x, y }: Scales,
): Html {
  const { entry, value, low, high, runs } = point;
  const radius = entries.length > 100 ? 1.8 : 3;
  const spread = runs > 1 && high > low && html`<path class="spread" d="M${x(entry)} ${y(low)}V${y(high)}"/>`;
  return html`${spread}<circle class="entry" cx="${x(entry)}" cy="${y(value)}" r="${radius}"><title>${commitText(entries[entry]!)}: ${amountOf(value, unit)}</title></circle>`;
}

const SIGNS = { worse: '✗', better: '✓', small: '·' } as const;

function marker(
  { place, group, change }: PlacedChange,
  index: number,
  count: number,
  { left, x }: Scales,
): Html {
  const at = round((x(change.previous) + x(change.entry)) / 2);
  const isRight = at > (left + PLOT.right) / 2;
  const label = [
    SIGNS[change.judgement],
    place,
    ...(count > MAX_COMMITS ? [] : [commitText(group.entries[change.entry]!)]),
  ].join(' ');
  const line = 14 + (index % 2) * 17;
  return html`<g class="change ${change.judgement}"><path d="M${at} ${line - 12}V${PLOT.bottom}"/><text x="${at + (isRight ? -5 : 5)}" y="${line}" text-anchor="${isRight ? 'end' : 'start'}">${label}</text></g>`;
}

function inWords(group: HistoryGroup, metric: MetricHistory, changes: readonly PlacedChange[]): string {
  const { points, segments, unit, label } = metric;
  const means = segments.map(({ mean }) => amountOf(mean, unit)).join(', then ');
  const found = changes.map(
    ({ place, change }) => `${place} at ${commitText(group.entries[change.entry]!)}: ${stateText(change)}`,
  );
  const what = found.length === 0 ? 'No change found.' : `Changes: ${found.join('; ')}.`;
  return `${label} of ${points.length} entries; mean ${means}. ${what}`;
}

function pointTable({ entries }: HistoryGroup, { label, unit, points, segments }: MetricHistory): Blocks {
  const hasRepeats = points.some(({ runs }) => runs > 1);
  const segmentOf = (entry: number) => segments.find(({ from, to }) => from <= entry && entry <= to)!;
  return table(`${label}${unit === 'ms' ? ', milliseconds' : ''}, oldest entry first`, points, [
    word('started', ({ entry }) => instantText(entries[entry]!.startedAt)),
    word('commit', ({ entry }) => entries[entry]!.commit?.slice(0, 7) ?? 'not known'),
    figureOf(hasRepeats ? 'median' : 'value', ({ value }) => amountOf(value, unit)),
    hasRepeats && figureOf('lowest run', ({ low }) => amountOf(low, unit)),
    hasRepeats && figureOf('highest run', ({ high }) => amountOf(high, unit)),
    hasRepeats && figureOf('runs', ({ runs }) => runs),
    figureOf('mean of segment', ({ entry }) => amountOf(segmentOf(entry).mean, unit)),
  ]);
}
