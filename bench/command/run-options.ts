/**
 * What `bench run` was asked for beyond its plan: how to treat the stage's metrics, what the run may cost, and whether to
 * calibrate. These don't change what is driven, so they are no part of the plan. Problems with them are told together
 * with the plan's.
 */

import { parseDollars, parseDuration } from '../model/duration.ts';
import { attempted, ConfigurationError } from '../model/failure.ts';
import { isStackStage } from '../model/stage-name.ts';
import { type ParsedPlan, type PlanInput, parsePlan, readPlanFile } from '../node/plan-file.ts';
import { pricesProblems } from './pricing.ts';

/** As the command line has them. */
export interface OptionArguments {
  /** A duration. */
  readonly metricsWait: string | undefined;
  /** False with --no-metrics. */
  readonly metrics: boolean;
  /** US dollars. */
  readonly maxCost: string | undefined;
  /** False with --no-calibration. */
  readonly calibration: boolean;
  /** Path of another price table. */
  readonly prices: string | undefined;
}

export interface RunOptions {
  /** From the end of the run to the first reading of a stack's metrics; null is what experience says. */
  readonly metricsWaitMs: number | null;
  readonly isWithMetrics: boolean;
  readonly maxCostUsd: number | null;
  readonly isCalibrated: boolean;
  readonly pricesPath: string | undefined;
}

/** An hour: by then CloudWatch has published what it will publish. */
const MAX_WAIT_MS = 3_600_000;

/** The plan and the options. Throws {@link ConfigurationError} with every problem of either. */
export function parseRun(
  planPath: string,
  settings: PlanInput,
  given: OptionArguments,
): ParsedPlan & { readonly options: RunOptions } {
  const problems = [...optionProblems(given), ...pricesProblems(given.prices)];
  const parsed = attempted(() => parsePlan(readPlanFile(planPath), settings), problems);
  if (parsed !== null) problems.push(...planProblems(parsed, given));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  const { metricsWait, metrics, maxCost, calibration } = given;
  const options = {
    metricsWaitMs: metricsWait === undefined ? null : parseDuration(metricsWait),
    isWithMetrics: metrics,
    maxCostUsd: maxCost === undefined ? null : parseDollars(maxCost),
    isCalibrated: calibration,
    pricesPath: given.prices,
  };
  return { ...parsed, options };
}

function optionProblems({ metricsWait, maxCost }: OptionArguments): string[] {
  const problems: string[] = [];
  const waitMs = metricsWait === undefined ? 0 : parseDuration(metricsWait);
  if (waitMs === null || waitMs > MAX_WAIT_MS) {
    problems.push(`metrics-wait: '${metricsWait}' is not a duration up to 60m, such as 180s`);
  }
  if (maxCost !== undefined && parseDollars(maxCost) === null) {
    problems.push(`max-cost: '${maxCost}' is not an amount of US dollars, such as 0.50`);
  }
  return problems;
}

function planProblems({ plan }: ParsedPlan, { metricsWait, metrics, maxCost }: OptionArguments): string[] {
  const problems: string[] = [];
  if (!isStackStage(plan)) {
    if (metricsWait !== undefined)
      problems.push(
        "metrics-wait: only the metrics of a stack come late; this stage's are there at once, or never",
      );
    if (maxCost !== undefined)
      problems.push('max-cost: only a run against a stack costs anything that is known');
  }
  if (!metrics && plan.thresholds.some((expression) => expression.trimStart().startsWith('metrics.'))) {
    problems.push('threshold: with --no-metrics there are no metrics to judge');
  }
  return problems;
}
