/**
 * Goals whose value will be absent, as far as that is known before anything is spent: a percentile of too few messages, a hop
 * of messages that carry no trace, and what a stage given by its URL has none of.
 */
import type { Plan } from '../model/plan.ts';
import { samplesFor } from '../model/probe-plan.ts';

/** Why the goal's value would be absent from a run of the plan, as a clause; null when nothing says so. */
export function absence(goal: string, plan: Plan, isUrl: boolean): string | null {
  const root = goal.trimStart();
  if (isUrl && root.startsWith('cost.')) return 'a stage given by its URL has no prices';
  if (isUrl && root.startsWith('metrics.')) return 'a stage given by its URL has no metrics';
  if (root.startsWith('latency.hops.') && !plan.trace)
    return 'hops are known of traced messages only (--trace)';
  if (plan.load.kind === 'closed') return null;
  const messages = Math.floor((plan.load.ratePerSecond * plan.durationMs) / 1000);
  const samples = samplesFor([goal]);
  return messages < samples
    ? `it takes ${samples} messages, and ${plan.load.ratePerSecond}/s for ${plan.durationMs / 1000} s are ${messages}`
    : null;
}
