/**
 * Percentile curves. The percentiles are spaced evenly on the axis they are drawn on, log10(1 / (1 − p)), as Gil Tene's
 * HdrHistogram plots do, so the tail gets as many points as the bulk. The curve ends where fewer than ten samples lie
 * beyond: past that a quantile says more about luck than about the system.
 */
import type { Distribution, PercentilePoint } from './reading.ts';

/** What a curve is made from; a histogram of hdr-histogram-js has this shape. Values are microseconds. */
export interface Percentiles {
  readonly totalCount: number;
  getValueAtPercentile(percentile: number): number;
}

/** Samples that must lie beyond a percentile for it to be shown. */
export const MIN_SAMPLES_BEYOND = 10;
/** Twenty points a decade put one every 5 pixels on the widest chart; 90, 99, 99.9 … are among them. */
const POINTS_PER_DECADE = 20;
/** The percentiles people name that the even spacing misses. */
const NAMED = [50, 95];

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

function percentilesFor(count: number): number[] {
  if (count < MIN_SAMPLES_BEYOND) return [];
  const steps = Math.floor(Math.log10(count / MIN_SAMPLES_BEYOND) * POINTS_PER_DECADE + 1e-9);
  const even = Array.from({ length: steps + 1 }, (_, step) => percentileAt(step / POINTS_PER_DECADE));
  const named = NAMED.filter((percentile) => beyond(percentile, count) >= MIN_SAMPLES_BEYOND);
  return [...new Set([...even, ...named])].sort((a, b) => a - b);
}

/** The percentile with 10^-decades of the samples beyond it, without the noise of binary fractions. */
function percentileAt(decades: number): number {
  return Number((100 * (1 - 10 ** -decades)).toPrecision(12));
}

function beyond(percentile: number, count: number): number {
  return Math.floor(count * (1 - percentile / 100) + 1e-6);
}
