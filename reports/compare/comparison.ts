/** What a comparison comes to: its scope, its verdict, and whether a side can be trusted. */
import type { ComparisonScope, MetricChange, SideFacts } from '../../bench/model/comparison.ts';
import type { ChangeVerdict } from '../statistics/change.ts';

/** Runs against themselves differ in nothing, however many they are. */
export function scopeOf(base: SideFacts, candidate: SideFacts): ComparisonScope {
  const idsOf = ({ runs }: SideFacts): string =>
    runs.map(({ id, directory }) => `${id} ${directory}`).join('\n');
  const isSingle = base.runs.length === 1 || candidate.runs.length === 1;
  return isSingle && idsOf(base) !== idsOf(candidate) ? 'within runs' : 'between runs';
}

/** What the metrics that have an estimate come to. Better beside worse is worse: somebody has to look. */
export function verdictOf(metrics: readonly MetricChange[]): ChangeVerdict {
  const verdicts = new Set(metrics.filter(({ change }) => change !== null).map(({ verdict }) => verdict));
  for (const verdict of ['worse', 'better', 'cannot tell'] as const)
    if (verdicts.has(verdict)) return verdict;
  return verdicts.has('same') ? 'same' : 'cannot tell';
}

/** Whether figures of a side can't be trusted, or are not all there. */
export function hasInvalid({ runs }: SideFacts): boolean {
  return runs.some(({ validity, partial }) => validity === 'invalid' || partial);
}
