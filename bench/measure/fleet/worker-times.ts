/**
 * The few quantiles that workers are compared by, straight from sparse buckets: a full histogram for each of a thousand
 * workers would cost more than all else in their merge. The values are the library's own, to the digit.
 */

import type { WorkerTimes } from '../../model/fleet-facts.ts';
import { MICROS_PER_MILLI, newHistogram, type SparseHistogram } from '../histogram.ts';

/** As for every percentile of a result: fewer samples beyond it are chance. */
const SAMPLES_BEYOND = 10;

/** Maps buckets to values; never recorded into. */
const GEOMETRY = newHistogram(32);

/** Milliseconds. */
export function timesOf(histogram: SparseHistogram | null): WorkerTimes {
  if (histogram === null) return { count: 0, p50: null, p99: null, max: null };
  let count = 0;
  for (let pair = 1; pair < histogram.buckets.length; pair += 2) count += histogram.buckets[pair]!;
  return {
    count,
    p50: quantile(histogram, count, 0.5),
    p99: quantile(histogram, count, 0.99),
    max: histogram.max / MICROS_PER_MILLI,
  };
}

function quantile({ buckets }: SparseHistogram, count: number, fraction: number): number | null {
  if (Math.round(count * (1 - fraction) * 1e6) / 1e6 < SAMPLES_BEYOND) return null;
  // As the library rounds: up, but for what is only the inaccuracy of the product.
  const rank = Math.max(1, Math.ceil(fraction * count * (1 - Number.EPSILON)));
  let below = 0;
  for (let pair = 0; pair < buckets.length; pair += 2) {
    below += buckets[pair + 1]!;
    if (below >= rank)
      return GEOMETRY.highestEquivalentValue(GEOMETRY.valueFromIndex(buckets[pair]!)) / MICROS_PER_MILLI;
  }
  return null;
}
