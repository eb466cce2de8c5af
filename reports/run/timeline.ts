/**
 * The run second by second: latency, rates, violations and connections, on one time axis that the stage metrics share.
 * A second's figures are drawn at its middle. All charts have the same plot area, so an event lines up down the page.
 */
import type { Interval, RunResult } from '../../bench/model/result.ts';
import { decimated } from '../decimation.ts';
import {
  amount,
  type Blocks,
  type Column,
  count,
  figure,
  none,
  note,
  paragraph,
  section,
  type Table,
  table,
  word,
} from '../document/blocks.ts';
import { plotted, spansDecades } from '../document/chart.ts';
import type { ChartData, Series } from '../document/client/chart-data.ts';
import { amountText, countText } from '../figures.ts';
import { faultBands, faultLegend } from './faults.ts';
import { groupedIntervals, type IntervalGroup } from './interval-groups.ts';

/** Two points for every pixel of the widest chart; more could not be seen. */
const MAX_POINTS = 2000;
const MAX_TABLE_ROWS = 60;

/** The time axis that client charts and stage metrics share. */
export type TimeAxis = Pick<ChartData, 'axis' | 'xMin' | 'xMax' | 'drainFrom' | 'bands'>;

/** From the start of measurement to the end of the drain, in seconds. */
export function timeAxis(result: RunResult): TimeAxis {
  const xMax = (result.intervals.at(-1)?.second ?? 0) + 1;
  const measuredSeconds = result.plan.durationMs / 1000;
  const drainFrom = measuredSeconds < xMax ? measuredSeconds : null;
  const bands = faultBands(result, xMax);
  return { axis: 'time', xMin: 0, xMax, drainFrom, ...(bands.length === 0 ? {} : { bands }) };
}

/** The section over time. */
export function timeline(result: RunResult): Blocks {
  const { offeredPerSecond, sentPerSecond, deliveredPerSecond } = result.throughput;
  const rate = (perSecond: number): string => `${amountText(perSecond)}/s`;
  return section('time', 'Over time', [
    paragraph(
      `Offered ${rate(offeredPerSecond)} · sent ${rate(sentPerSecond)} · delivered ${rate(deliveredPerSecond)}, on average over the measured window.`,
    ),
    result.intervals.length === 0 ? none('No second was measured.') : charts(result),
  ]);
}

function charts(result: RunResult): Blocks {
  const notes = [drainNote(result), faultNote(result), thinningNote(result)].filter((text) => text !== '');
  return [
    note(['Seconds since the start of measurement.', ...notes].join(' ')),
    faultLegend(result),
    latencyChart(result),
    rateChart(result),
    violationChart(result),
    connectionChart(result),
  ];
}

function drainNote(result: RunResult): string {
  return timeAxis(result).drainFrom === null
    ? ''
    : 'The shaded part is the drain: nothing is sent any more, late answers are awaited.';
}

function faultNote(result: RunResult): string {
  return timeAxis(result).bands === undefined ? '' : 'Hatched is where a fault was at work.';
}

function thinningNote({ intervals }: RunResult): string {
  return intervals.length > MAX_POINTS
    ? 'Of neighbouring seconds, the lowest and the highest are drawn.'
    : '';
}

function line(
  result: RunResult,
  pick: (interval: Interval) => number | null,
  look: Omit<Series, 'points' | 'shape'>,
): Series {
  const points = result.intervals.map((interval) => ({ x: interval.second + 0.5, y: pick(interval) }));
  return { ...look, shape: 'line', points: plotted(decimated(points, MAX_POINTS)) };
}

/** A count holds for its whole second. */
function steps(
  result: RunResult,
  pick: (interval: Interval) => number,
  look: Omit<Series, 'points' | 'shape'>,
): Series {
  const points = result.intervals.map((interval) => ({ x: interval.second, y: pick(interval) }));
  const last = points.at(-1);
  const end = last === undefined ? [] : [{ x: last.x + 1, y: last.y }];
  return { ...look, shape: 'steps', points: plotted([...decimated(points, MAX_POINTS), ...end]) };
}

/** A second with too few arrivals for p99 may still have a p90. */
function tailOf({ intervals }: RunResult): 'p99' | 'p90' {
  return intervals.some(({ p99 }) => p99 !== null) ? 'p99' : 'p90';
}

function latencyChart(result: RunResult): Blocks {
  const tail = tailOf(result);
  const series = [
    line(result, (i) => i.max, { label: 'response max', color: '--extreme', dash: [1, 3] }),
    line(result, (i) => i[tail], {
      label: `response ${tail}`,
      color: '--response',
      dash: [6, 3],
      width: 2.5,
    }),
    line(result, (i) => i.p50, { label: 'response p50', color: '--response', width: 2.5 }),
    line(result, (i) => i.serviceP99, { label: 'service p99', color: '--service', dash: [6, 3] }),
    line(result, (i) => i.serviceP50, { label: 'service p50', color: '--service' }),
  ];
  return figure({
    title: 'Latency per second',
    description: `Latency of the messages that arrived in each second. ${worstSecond(result)}`,
    note: `By the second of arrival. Where service lies on response, the driver sent on time. ${tailNote(tail)}`,
    height: 'medium',
    chart: { ...timeAxis(result), unit: 'ms', isLogarithmic: spansDecades(series), isStacked: false, series },
    data: latencyTable(result),
  });
}

function tailNote(tail: 'p99' | 'p90'): string {
  return tail === 'p99' ? '' : 'No second had the 1,000 arrivals that a p99 needs.';
}

function worstSecond({ intervals }: RunResult): string {
  const worst = intervals.reduce<Interval | null>((a, b) => ((b.max ?? -1) > (a?.max ?? -1) ? b : a), null);
  return worst === null
    ? ''
    : `The slowest answer, ${amountText(worst.max)} ms, came in second ${worst.second}.`;
}

function rateChart(result: RunResult): Blocks {
  const series = [
    steps(result, (i) => i.scheduled, { label: 'offered (scheduled)', color: '--offered', width: 6 }),
    steps(result, (i) => i.sent, { label: 'sent', color: '--sent', width: 2 }),
    steps(result, (i) => i.delivered, { label: 'delivered', color: '--delivered', dash: [6, 3], width: 2 }),
  ];
  return figure({
    title: 'Messages per second',
    description: 'Messages scheduled, sent and delivered in each second.',
    height: 'medium',
    chart: { ...timeAxis(result), unit: 'messages/s', isLogarithmic: false, isStacked: false, series },
    data: rateTable(result),
  });
}

const VIOLATIONS = [
  ['reordered', '--reordered'],
  ['duplicated', '--duplicated'],
  ['lost', '--lost'],
  ['unexpected', '--unexpected'],
  ['refused', '--refused'],
] as const;

function violationChart(result: RunResult): Blocks {
  const seen = VIOLATIONS.filter(([kind]) =>
    result.intervals.some((interval) => countOf(interval, kind) > 0),
  );
  if (seen.length === 0) {
    return none(
      `No second had a reordered, duplicated, unexpected or refused message${hasLost(result) ? ', nor a lost one' : ''}.`,
    );
  }
  const series = seen.map(([kind, color]) => bars(result, kind, color));
  return figure({
    title: 'Violations per second',
    description: `Messages ${seen.map(([kind]) => kind).join(', ')} in each second.`,
    note: `Reordered, duplicated and unexpected by the second of arrival; ${hasLost(result) ? 'lost and refused by the second they were due.' : 'refused by the second they were due. Lost messages have no arrival, so no second.'} ${barNote(result)}`,
    height: 'small',
    chart: { ...timeAxis(result), unit: 'messages/s', isLogarithmic: false, isStacked: true, series },
    data: violationTable(result),
  });
}

type ViolationKind = (typeof VIOLATIONS)[number][0];

/** Older results do not have lost messages by the second. */
function countOf(interval: Interval, kind: ViolationKind): number {
  return interval[kind] ?? 0;
}

function hasLost({ intervals }: RunResult): boolean {
  return intervals.some(({ lost }) => lost !== undefined);
}

function barNote({ intervals }: RunResult): string {
  const seconds = Math.ceil(intervals.length / MAX_BARS);
  return seconds > 1 ? `Each bar is the mean of ${seconds} seconds.` : '';
}

function bars(result: RunResult, kind: ViolationKind, color: Series['color']): Series {
  const groups = groupedIntervals(result.intervals, MAX_BARS);
  const points = groups.map((group) => ({
    x: (group.from + group.to) / 2,
    y: perSecond(group, kind) || null,
  }));
  return { label: kind, color, shape: 'bars', points: plotted(points) };
}

/** Narrower bars than this many could not be seen on a phone; on longer runs a bar covers several seconds. */
const MAX_BARS = 240;

function perSecond(group: IntervalGroup, kind: ViolationKind): number {
  return group.sum((interval) => countOf(interval, kind)) / (group.to - group.from);
}

function connectionChart(result: RunResult): Blocks {
  const open = result.intervals.map((interval) => interval.connections);
  const measured = result.intervals.filter((interval) => interval.second * 1000 < result.plan.durationMs);
  if (measured.every((interval) => interval.connections === open[0])) {
    return none(`${countText(open[0] ?? 0)} connections were open throughout.`);
  }
  const series = [steps(result, (i) => i.connections, { label: 'open connections', color: '--sent' })];
  return figure({
    title: 'Open connections',
    description: `Connections open at the end of each second, ${Math.min(...open)} to ${Math.max(...open)}.`,
    height: 'small',
    chart: { ...timeAxis(result), unit: 'connections', isLogarithmic: false, isStacked: false, series },
    data: timeTable(result, 'Open connections', [
      count('fewest', ({ worst }) => -(worst((i) => -i.connections) ?? 0)),
    ]),
  });
}

function timeTable(
  { intervals }: RunResult,
  caption: string,
  columns: readonly Column<IntervalGroup>[],
): Table {
  return table(caption, groupedIntervals(intervals, MAX_TABLE_ROWS), [
    word('seconds', secondsText),
    ...columns,
  ]);
}

function secondsText({ from, to }: IntervalGroup): string {
  return to - from === 1 ? String(from) : `${from}–${to}`;
}

function latencyTable(result: RunResult): Table {
  return timeTable(result, 'Response and service time in ms; of several seconds, the worst', [
    amount('p50', ({ worst }) => worst((i) => i.p50)),
    amount('p90', ({ worst }) => worst((i) => i.p90)),
    amount('p99', ({ worst }) => worst((i) => i.p99)),
    amount('max', ({ worst }) => worst((i) => i.max)),
    amount('service p50', ({ worst }) => worst((i) => i.serviceP50)),
    amount('service p99', ({ worst }) => worst((i) => i.serviceP99)),
  ]);
}

function rateTable(result: RunResult): Table {
  const sums = (['scheduled', 'sent', 'delivered'] as const).map((name) =>
    count<IntervalGroup>(name, ({ sum }) => sum((i) => i[name])),
  );
  return timeTable(result, 'Messages in each row’s seconds', sums);
}

function violationTable(result: RunResult): Table {
  const kinds = VIOLATIONS.map(([kind]) => kind).filter((kind) => kind !== 'lost' || hasLost(result));
  const sums = kinds.map((kind) => count<IntervalGroup>(kind, ({ sum }) => sum((i) => countOf(i, kind))));
  return timeTable(result, 'Violations in each row’s seconds', sums);
}
