/**
 * A result whose stage's metrics were read again: what follows from metrics is judged anew, everything else stays as it
 * was measured. Pure.
 */

import {
  expectationOf,
  METRICS_CHECK,
  metricsCheck,
  withCompleteness,
} from '../measure/metrics-completeness.ts';
import type { RunResult, RunTraffic, StageMetrics } from '../model/result.ts';
import { lossAdvice, lossesOf } from './losses.ts';
import { judgeThresholds, parseThreshold, type Threshold } from './threshold.ts';
import { worstOf } from './validity.ts';
import { METRICS_WARNING } from './warning.ts';
import { LOST_WARNING, STAGE_LOST } from './warning-connections.ts';

/** The result with other metrics. `traffic` is the result's own. */
export function withMetrics(result: RunResult, metrics: StageMetrics, traffic: RunTraffic): RunResult {
  const expectation = expectationOf(result, traffic.expectedRecords);
  const check = metricsCheck(metrics, expectation);
  const others = result.validity.checks.filter(({ name }) => name !== METRICS_CHECK);
  const checks = [...others, check];
  const { losses: _, ...rest } = result;
  const losses = lossesOf({
    messages: result.messages,
    metrics,
    expectedRecords: traffic.expectedRecords,
    unansweredProbes: traffic.probes?.unanswered ?? 0,
  });
  const figures = {
    ...rest,
    ...(losses === undefined ? {} : { losses }),
    metrics: withCompleteness(metrics, expectation),
  };
  return {
    ...figures,
    validity: { verdict: worstOf(checks), checks },
    thresholds: judgeThresholds(thresholdsOf(result), figures),
    warnings: result.warnings
      .filter(({ code }) => code !== METRICS_WARNING)
      .map((warning) =>
        warning.code === LOST_WARNING ? { ...warning, advice: lossAdvice(losses, STAGE_LOST) } : warning,
      ),
  };
}

function thresholdsOf({ plan }: RunResult): Threshold[] {
  return plan.thresholds.map(parseThreshold).filter((parsed) => typeof parsed !== 'string');
}
