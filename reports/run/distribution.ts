/**
 * Percentile curves. The percentiles are spaced nearly evenly on the axis they are drawn on, log10(1 / (1 − p)), as in
 * Gil Tene's HdrHistogram plots, so the tail gets as many points as the bulk. The curve ends where fewer than ten samples lie
 * beyond: past that a quantile says more about luck than about the system.
 */
import type { Distribution, PercentilePoint } from './reading.ts';

/** What a curve is made from; a histogram of hdr-histogram-js has this shape. Values are microseconds. */
export interface Percentiles {
  readonly totalCount: number;
  getValueAtPercentile(percentile: number): number;
}

/** Samples that must lie beyond a percentile for it to be shown. */
const MIN_SAMPLES_BEYOND = 10;
/**
 * What lies beyond, in hundredths of a decade: close enough together for a smooth curve (16 points a decade), and round
 * enough that the data table reads p90, p91 … p98.8, p99, p99.1.
 */
const BEYOND_STEPS = [100, 90, 80, 70, 60, 50, 45, 40, 35, 30, 25, 20, 18, 16, 14, 12];

/** The curve without samples. */
export const NO_DISTRIBUTION: Distribution = { count: 0, points: [] };

/** The percentile curve of a histogram in microseconds. */
export function distributionOf(histogram: Percentiles): Distribution {
  const count = histogram.totalCount;
  const points = percentilesFor(count).map(
    (percentile): PercentilePoint => ({
      percentile,
      valueMs: histogram.getValueAtPercentile(percentile) / 1000,
      beyond: beyond(percentile, count),
    }),
  );
  return { count, points };
}

/** From p0 to the last percentile with enough samples beyond, decade by decade. */
function percentilesFor(count: number): number[] {
  const decades = Math.max(0, Math.ceil(Math.log10(count / MIN_SAMPLES_BEYOND)) + 1);
  const all = Array.from({ length: decades }, (_, decade) =>
    BEYOND_STEPS.map((share) => Number((100 - share / 10 ** decade).toPrecision(12))),
  );
  return all.flat().filter((percentile) => beyond(percentile, count) >= MIN_SAMPLES_BEYOND);
}

function beyond(percentile: number, count: number): number {
  return Math.floor(count * (1 - percentile / 100) + 1e-6);
}
