/** The metrics whose history is kept: where each is in a result, and what is better. */
import type { Quantiles, RunResult } from '../../bench/model/result.ts';
import type { HistoryUnit } from './history.ts';

export interface HistoryMetric {
  /** Path in result.json, as thresholds have it. */
  readonly id: string;
  readonly label: string;
  readonly unit: HistoryUnit;
  readonly better: 'less' | 'more';
  /** Null where the run has none, or too few samples for it. */
  readonly of: (result: RunResult) => number | null;
}

type Percentile = 'p50' | 'p90' | 'p99' | 'p999';

const NAMES: Readonly<Record<Percentile, string>> = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9' };

function latency(series: 'response' | 'service', percentile: Percentile): HistoryMetric {
  return {
    id: `latency.${series}.${percentile}`,
    label: `${series} ${NAMES[percentile]}`,
    unit: 'ms',
    better: 'less',
    of: (result) => (result.latency[series] satisfies Quantiles)[percentile],
  };
}

function ratio(name: 'lossRatio' | 'duplicatedRatio' | 'reorderedRatio', label: string): HistoryMetric {
  return {
    id: `ordering.${name}`,
    label,
    unit: 'ratio',
    better: 'less',
    of: ({ ordering }) => ordering[name],
  };
}

/** The highest value of a metric of the stage. */
function highest(series: string, label: string): HistoryMetric {
  const of = ({ metrics }: RunResult): number | null => {
    const values = metrics?.series.find(({ id }) => id === series)?.values ?? [];
    return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
  };
  return { id: `metrics.${series}.max`, label, unit: 'ms', better: 'less', of };
}

/** In the order of the report. */
export const METRICS: readonly HistoryMetric[] = [
  latency('response', 'p50'),
  latency('response', 'p90'),
  latency('response', 'p99'),
  latency('response', 'p999'),
  latency('service', 'p50'),
  latency('service', 'p99'),
  {
    id: 'throughput.deliveredPerSecond',
    label: 'delivered',
    unit: '/s',
    better: 'more',
    of: ({ throughput }) => throughput.deliveredPerSecond,
  },
  ratio('lossRatio', 'lost'),
  ratio('duplicatedRatio', 'duplicated'),
  ratio('reorderedRatio', 'reordered'),
  highest('iteratorAge', 'iterator age, highest'),
  {
    id: 'cost.perMillionRoundTrips',
    label: 'cost per million round trips',
    unit: 'USD',
    better: 'less',
    of: ({ cost }) => cost?.perMillionRoundTrips ?? null,
  },
];

const isNamed = ({ id }: HistoryMetric, name: string): boolean => id === name || id.startsWith(`${name}.`);

/** The metrics of these names, or beginnings of names such as `latency.response`; all when there are none. */
export function metricsNamed(names: readonly string[]): readonly HistoryMetric[] {
  return names.length === 0
    ? METRICS
    : METRICS.filter((metric) => names.some((name) => isNamed(metric, name)));
}

/** Names that no metric has, as problems. */
export function unknownMetrics(names: readonly string[]): string[] {
  return names
    .filter((name) => !METRICS.some((metric) => isNamed(metric, name)))
    .map((name) => `metric: '${name}' is none of ${METRICS.map(({ id }) => id).join(', ')}`);
}
