/** Totals of counts among a stage's metrics, by the ids of the resource types. Pure. */
import type { StageMetrics } from '../model/result.ts';

/** Over all streams or stages, in the whole window; null where nobody counted. */
export function totalOf(
  metrics: StageMetrics | null,
  id: 'integrationErrors' | 'writeThrottles',
): number | null {
  const suffix = id.charAt(0).toUpperCase() + id.slice(1);
  const series = (metrics?.series ?? []).filter((one) => one.id === id || one.id.endsWith(suffix));
  if (series.length === 0) return null;
  return series.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
}
