/**
 * HDR histograms as this product uses them: one geometry for all, so that any two add; times in whole microseconds;
 * quantiles that say nothing where too few samples stand behind them. Percentiles of merged data come from merged
 * histograms and are never averaged.
 */
import { build } from 'hdr-histogram-js';
import type JsHistogram from 'hdr-histogram-js/dist/JsHistogram.js';
import type { Quantiles } from '../model/result.ts';

/** Three significant digits: a value is off by less than 0.1 %. */
const SIGNIFICANT_DIGITS = 3;

/** One hour in microseconds. Nothing in a run waits longer; longer values are recorded as this one and counted as clipped. */
export const HIGHEST_VALUE = 3_600_000_000;

/** Microseconds per millisecond: recorded values over reported ones. */
export const MICROS_PER_MILLI = 1000;

/** A percentile needs this many samples beyond it, else it is a property of chance and reported as absent. */
const SAMPLES_BEYOND = 10;

export type Histogram = JsHistogram.default;

/**
 * A recorded histogram as data: pairs of bucket index and count, touched buckets only, and the exact maximum, which HDR
 * keeps apart from its buckets.
 */
export interface SparseHistogram {
  readonly buckets: readonly number[];
  readonly max: number;
}

/** An empty histogram. 32-bit counts for those of a second, 64 for totals. */
export function newHistogram(countBits: 32 | 64 = 64): Histogram {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_VALUE,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    bitBucketSize: countBits,
    autoResize: false,
    useWebAssembly: false,
  });
  return histogram as unknown as Histogram;
}

/** The touched buckets of a histogram; null when it is empty. */
export function sparseOf(histogram: Histogram): SparseHistogram | null {
  if (histogram.totalCount === 0) return null;
  const buckets: number[] = [];
  const last = histogram.countsArrayIndex(histogram.maxValue);
  for (let index = 0; index <= last; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) buckets.push(index, count);
  }
  return { buckets, max: histogram.maxValue };
}

/** Adds a sparse histogram into a full one; exact, bucket for bucket. */
export function addSparse(histogram: Histogram, sparse: SparseHistogram): void {
  const { buckets } = sparse;
  for (let pair = 0; pair < buckets.length; pair += 2) {
    histogram.recordValueWithCount(histogram.valueFromIndex(buckets[pair]!), buckets[pair + 1]!);
  }
  histogram.updateMinAndMax(sparse.max);
}

/** The sum of sparse histograms as a full one. */
export function histogramOf(parts: readonly SparseHistogram[]): Histogram {
  const histogram = newHistogram();
  for (const part of parts) addSparse(histogram, part);
  return histogram;
}

/** The value below or at which the fraction lies, or null without enough samples beyond it. */
export function supportedValue(
  histogram: Histogram,
  fraction: number,
  scale: number = MICROS_PER_MILLI,
): number | null {
  // The product is rounded because 10,000 × (1 − 0.999) is 10.000000000000009 in one order and 9.99… in another.
  const beyond = Math.round(histogram.totalCount * (1 - fraction) * 1e6) / 1e6;
  return beyond < SAMPLES_BEYOND ? null : histogram.getValueAtPercentile(fraction * 100) / scale;
}

/** Summary of a histogram; `scale` divides its values: {@link MICROS_PER_MILLI} for times, 1 for counts. */
export function quantilesOf(histogram: Histogram, scale: number = MICROS_PER_MILLI): Quantiles {
  const count = histogram.totalCount;
  const some = (value: () => number) => (count === 0 ? null : value() / scale);
  return {
    count,
    min: some(() => histogram.getValueAtPercentile(0)),
    mean: some(() => histogram.mean),
    p50: supportedValue(histogram, 0.5, scale),
    p90: supportedValue(histogram, 0.9, scale),
    p95: supportedValue(histogram, 0.95, scale),
    p99: supportedValue(histogram, 0.99, scale),
    p999: supportedValue(histogram, 0.999, scale),
    max: some(() => histogram.maxValue),
  };
}
