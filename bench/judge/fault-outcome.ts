/**
 * What became of the faults of a run: when each was at work, what it did by the injector's count, and how long after its
 * end the pipeline was as before. "Before" is the stretch of whole seconds right ahead of the fault. Messages that were
 * lost are taken out of the backlog from the second they were due in, or no backlog with a loss would ever be back.
 *
 * A second has a p99 only with 1,000 arrivals. Where the seconds before the fault have fewer, the 90th percentile stands
 * in, which takes 100, or the median, which takes 20; the outcome says which. Pure.
 */

import { supportedValue } from '../measure/histogram.ts';
import { HistogramSum } from '../measure/histogram-sum.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunSecond } from '../measure/rollup.ts';
import type { Fault } from '../model/fault.ts';
import type { FaultOutcome, FaultRecovery } from '../model/result.ts';

/** Whole seconds ahead of a fault that say what was normal: this many at most, and no verdict with fewer than at least. */
const BEFORE_SECONDS = 10;
const BEFORE_SECONDS_LEAST = 3;

/** A percentile is back when it is this much above normal at most, for so many seconds. */
const TOLERANCE = 1.1;
const STEADY_SECONDS = 3;

const PERCENTILES = [
  { name: 'p99', fraction: 0.99 },
  { name: 'p90', fraction: 0.9 },
  { name: 'p50', fraction: 0.5 },
] as const;
type Percentile = (typeof PERCENTILES)[number];

type Measured = Pick<
  RunRecord,
  'plan' | 'rollup' | 'measuredFromMs' | 'measuredMs' | 'trafficEndedAtMs' | 'faultTallies'
>;

/** The outcome of every fault, in the plan's order; undefined for a run without a fault plan. */
export function faultOutcomesOf(record: Measured): FaultOutcome[] | undefined {
  const { plan, rollup, faultTallies } = record;
  if (!plan.faults) return undefined;
  const endedMs = record.trafficEndedAtMs - record.measuredFromMs;
  const wholeSeconds = Math.floor(record.measuredMs / 1000);
  const seconds = rollup.seconds().slice(0, wholeSeconds);
  return plan.faults.faults.map((fault, index) => {
    const fromMs = fault.atMs < endedMs ? fault.atMs : null;
    const untilMs = endOf(fault, endedMs);
    const recovery = untilMs === null ? null : recoveryOf(seconds, fault.atMs, untilMs);
    return { fault, fromMs, untilMs, tally: faultTallies?.[index] ?? null, recovery };
  });
}

function endOf({ atMs, forMs }: Fault, endedMs: number): number | null {
  return forMs === null || atMs + forMs >= endedMs ? null : atMs + forMs;
}

function recoveryOf(seconds: readonly RunSecond[], fromMs: number, untilMs: number): FaultRecovery | null {
  const first = Math.floor(fromMs / 1000);
  const before = seconds.slice(Math.max(0, first - BEFORE_SECONDS), first);
  const after = Math.ceil(untilMs / 1000);
  if (before.length < BEFORE_SECONDS_LEAST || after >= seconds.length) return null;
  const percentile = PERCENTILES.find(({ fraction }) =>
    before.every((one) => quantileOf([one], fraction) !== null),
  );
  const normalMs = percentile && quantileOf(before, percentile.fraction);
  if (!percentile || normalMs === null || normalMs === undefined) return null;
  return {
    backlogMs: backlogMs(seconds, first, after),
    p99Ms: percentileMs(seconds, after, percentile, normalMs),
    p99BeforeMs: normalMs,
    ...(percentile.name === 'p99' ? {} : { percentile: percentile.name }),
  };
}

/** A quantile of the response times of these seconds together. */
function quantileOf(seconds: readonly RunSecond[], fraction: number): number | null {
  const total = new HistogramSum();
  for (const { histograms } of seconds) {
    const response = histograms.response?.toSparse();
    if (response) total.add(response);
  }
  return supportedValue(total.toHistogram(), fraction);
}

/** From second `after` on, until the backlog is back at the most that it was at the end of a second before `first`. */
function backlogMs(seconds: readonly RunSecond[], first: number, after: number): number | null {
  const backlog = backlogs(seconds);
  const normal = Math.max(...backlog.slice(Math.max(0, first - BEFORE_SECONDS), first));
  // The backlog at the start of a second is that at the end of the one before.
  const index = backlog.findIndex((count, second) => second >= after - 1 && count <= normal);
  return index < 0 ? null : (index + 1 - after) * 1000;
}

/** Messages outstanding at the end of each second. */
function backlogs(seconds: readonly RunSecond[]): number[] {
  let outstanding = 0;
  return seconds.map(({ measured, lost }) => {
    outstanding += measured.sent - measured.delivered - measured.indeterminate - lost;
    return outstanding;
  });
}

function percentileMs(
  seconds: readonly RunSecond[],
  after: number,
  { fraction }: Percentile,
  normalMs: number,
): number | null {
  let steady = 0;
  for (let second = after; second < seconds.length; second++) {
    const value = quantileOf([seconds[second]!], fraction);
    steady = value !== null && value <= normalMs * TOLERANCE ? steady + 1 : 0;
    if (steady === STEADY_SECONDS) return (second + 1 - STEADY_SECONDS - after) * 1000;
  }
  return null;
}
