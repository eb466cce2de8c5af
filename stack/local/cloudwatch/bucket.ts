/**
 * Sorts durations into log-linear buckets: every power of two is cut into {@link BUCKETS_PER_DOUBLING} equal parts, so a
 * bucket is never wider than 1/128 of the values in it, and its middle is at most 1/256 (0.4 %) away from any of them.
 * HdrHistogram and DDSketch are built on the same idea. The bucket is read off the bits of the number: an IEEE 754 double
 * is an exponent followed by a mantissa, and its first seven bits of mantissa say which part of the doubling it is in.
 */

/** Parts of a doubling, a power of two: as many as {@link MANTISSA_BITS} bits can tell apart. */
const MANTISSA_BITS = 7;
const BUCKETS_PER_DOUBLING = 2 ** MANTISSA_BITS;

/** Durations below about a microsecond share the bucket of zero: no clock here tells them apart. */
const LOWEST_MS = 2 ** -10;

/** About 99 days. Nothing here lives that long, and a longer one would share the last bucket. */
const HIGHEST_MS = 2 ** 33;

/** Number of buckets; the first, number 0, is the one of zero. */
export const BUCKETS = (33 + 10) * BUCKETS_PER_DOUBLING + 1;

/** How far {@link middleOf} can be from a value in the bucket, as a share of the value. */
export const RELATIVE_ERROR = 1 / (2 * BUCKETS_PER_DOUBLING);

/** How far {@link middleOf} can be from a value in the bucket of zero. */
export const ABSOLUTE_ERROR_MS = LOWEST_MS;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
/** Which half of a double holds its exponent depends on the machine's byte order. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** Bits of mantissa in the high half that a bucket ignores. */
const IGNORED_BITS = 20 - MANTISSA_BITS;

function prefixOf(value: number): number {
  double[0] = value;
  return halves[HIGH]! >>> IGNORED_BITS;
}

const FIRST_PREFIX = prefixOf(LOWEST_MS);

/** The bucket of a duration. Negative ones fall into the bucket of zero: whoever reads must ask for the minimum first. */
export function bucketOf(valueMs: number): number {
  if (!(valueMs >= LOWEST_MS)) return 0;
  if (valueMs >= HIGHEST_MS) return BUCKETS - 1;
  return prefixOf(valueMs) - FIRST_PREFIX + 1;
}

/** The value that stands for all in the bucket. */
export function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  halves[1 - HIGH] = 0;
  // The bit below the prefix is worth half a bucket.
  halves[HIGH] = ((bucket - 1 + FIRST_PREFIX) << IGNORED_BITS) | (1 << (IGNORED_BITS - 1));
  return double[0]!;
}
