/** Runs with a fault in them, second by second: what was sent, what came back, how long it took, and when the fault was on. */
import type { Timeline, TimelineSecond } from '../../bench/model/claim.ts';
import { amount, type Blocks, count, type Figure, figure, table, word } from '../document/blocks.ts';
import { type Chart, spansDecades } from '../document/chart.ts';
import type { Band, Series } from '../document/client/chart-data.ts';

/** The figures of an experiment; nothing when it has no timelines. */
export function timelineFigures(timelines: readonly Timeline[]): Blocks {
  const drawn = timelines.filter(({ seconds }) => seconds.length > 0);
  return drawn.map((timeline) => [figure(rates(timeline)), figure(latency(timeline))]);
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
    chart: { ...chartOf(timeline), unit: 'messages/s', series },
    data: dataOf(timeline),
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
    data: dataOf(timeline),
  };
}

function chartOf({ seconds, marks }: Timeline): Omit<Chart, 'unit' | 'series'> {
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
  return { axis: 'time', xMin: 0, xMax, bands };
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

function dataOf({ title, seconds }: Timeline): Figure['data'] {
  return table(title, seconds, [
    word('second', ({ second }) => second),
    count('sent', ({ sent }) => sent),
    count('delivered', ({ delivered }) => delivered),
    count('came again', ({ duplicated }) => duplicated),
    amount('p50 ms', ({ p50 }) => p50),
    amount('p90 ms', ({ p90 }) => p90),
  ]);
}
