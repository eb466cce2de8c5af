/**
 * A change of a ratio, such as lost per sent: Newcombe's interval for the difference of two proportions (1998, method 10),
 * which holds for zero of many too. It takes events for independent, and violations come in bursts, so the counts are first
 * divided by their dispersion: how much more they vary from second to second, or from run to run, than independent events
 * would (quasi-binomial; McCullagh and Nelder 1989, section 4.5). Ten messages lost in one stall are not ten findings.
 *
 * A certain difference is never the same, however small: for violations the smallest effect only says how near is equal.
 */
import { type ChangeVerdict, type Direction, type Interval, verdictOn } from './change.ts';
import { seriesMean } from './mean.ts';
import { criticalT, twoSided } from './student.ts';

/** Events of a run: how many of how many, and by second where that is known. */
export interface RunCount {
  readonly count: number;
  readonly of: number;
  readonly seconds: readonly { readonly count: number; readonly of: number }[] | null;
}

/** Events of a side, and how much more they vary than independent ones would; 1 where nothing shows that they do. */
interface Proportion {
  readonly ratio: number;
  readonly of: number;
  readonly dispersion: number;
  readonly freedom: number;
}

/** Degrees of freedom of a variance that is known by theory. */
const KNOWN = 1e6;

function proportionOf(runs: readonly RunCount[]): Proportion | null {
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const of = runs.reduce((sum, run) => sum + run.of, 0);
  if (of === 0) return null;
  const ratio = count / of;
  const theory = ratio * (1 - ratio) * of;
  const independent: Proportion = { ratio, of, dispersion: 1, freedom: KNOWN };
  if (theory === 0) return independent;
  return [withinRuns(runs, ratio), betweenRuns(runs, ratio)]
    .map(({ variance, freedom }) => ({ ratio, of, dispersion: variance / theory, freedom }))
    .reduce((most, spread) => (spread.dispersion > most.dispersion ? spread : most), independent);
}

/** A side as independent messages would make it, with the dispersion of the side that shows more: none lost shows none. */
interface Independent {
  readonly ratio: number;
  /** As many independent messages as would know as much. */
  readonly effective: number;
}

interface Spread {
  readonly variance: number;
  readonly freedom: number;
}

/** Variance of the count as the seconds show it; nothing where they are not known. */
function withinRuns(runs: readonly RunCount[], ratio: number): Spread {
  let [variance, freedom] = [0, 0];
  for (const { seconds } of runs) {
    if (seconds === null || seconds.length < 2) return { variance: 0, freedom: KNOWN };
    const spread = seriesMean(seconds.map(({ count, of }) => count - ratio * of));
    variance += spread.variance * seconds.length ** 2;
    freedom += spread.blocks - 1;
  }
  return { variance, freedom: Math.max(1, freedom) };
}

function betweenRuns(runs: readonly RunCount[], ratio: number): Spread {
  if (runs.length < 2) return { variance: 0, freedom: KNOWN };
  const squares = runs.reduce((sum, { count, of }) => sum + (count - ratio * of) ** 2, 0);
  return { variance: (squares * runs.length) / (runs.length - 1), freedom: runs.length - 1 };
}

/** Wilson's score interval (1927). */
function wilson({ ratio, effective: n }: Independent, z: number): Interval {
  const middle = ratio + (z * z) / (2 * n);
  const reach = z * Math.sqrt((ratio * (1 - ratio)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return { low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}

function newcombe(base: Independent, candidate: Independent, z: number): Interval {
  const [first, second] = [wilson(base, z), wilson(candidate, z)];
  const difference = candidate.ratio - base.ratio;
  return {
    low: difference - Math.hypot(candidate.ratio - second.low, first.high - base.ratio),
    high: difference + Math.hypot(second.high - candidate.ratio, base.ratio - first.low),
  };
}

export interface RatioComparison {
  readonly base: readonly RunCount[];
  readonly candidate: readonly RunCount[];
  /** Ratios nearer to each other than this are the same, where no difference is certain. */
  readonly smallestDifference: number;
  readonly better: Direction;
}

export interface RatioChange {
  readonly base: number;
  readonly candidate: number;
  /** Candidate less base, with its 95 % interval. */
  readonly difference: { readonly estimate: number; readonly interval: Interval };
  readonly p: number;
  readonly verdict: ChangeVerdict;
}

/** The change of a ratio; null when a side has nothing to take one of. */
export function ratioChange(comparison: RatioComparison): RatioChange | null {
  const { smallestDifference, better } = comparison;
  const sides = [proportionOf(comparison.base), proportionOf(comparison.candidate)] as const;
  if (sides[0] === null || sides[1] === null) return null;
  const { dispersion, freedom } = sides[0].dispersion > sides[1].dispersion ? sides[0] : sides[1];
  const base = { ratio: sides[0].ratio, effective: sides[0].of / dispersion };
  const candidate = { ratio: sides[1].ratio, effective: sides[1].of / dispersion };
  const at = (confidence: number) => newcombe(base, candidate, criticalT(confidence, freedom));
  const estimate = candidate.ratio - base.ratio;
  const interval = at(0.95);
  const isCertain = interval.low > 0 || interval.high < 0;
  const margin = isCertain ? { low: 0, high: 0 } : { low: -smallestDifference, high: smallestDifference };
  return {
    base: base.ratio,
    candidate: candidate.ratio,
    difference: { estimate, interval },
    p: twoSided(scoreOf(base, candidate), freedom),
    verdict: verdictOn({ estimate, interval, narrow: at(0.9) }, margin, better),
  };
}

/** The difference in standard errors of there being none. */
function scoreOf(base: Independent, candidate: Independent): number {
  const { effective: n } = base;
  const { effective: m } = candidate;
  const pooled = (base.ratio * n + candidate.ratio * m) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return error === 0 ? 0 : (candidate.ratio - base.ratio) / error;
}
