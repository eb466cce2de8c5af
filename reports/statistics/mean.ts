/**
 * The error of a mean of periods that are alike, such as deliveries per second. For a mean the circular block bootstrap needs
 * no chance: its variance over all resamples there could be is known in closed form, that of the means of all blocks round
 * the ring. Repeats are taken as in bootstrap.ts: what differs between runs or what differs within, whichever is more.
 */
import { blockLength } from './block-length.ts';
import { type Estimate, lengthened } from './bootstrap.ts';

/** The mean of a series, its variance, and how many blocks that was taken from. */
interface SeriesMean {
  readonly mean: number;
  readonly variance: number;
  readonly blocks: number;
}

/** The mean of one series with the variance that its blocks show. */
export function seriesMean(series: readonly number[]): SeriesMean {
  const n = series.length;
  const mean = series.reduce((sum, value) => sum + value, 0) / n;
  const block = lengthened(blockLength(series), n);
  let window = 0;
  for (let at = 0; at < block; at++) window += series[at]! - mean;
  let squares = 0;
  for (let from = 0; from < n; from++) {
    squares += window * window;
    window += series[(from + block) % n]! - series[from]!;
  }
  const blocks = Math.max(2, n / block);
  // The n blocks' sums have a variance of squares / n; n / block of them add up to n times the mean.
  return { mean, variance: (squares / n / block / n) * (blocks / (blocks - 1)), blocks };
}

/** The mean over all runs of a side as a logarithm; null when there is nothing, or nothing but zeros. */
export function estimateMean(runs: readonly (readonly number[])[]): Estimate | null {
  if (runs.length === 0 || runs.some((run) => run.length < 2)) return null;
  const means = runs.map(seriesMean);
  const mean = means.reduce((sum, run) => sum + run.mean, 0) / means.length;
  if (mean <= 0) return null;
  const log = Math.log(mean);
  const within = means.reduce((sum, { variance }) => sum + variance, 0) / (means.length * mean) ** 2;
  const blocks = means.reduce((sum, run) => sum + run.blocks, 0);
  const inner: Estimate = { log, variance: within, freedom: Math.max(1, blocks - runs.length) };
  if (runs.length === 1) return inner;
  const squares = means.reduce((sum, run) => sum + (run.mean - mean) ** 2, 0);
  const between = squares / (runs.length - 1) / runs.length / mean ** 2;
  return between > within ? { log, variance: between, freedom: runs.length - 1 } : inner;
}
