/** The metrics whose history is kept, by their names. */
import { METRICS as ALL, type Metric } from '../../bench/model/metrics.ts';

/** In the order of the report. */
export const METRICS: readonly Metric[] = ALL.filter(({ isFollowed }) => isFollowed);

const isNamed = ({ id }: Metric, name: string): boolean => id === name || id.startsWith(`${name}.`);

/** The metrics of these names, or beginnings of names such as `latency.response`; all when there are none. */
export function metricsNamed(names: readonly string[]): readonly Metric[] {
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
