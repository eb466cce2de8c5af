/**
 * The figures by which cells are compared. A cell's figure is the mean of its runs', on a logarithmic scale where the
 * figure is a latency, a rate or a price, since a change of those is a factor. Percentiles of runs are not percentiles of all
 * their messages, so their mean is called what it is: typical of a run.
 */
import { judgedLatency } from '../../bench/judge/judged-latency.ts';
import type { SweepCell, SweepFigures } from '../../bench/model/sweep.ts';
import { amountText, dollarText, ratioText } from '../figures.ts';

export interface SweepMetric {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Whether differences are factors: then means are geometric, and effects ratios. */
  readonly isFactor: boolean;
  readonly of: (figures: SweepFigures) => number | null;
  readonly shown: (value: number) => string;
}

const ms = (id: string, name: string, of: SweepMetric['of']): SweepMetric => ({
  id,
  name,
  unit: 'ms',
  better: 'lower',
  isFactor: true,
  of,
  shown: amountText,
});

const P99 = ms('p99', 'Response time p99', ({ response }) => response.p99);

/** The latency that the goals are about; its `short` name is for heads of columns. */
export function latencyOf({
  goals,
}: {
  readonly goals: readonly string[];
}): SweepMetric & { readonly short: string } {
  const { expression, series, statistic, name } = judgedLatency(goals);
  if (expression === null) return { ...P99, short: 'p99' };
  const metric = ms(
    series === 'response' ? statistic : `${series}${statistic.toUpperCase()}`,
    `${series === 'response' ? 'Response' : 'Service'} time ${name}`,
    (figures) => figures.goals.find((goal) => goal.expression === expression)?.value ?? null,
  );
  return { ...metric, short: series === 'response' ? name : `service ${name}` };
}

/** All metrics, the latency that the goals are about first. */
export function metricsOf(sweep: { readonly goals: readonly string[] }): readonly SweepMetric[] {
  const judged = latencyOf(sweep);
  return [judged, ...METRICS.filter(({ id }) => id !== judged.id)];
}

export const COST: SweepMetric = {
  id: 'cost',
  name: 'Cost per million round trips',
  unit: 'USD',
  better: 'lower',
  isFactor: true,
  of: ({ perMillionRoundTripsUsd }) => perMillionRoundTripsUsd,
  shown: dollarText,
};

export const DELIVERED: SweepMetric = {
  id: 'delivered',
  name: 'Delivered',
  unit: 'messages/s',
  better: 'higher',
  isFactor: true,
  of: ({ deliveredPerSecond }) => deliveredPerSecond,
  shown: amountText,
};

const ratio = (id: string, name: string, of: SweepMetric['of']): SweepMetric => ({
  id,
  name,
  unit: 'share',
  better: 'lower',
  isFactor: false,
  of,
  shown: ratioText,
});

export const REORDERED = ratio('reordered', 'Reordered', ({ reorderedRatio }) => reorderedRatio);
export const LOST = ratio('lost', 'Lost', ({ lossRatio }) => lossRatio);

/** In the order of the report. */
export const METRICS: readonly SweepMetric[] = [
  P99,
  ms('p50', 'Response time p50', ({ response }) => response.p50),
  ms('p90', 'Response time p90', ({ response }) => response.p90),
  ms('serviceP99', 'Service time p99', ({ service }) => service.p99),
  DELIVERED,
  COST,
  REORDERED,
  LOST,
];

/** A figure of a run, with the block it belongs to. */
export interface RunValue {
  readonly repeat: number;
  readonly value: number;
}

/** Values of a cell's valid runs; where it has none, of its invalid ones, and then the cell is doubtful. */
export function valuesOf(cell: SweepCell, metric: SweepMetric): RunValue[] {
  return allValues(cell, metric, isDoubtful(cell));
}

/** Whether no run of the cell can be trusted: its figures may describe the driver or the machine. */
export function isDoubtful({ runs }: SweepCell): boolean {
  const done = runs.flatMap((run) => (run.status === 'done' ? [run.figures.verdict] : []));
  return done.length > 0 && done.every((verdict) => verdict === 'invalid');
}

/** Values of a cell's runs, invalid ones only where they are asked for. */
export function allValues({ runs }: SweepCell, metric: SweepMetric, isWithInvalid: boolean): RunValue[] {
  return runs.flatMap((run) => {
    if (run.status !== 'done' || (run.figures.verdict === 'invalid' && !isWithInvalid)) return [];
    const value = metric.of(run.figures);
    return value === null || (metric.isFactor && value <= 0) ? [] : [{ repeat: run.repeat, value }];
  });
}

/** The cell's figure; null without any value. */
export function cellValue(cell: SweepCell, metric: SweepMetric): number | null {
  const values = valuesOf(cell, metric).map(({ value }) => scaled(metric, value));
  return values.length === 0 ? null : unscaled(metric, mean(values));
}

/** On the scale on which values are added. */
export function scaled({ isFactor }: SweepMetric, value: number): number {
  return isFactor ? Math.log(value) : value;
}

export function unscaled({ isFactor }: SweepMetric, value: number): number {
  return isFactor ? Math.exp(value) : value;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
