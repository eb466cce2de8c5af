/**
 * Latency with a known truth: lognormal within a second, and the seconds' levels an AR(1) process, as queues and neighbours
 * make them, plus a level of the run's own. So the quantiles of all the time there could be are known exactly, and an
 * interval either covers them or does not.
 */
import type { Chance } from '../chance.ts';
import type { SecondHistogram, SecondHistograms } from '../second-histograms.ts';

export interface Synthetic {
  readonly seconds: number;
  readonly perSecond: number;
  readonly medianMs: number;
  /** Standard deviations of the logarithm: within a second, of the seconds' levels, of the runs' levels. */
  readonly withinSd: number;
  readonly secondSd: number;
  readonly runSd: number;
  /** Correlation of neighbouring seconds' levels. */
  readonly correlation: number;
}

export const SYNTHETIC: Synthetic = {
  seconds: 120,
  perSecond: 50,
  medianMs: 40,
  withinSd: 0.4,
  secondSd: 0.15,
  runSd: 0,
  correlation: 0.6,
};

/** Standard normal (Box and Muller 1958). */
export function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}

/** Three significant digits, as an HDR histogram keeps them. */
function resolved(ms: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(ms * 1000)) - 10);
  return (Math.floor((ms * 1000) / step) * step) / 1000;
}

function secondOf(level: number, { perSecond, withinSd }: Synthetic, chance: Chance): SecondHistogram {
  const counts = new Map<number, number>();
  for (let sample = 0; sample < perSecond; sample++) {
    const value = resolved(Math.exp(level + withinSd * normal(chance)));
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { values: sorted.map(([value]) => value), counts: sorted.map(([, count]) => count) };
}

/** The seconds of one run. */
export function syntheticRun(model: Synthetic, chance: Chance): SecondHistograms {
  const { seconds, medianMs, secondSd, runSd, correlation } = model;
  const run = Math.log(medianMs) + runSd * normal(chance);
  let state = normal(chance);
  return Array.from({ length: seconds }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * normal(chance);
    return secondOf(run + secondSd * state, model, chance);
  });
}

/** Standard normal quantiles of the percentiles that are tried. */
const NORMAL_QUANTILES: Readonly<Record<number, number>> = {
  50: 0,
  90: 1.281_551_565_544_6,
  99: 2.326_347_874_040_8,
};

/** The logarithm of the true quantile over all seconds and runs. */
export function trueLogQuantile(
  { medianMs, withinSd, secondSd, runSd }: Synthetic,
  percentile: number,
): number {
  return Math.log(medianMs) + NORMAL_QUANTILES[percentile]! * Math.hypot(withinSd, secondSd, runSd);
}
