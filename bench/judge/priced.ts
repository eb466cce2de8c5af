/** A result with its cost, and what follows from it: thresholds may name the cost. Pure. */
import type { RunCost, RunResult } from '../model/result.ts';
import { judgeThresholds, parseThreshold } from './threshold.ts';

/** The result with the cost, its thresholds judged again. */
export function withCost(result: RunResult, cost: RunCost | null): RunResult {
  const priced = { ...result, cost };
  const thresholds = result.plan.thresholds
    .map(parseThreshold)
    .filter((parsed) => typeof parsed !== 'string');
  return { ...priced, thresholds: judgeThresholds(thresholds, priced) };
}
