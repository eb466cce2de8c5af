/** Runs with a fault in them, second by second: what was sent, what came back, how long it took, and when the fault was on. */
import type { Timeline, TimelineSecond } from '../../bench/core/claims/claim.ts';
import { amountText, countText } from '../figures.ts';
import { type Band, type Figure, figure, type Series, spansDecades } from '../html/figure.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import type { Table } from '../html/table.ts';

/** The figures of an experiment; nothing when it has no timelines. */
export function timelineFigures(timelines: readonly Timeline[]): Html {
  const shown = timelines.filter(({ seconds }) => seconds.length > 0);
  if (shown.length === 0) return NOTHING;
  return html`${shown.map((timeline) => html`${figure(rates(timeline))}${figure(latency(timeline))}`)}`;
}

function rates(timeline: Timeline): Figure {
  const series: Series[] = [
    line(timeline, 'sent', '--sent', ({ sent }) => sent),
    line(timeline, 'delivered', '--delivered', ({ delivered }) => delivered, [6, 3]),
  ];
  if (timeline.seconds.some(({ duplicated }) => duplicated > 0))
    series.push(line(timeline, 'came again', '--reordered', ({ duplicated }) => duplicated, [2, 3]));
  return {
    title: timeline.title,
    description: `Messages sent and delivered per second. ${marksText(timeline)}`,
    note: marksText(timeline),
    height: 'medium',
    chart: { ...chartOf(timeline), unit: 'messages/s', isLogarithmic: false, series },
    data: [dataOf(timeline)],
  };
}

function latency(timeline: Timeline): Figure {
  const series = [
    line(timeline, 'p50', '--service', ({ p50 }) => p50, [2, 3]),
    line(timeline, 'p90', '--response', ({ p90 }) => p90),
  ];
  return {
    title: 'Response time by the second of arrival',
    description: `Response time p50 and p90 per second. ${marksText(timeline)}`,
    height: 'medium',
    chart: { ...chartOf(timeline), unit: 'ms', isLogarithmic: spansDecades(series), series },
    data: [dataOf(timeline)],
  };
}

function chartOf({ seconds, marks }: Timeline): Omit<Figure['chart'], 'unit' | 'isLogarithmic' | 'series'> {
  const xMax = (seconds.at(-1)?.second ?? 0) + 1;
  const bands = marks.map(
    ({ label, fromSecond, toSecond }, row): Band => ({
      mark: marks.length === 1 ? 'fault' : `fault ${row + 1}`,
      name: label,
      from: fromSecond,
      to: toSecond,
      row: 0,
    }),
  );
  return { axis: 'time', xMin: 0, xMax, drainFrom: null, isStacked: false, bands };
}

function marksText({ marks }: Timeline): string {
  const spans = marks.map(({ label, fromSecond, toSecond }) => `${label} (${fromSecond} to ${toSecond} s)`);
  return spans.length === 0 ? '' : `Hatched: ${spans.join('; ')}.`;
}

function line(
  { seconds }: Timeline,
  label: string,
  color: Series['color'],
  value: (second: TimelineSecond) => number | null,
  dash: readonly number[] = [],
): Series {
  return {
    label,
    color,
    shape: 'line',
    dash,
    points: seconds.map((one) => [one.second + 0.5, value(one)]),
  };
}

function dataOf({ title, seconds }: Timeline): Table {
  return {
    caption: title,
    head: ['second', 'sent', 'delivered', 'came again', 'p50 ms', 'p90 ms'],
    rows: seconds.map(({ second, sent, delivered, duplicated, p50, p90 }) => [
      String(second),
      countText(sent),
      countText(delivered),
      countText(duplicated),
      amountText(p50),
      amountText(p90),
    ]),
  };
}
