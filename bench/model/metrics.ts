/**
 * The catalogue of the figures by which runs are compared and followed: what each is called, its unit, which direction is better,
 * and where it is in a result. A figure that isn't here is in no comparison and no history.
 */
import type { Quantiles, RunResult } from './result.ts';

export interface Metric {
  /** Path in result.json, as thresholds have it. */
  readonly id: string;
  readonly label: string;
  readonly unit: 'ms' | '/s' | 'ratio' | 'USD';
  readonly better: 'less' | 'more';
  /** Whether a history keeps it. */
  readonly isFollowed: boolean;
  /** Null where the run has none, or too few samples for it. */
  readonly of: (result: RunResult) => number | null;
}

type Percentile = 'p50' | 'p90' | 'p99' | 'p999';

function latency(series: 'response' | 'service', percentile: Percentile, isFollowed = true): Metric {
  return {
    id: `latency.${series}.${percentile}`,
    label: `${series} ${percentile === 'p999' ? 'p99.9' : percentile}`,
    unit: 'ms',
    better: 'less',
    isFollowed,
    of: (result) => (result.latency[series] satisfies Quantiles)[percentile],
  };
}

function ratio(name: 'lossRatio' | 'duplicatedRatio' | 'reorderedRatio', label: string): Metric {
  return {
    id: `ordering.${name}`,
    label,
    unit: 'ratio',
    better: 'less',
    isFollowed: true,
    of: ({ ordering }) => ordering[name],
  };
}

/** The highest value of a metric of the stage. */
function highest(series: string, label: string): Metric {
  const of = ({ metrics }: RunResult): number | null => {
    const values = metrics?.series.find(({ id }) => id === series)?.values ?? [];
    return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
  };
  return { id: `metrics.${series}.max`, label, unit: 'ms', better: 'less', isFollowed: true, of };
}

/** In the order of reports. */
export const METRICS: readonly Metric[] = [
  latency('response', 'p50'),
  latency('response', 'p90'),
  latency('response', 'p99'),
  latency('response', 'p999'),
  latency('service', 'p50'),
  latency('service', 'p90', false),
  latency('service', 'p99'),
  latency('service', 'p999', false),
  {
    id: 'throughput.deliveredPerSecond',
    label: 'delivered',
    unit: '/s',
    better: 'more',
    isFollowed: true,
    of: ({ throughput }) => throughput.deliveredPerSecond,
  },
  ratio('lossRatio', 'lost'),
  ratio('duplicatedRatio', 'duplicated'),
  ratio('reorderedRatio', 'reordered'),
  {
    id: 'messages.unexpected',
    label: 'unexpected',
    unit: 'ratio',
    better: 'less',
    isFollowed: false,
    of: ({ messages: { unexpected, delivered } }) =>
      delivered === 0 ? null : Object.values(unexpected).reduce((sum, kind) => sum + kind, 0) / delivered,
  },
  highest('iteratorAge', 'iterator age, highest'),
  {
    id: 'cost.perMillionRoundTrips',
    label: 'cost per million round trips',
    unit: 'USD',
    better: 'less',
    isFollowed: true,
    of: ({ cost }) => cost?.perMillionRoundTrips ?? null,
  },
];

/** The metric of an id that the catalogue has. */
export function metricOf(id: string): Metric {
  const metric = METRICS.find((one) => one.id === id);
  if (metric === undefined) throw new Error(`the catalogue has no metric ${id}`);
  return metric;
}
