/**
 * The stage's own metrics as small charts, on the time axis of the client charts: what the cloud said while the client
 * waited. A value holds for its whole period, so it is drawn as a step. Series that never left zero are named, not
 * drawn; the table has them all under the names that thresholds use. Where periods are long, those that hold more than
 * measurement are drawn apart from those that don't.
 */
import type { MetricSeries, RunResult, StageMetrics } from '../../bench/model/result.ts';
import { decimated, type Point } from '../decimation.ts';
import {
  amount,
  type Blocks,
  box,
  figure,
  figureOf,
  none,
  note,
  paragraph,
  section,
  type Table,
  table,
  word,
} from '../document/blocks.ts';
import { plotted } from '../document/chart.ts';
import type { Series } from '../document/client/chart-data.ts';
import { code } from '../document/inline.ts';
import { amountText, countText, durationText } from '../figures.ts';
import { faultLegend } from './faults.ts';
import { isLongPeriod, type PeriodKind, periodCounts, periodKind, periodKindText } from './period-kinds.ts';
import { type TimeAxis, timeAxis } from './timeline.ts';

/** Small charts are at most half as wide as the others. */
const MAX_POINTS = 800;
const MAX_TABLE_ROWS = 30;
/** Fewer periods than this are no course of anything: a table says more. */
const MIN_LONG_PERIODS = 3;

/** The section on stage metrics. */
export function stageMetrics(result: RunResult): Blocks {
  return section(
    'metrics',
    'Stage metrics',
    result.metrics === null ? absent(result) : present(result, result.metrics),
  );
}

function absent({ stage }: RunResult): Blocks {
  return none(
    `No stage metrics. ${stage.kind === 'url' ? 'A bare URL has none.' : 'None were read for this run.'}`,
  );
}

function present(result: RunResult, read: StageMetrics & { readonly complete: boolean }): Blocks {
  const fromMs = Date.parse(result.measuredFrom) - read.periodMs;
  const drawn = read.series.filter(({ timestamps, values }) =>
    values.some((value, index) => value !== 0 && (timestamps[index] ?? 0) > fromMs),
  );
  return [
    paragraph(sourceText(read)),
    isLongPeriod(read.periodMs) && note(mixtureText(result, read.periodMs)),
    isDrawable(result, read.periodMs)
      ? charts(result, read, drawn)
      : note('Too few periods for a chart; the table has their values.'),
    read.series.length > 0 && overview(read),
  ];
}

/** Whether there are enough periods to see a course. */
function isDrawable(result: RunResult, periodMs: number): boolean {
  return !isLongPeriod(periodMs) || periodCounts(result, periodMs).all >= MIN_LONG_PERIODS;
}

function charts(
  result: RunResult,
  { series, periodMs }: StageMetrics,
  drawn: readonly MetricSeries[],
): Blocks {
  return [
    faultLegend(result),
    box(
      'multiples',
      drawn.map((one) => chart(result, one, periodMs)),
    ),
    flat(series.filter((one) => !drawn.includes(one))),
  ];
}

function mixtureText(result: RunResult, periodMs: number): string {
  const { all, pure } = periodCounts(result, periodMs);
  const one = periodMs === 60_000 ? 'calendar minute' : `period of ${durationText(periodMs)}`;
  const many = periodMs === 60_000 ? 'calendar minutes' : `periods of ${durationText(periodMs)}`;
  const others =
    'also hold probing, warm-up, drain or silence, so their counts and averages are not those of the measured window';
  if (all === 1 && pure === 0) return `The measurement lies within one ${one}, whose values ${others}.`;
  const counted = `${all} ${many} overlap the measurement`;
  if (pure === all) return `${counted} and hold nothing else.`;
  if (pure === 0) return `${counted}. All of them ${others}.`;
  const those = pure === 1 ? 'one of them holds' : `${pure} of them hold`;
  return `${counted}; ${those} nothing else. The others ${others}: they are drawn grey and dashed.`;
}

function sourceText({
  source,
  periodMs,
  complete,
  incomingRecords,
}: StageMetrics & { complete: boolean }): string {
  const from = source === 'cloudwatch' ? 'From CloudWatch' : 'Counted by the local stage';
  const whole = complete ? 'complete' : 'not known to be complete (see the validity checks)';
  const records =
    incomingRecords === null ? '' : ` The stream accepted ${countText(incomingRecords)} records.`;
  return `${from}, one value per ${durationText(periodMs)}, ${whole}.${records}`;
}

function chart(result: RunResult, series: MetricSeries, periodMs: number): Blocks {
  const points = periodPoints(series, Date.parse(result.measuredFrom));
  const kinds = series.timestamps.map((start) => periodKind(result, start, periodMs));
  const title = titleOf(series);
  const axis = timeAxis(result);
  return figure({
    title,
    description: `${title} over time, ${rangeText(series)}.`,
    height: 'small',
    chart: {
      ...axis,
      unit: unitText(series, periodMs),
      isLogarithmic: false,
      isStacked: false,
      series: isLongPeriod(periodMs)
        ? linesByKind(points, kinds, periodMs, axis)
        : [steps(series.label, decimated(points, MAX_POINTS), periodMs)],
    },
    data: periodTable(series, points, isLongPeriod(periodMs) ? kinds : null, periodMs),
  });
}

function steps(label: string, points: readonly Point[], periodMs: number): Series {
  return { label, color: '--metric', shape: 'steps', points: plotted(ended(points, periodMs)) };
}

/** Periods of measurement as one line, all others as another; where one has a period, the other has a gap. */
function linesByKind(
  points: readonly Point[],
  kinds: readonly PeriodKind[],
  periodMs: number,
  axis: Pick<TimeAxis, 'xMin' | 'xMax'>,
): Series[] {
  const those = (isPure: boolean) =>
    plotted(segments(points, (index) => (kinds[index] === 'pure') === isPure, periodMs, axis));
  const lines: Series[] = [
    { label: 'measurement only', color: '--metric', shape: 'steps', width: 2.5, points: those(true) },
    {
      label: 'mixed with what surrounds it',
      color: '--quiet',
      shape: 'steps',
      dash: [5, 4],
      width: 2,
      points: those(false),
    },
  ];
  return lines.filter((line) => line.points.length > 0);
}

/**
 * The chosen periods, each drawn to its end as far as it lies on the axis: a line whose points are all beyond it would
 * not count for the scale. A point without a value separates those that don't touch.
 */
function segments(
  points: readonly Point[],
  isChosen: (index: number) => boolean,
  periodMs: number,
  { xMin, xMax }: Pick<TimeAxis, 'xMin' | 'xMax'>,
): readonly Point[] {
  const drawn: Point[] = [];
  for (const [index, { x, y }] of points.entries()) {
    const [from, to] = [Math.max(x, xMin), Math.min(x + periodMs / 1000, xMax)];
    if (!isChosen(index) || from >= to) continue;
    const end = drawn.at(-1)?.x;
    if (end !== undefined && end < from) drawn.push({ x: end, y: null });
    drawn.push({ x: from, y }, { x: to, y });
  }
  return drawn;
}

/** The label with its statistic, which most labels name already. */
function titleOf({ label, stat }: MetricSeries): string {
  const word = stat.toLowerCase();
  return label.toLowerCase().includes(word) ? label : `${label} (${word})`;
}

const UNITS: Readonly<Record<string, string>> = {
  Milliseconds: 'ms',
  Count: 'count',
  Bytes: 'bytes',
  None: '',
  Percent: '%',
};

function unitText({ unit, stat }: MetricSeries, periodMs: number): string {
  const short = UNITS[unit] ?? unit;
  return stat === 'Sum' ? `${short} per ${durationText(periodMs)}` : short;
}

/** x is the start of the period, in seconds since the start of measurement. */
function periodPoints({ timestamps, values }: MetricSeries, measuredFromMs: number): Point[] {
  return timestamps.map((start, index) => ({ x: (start - measuredFromMs) / 1000, y: values[index] ?? null }));
}

/** The last value holds to the end of its period. */
function ended(points: readonly Point[], periodMs: number): readonly Point[] {
  const last = points.at(-1);
  return last === undefined ? points : [...points, { x: last.x + periodMs / 1000, y: last.y }];
}

function rangeText({ values, unit }: MetricSeries): string {
  const { lowest, highest } = extremes(values);
  return `${amountText(lowest)} to ${amountText(highest)} ${unit}`;
}

function extremes(values: readonly number[]): { lowest: number | null; highest: number | null } {
  if (values.length === 0) return { lowest: null, highest: null };
  return {
    lowest: values.reduce((a, b) => Math.min(a, b)),
    highest: values.reduce((a, b) => Math.max(a, b)),
  };
}

/** `kinds` where it matters what a period holds. */
function periodTable(
  series: MetricSeries,
  points: readonly Point[],
  kinds: readonly PeriodKind[] | null,
  periodMs: number,
): Table {
  const size = Math.max(1, Math.ceil(points.length / MAX_TABLE_ROWS));
  const groups = Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const group = points.slice(index * size, (index + 1) * size);
    const holds = kinds?.slice(index * size, (index + 1) * size) ?? [];
    return { group, holds, ...extremes(group.map(({ y }) => y).filter((y) => y !== null)) };
  });
  return table(`${series.label}, ${series.unit}`, groups, [
    word('from second', ({ group }) => secondText(group[0]?.x ?? 0)),
    figureOf('to', ({ group }) => secondText((group.at(-1)?.x ?? 0) + periodMs / 1000)),
    amount('lowest', ({ lowest }) => lowest),
    amount('highest', ({ highest }) => highest),
    kinds !== null && figureOf('holds', ({ holds }) => kindsText(holds)),
  ]);
}

function kindsText(kinds: readonly PeriodKind[]): string {
  return [...new Set(kinds)].map(periodKindText).join('; ');
}

function secondText(second: number): string {
  return String(Math.round(second * 10) / 10);
}

function flat(series: readonly MetricSeries[]): Blocks {
  const names = series.map(({ label, values }) => (values.length === 0 ? `${label} (no data)` : label));
  return names.length > 0 && note(`Zero while measured, not drawn: ${names.join(', ')}.`);
}

function overview({ series, source }: StageMetrics): Blocks {
  return table(`All metrics, with the names that thresholds use (${source})`, series, [
    word('metric', ({ id }) => code(`metrics.${id}`)),
    word('label', ({ label }) => label),
    word('statistic', ({ stat }) => stat),
    word('unit', ({ unit }) => unit),
    amount('lowest', ({ values }) => extremes(values).lowest),
    amount('highest', ({ values }) => extremes(values).highest),
    figureOf('total', ({ stat, values }) =>
      stat === 'Sum' ? amountText(values.reduce((sum, value) => sum + value, 0)) : '',
    ),
  ]);
}
