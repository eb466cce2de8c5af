/** What a sweep keeps of a run: the figures by which cells are compared, and whether the goals held. */

import { pricesOf } from '../../model/prices-text.ts';
import type { Quantiles, RunResult } from '../../model/result.ts';
import type { Percentiles, SweepFigures } from '../../model/sweep.ts';
import { contradictionsIn } from '../conservation.ts';
import { judgeThresholds, type Threshold } from '../threshold.ts';

/** The figures of a run's result. */
export function figuresOf(result: RunResult, goals: readonly Threshold[]): SweepFigures {
  const { latency, throughput, messages, ordering, cost, validity } = result;
  return {
    verdict: contradictionsIn(result).length > 0 ? 'invalid' : validity.verdict,
    response: percentilesOf(latency.response),
    service: percentilesOf(latency.service),
    offeredPerSecond: throughput.offeredPerSecond,
    deliveredPerSecond: throughput.deliveredPerSecond,
    delivered: messages.delivered,
    lost: messages.lost,
    lossRatio: ordering.lossRatio,
    reordered: messages.reordered,
    reorderedRatio: ordering.reorderedRatio,
    costUsd: cost?.total ?? null,
    perMillionRoundTripsUsd: cost?.perMillionRoundTrips ?? null,
    perMonthUsd: cost?.perMonth ?? null,
    ...(cost === null ? {} : pricesOf(cost)),
    goals: judgeThresholds(goals, result),
  };
}

function percentilesOf({ p50, p90, p99 }: Quantiles): Percentiles {
  return { p50, p90, p99 };
}
