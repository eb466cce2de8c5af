/**
 * Two sets of runs and their latency: for each percentile, both values, the difference with its confidence interval, and a
 * verdict. This is the one call that whoever compares needs:
 *
 *   const changes = latencyChanges({ base: [controlSeconds], candidate: [treatmentSeconds], percentiles: [50, 90, 99],
 *     smallestEffect: 0.05, chance: seededRandom(1) });
 *
 * where a run's seconds come from `readSeconds(log, 'response')`. A side is one run or several repeats of a setting. A side
 * that is one run can't say what differs between runs: its interval covers a rerun of the same minutes, not of the same
 * setting. A percentile that is not supported by ten samples beyond it on both sides has no verdict but `cannot tell`.
 */
import { differenceOf, type Estimate, estimateQuantile } from './bootstrap.ts';
import type { Chance } from './chance.ts';
import { type Change, type ChangeVerdict, changeOf, type Interval, logMargin, verdictOn } from './change.ts';
import { type Grid, gridOf } from './grid.ts';
import { countOf, type SecondHistograms } from './second-histograms.ts';

/** Samples that must lie beyond a percentile, as everywhere in the reports. */
const MIN_SAMPLES_BEYOND = 10;

export interface LatencyComparison {
  /** Each run's seconds. */
  readonly base: readonly SecondHistograms[];
  readonly candidate: readonly SecondHistograms[];
  /** 0 to below 100. */
  readonly percentiles: readonly number[];
  /** The smallest change that matters, as a share: 0.05 for 5 %. */
  readonly smallestEffect: number;
  readonly chance: Chance;
  readonly resamples?: number;
}

export interface LatencyChange {
  readonly percentile: number;
  readonly baseMs: number | null;
  readonly candidateMs: number | null;
  /** Candidate less base, with its 95 % interval. Null when there is no estimate. */
  readonly differenceMs: { readonly estimate: number; readonly interval: Interval } | null;
  /** Candidate over base less 1, with its 95 % interval: 0.1 is 10 % slower. */
  readonly change: { readonly estimate: number; readonly interval: Interval } | null;
  /** Chance of so large a change were there none. Not corrected for the number of percentiles. */
  readonly p: number | null;
  readonly verdict: ChangeVerdict;
}

/** The changes of latency from base to candidate, one per percentile. Less is better. */
export function latencyChanges(comparison: LatencyComparison): LatencyChange[] {
  const { base, candidate, percentiles, chance } = comparison;
  const grid = gridOf([base, candidate]);
  const samples = Math.min(sumOf(base), sumOf(candidate));
  return percentiles.map((percentile) =>
    samples * (1 - percentile / 100) < MIN_SAMPLES_BEYOND - 1e-6
      ? unsupported(percentile)
      : changeAt(percentile, grid, comparison, chance.fork(`p${percentile}`)),
  );
}

function sumOf(side: readonly SecondHistograms[]): number {
  return side.reduce((sum, run) => sum + countOf(run), 0);
}

function unsupported(percentile: number): LatencyChange {
  const nothing = { baseMs: null, candidateMs: null, differenceMs: null, change: null, p: null };
  return { percentile, ...nothing, verdict: 'cannot tell' };
}

function changeAt(percentile: number, grid: Grid, options: LatencyComparison, chance: Chance): LatencyChange {
  const { smallestEffect, resamples } = options;
  const estimate = (side: 0 | 1): Estimate | null =>
    estimateQuantile({
      runs: grid.sides[side]!,
      values: grid.values,
      fraction: percentile / 100,
      chance: chance.fork(side === 0 ? 'base' : 'candidate'),
      ...(resamples === undefined ? {} : { resamples }),
    });
  const [base, candidate] = [estimate(0), estimate(1)];
  if (base === null || candidate === null) return unsupported(percentile);
  const change = changeOf(differenceOf(base, candidate));
  return {
    percentile,
    baseMs: Math.exp(base.log),
    candidateMs: Math.exp(candidate.log),
    ...sized(change, base, candidate),
    p: change.p,
    verdict: verdictOn(change, logMargin(smallestEffect), 'less'),
  };
}

/** The change as a share and in milliseconds. An error of a logarithm is that of the value, as a share of it (delta method). */
function sized(
  { estimate, interval }: Change,
  base: Estimate,
  candidate: Estimate,
): Pick<LatencyChange, 'change' | 'differenceMs'> {
  const inMs = ({ log, variance, freedom }: Estimate): Estimate => ({
    log: Math.exp(log),
    variance: variance * Math.exp(2 * log),
    freedom,
  });
  const difference = changeOf(differenceOf(inMs(base), inMs(candidate)));
  return {
    change: {
      estimate: Math.expm1(estimate),
      interval: { low: Math.expm1(interval.low), high: Math.expm1(interval.high) },
    },
    differenceMs: { estimate: difference.estimate, interval: difference.interval },
  };
}
