/**
 * How often each bucket of durations occurred, and the percentiles of that. Distributions of several periods or meters add
 * up to the distribution of all of them, bucket by bucket; so a percentile of a minute is made from its seconds without
 * ever averaging one.
 */

export class Distribution {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  /** Buckets outside of these are empty. */
  #lowest = BUCKETS;
  #highest = -1;

  add(bucket: number, count: number): void {
    this.#counts[bucket]! += count;
    this.#total += count;
    if (bucket < this.#lowest) this.#lowest = bucket;
    if (bucket > this.#highest) this.#highest = bucket;
  }

  clear(): void {
    this.#counts.fill(0, this.#lowest, this.#highest + 1);
    this.#total = 0;
    this.#lowest = BUCKETS;
    this.#highest = -1;
  }

  /**
   * The smallest value that at least `percent` of the values don't exceed (nearest rank), within the relative error of a
   * bucket. CloudWatch does not say how it interpolates. Only callable when something was added.
   */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#total));
    let below = 0;
    for (let bucket = this.#lowest; bucket < this.#highest; bucket++) {
      below += this.#counts[bucket]!;
      if (below >= rank) return middleOf(bucket);
    }
    return middleOf(this.#highest);
  }
}

// Sorts durations into log-linear buckets: every power of two is cut into {@link BUCKETS_PER_DOUBLING} equal parts, so a
// bucket is never wider than 1/128 of the values in it, and its middle is at most 1/256 (0.4 %) away from any of them.
// HdrHistogram and DDSketch are built on the same idea. The bucket is read off the bits of the number: an IEEE 754
// double is an exponent followed by a mantissa, and its first seven bits of mantissa say which part of the doubling it
// is in.

/** Parts of a doubling, a power of two: as many as {@link MANTISSA_BITS} bits can tell apart. */
const MANTISSA_BITS = 7;
const BUCKETS_PER_DOUBLING = 2 ** MANTISSA_BITS;

/** Durations below about a microsecond share the bucket of zero: no clock here tells them apart. */
const LOWEST_MS = 2 ** -10;

/** About 99 days. Nothing here lives that long, and a longer one would share the last bucket. */
const HIGHEST_MS = 2 ** 33;

/** Number of buckets; the first, number 0, is the one of zero. */
export const BUCKETS = (33 + 10) * BUCKETS_PER_DOUBLING + 1;

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

/** A word is a bucket number and, above it, how often the bucket occurred. */
const BUCKET_BITS = 13;
const BUCKET_MASK = 2 ** BUCKET_BITS - 1;
const COUNT_LIMIT = 2 ** (32 - BUCKET_BITS) - 1;

/** 16 MB per meter: three hours of 388 buckets a second. */
const WORDS_LIMIT = 2 ** 22;

/** The open period: how often each bucket occurred, and which ones did. */
interface OpenPeriod {
  readonly counts: Uint32Array;
  readonly used: Uint16Array;
  usedCount: number;
}

/**
 * The distributions of one meter's recent periods. The period being recorded is a dense array of counters; when it ends,
 * only the buckets it used are kept, one 32-bit word each. 2,000 lognormal latencies use 270 buckets at sigma 0.3 and 430 at
 * 0.5; so three hours of such seconds take 12 to 19 MB, where whole histograms would take 240 MB. Beyond a limit the oldest
 * periods lose their distribution, and say so: a percentile over them is unknown, never made from the rest.
 */
export class DistributionLog {
  readonly #wordsLimit: number;
  /** Made with the first value, and given up at rest. */
  #open: OpenPeriod | null = null;
  #openSlot = -1;
  /** The newest slot, open or not. */
  #newestSlot = -1;
  /** Closed periods, oldest first; null for one whose distribution was given up. */
  readonly #closed = new Map<number, Uint32Array | null>();
  #words = 0;

  constructor({ wordsLimit = WORDS_LIMIT }: { readonly wordsLimit?: number } = {}) {
    this.#wordsLimit = wordsLimit;
  }

  record(value: number): void {
    this.#open ??= this.#wake();
    this.#count(this.#open, bucketOf(value), 1);
  }

  /** Forgets what a slot holds. Slots must be forgotten in the order of their periods. */
  forget(slot: number): void {
    this.#words -= this.#closed.get(slot)?.length ?? 0;
    this.#closed.delete(slot);
  }

  /** Begins the period of `slot`, which must be empty, after the last one was closed. */
  open(slot: number): void {
    this.#openSlot = slot;
    this.#newestSlot = slot;
  }

  close(): void {
    if (this.#openSlot < 0) return;
    const words = this.#open === null ? new Uint32Array(0) : packed(this.#open);
    this.#closed.set(this.#openSlot, words);
    this.#words += words.length;
    this.#openSlot = -1;
    for (const [slot, oldest] of this.#closed) {
      if (this.#words <= this.#wordsLimit) break;
      this.#words -= oldest?.length ?? 0;
      this.#closed.set(slot, null);
    }
  }

  /** Gives up the dense array until something is recorded again. */
  rest(): void {
    this.close();
    this.#open = null;
  }

  /** Adds a period to `sum`. False when its distribution was given up for newer ones; then nothing is added. */
  addTo(sum: Distribution, slot: number): boolean {
    if (slot === this.#openSlot) {
      for (const bucket of this.#open?.used.subarray(0, this.#open.usedCount) ?? [])
        sum.add(bucket, this.#open!.counts[bucket]!);
      return true;
    }
    const words = this.#closed.get(slot);
    for (const word of words ?? []) sum.add(word & BUCKET_MASK, word >>> BUCKET_BITS);
    return words !== null;
  }

  /** A period that was open when the log went to rest is opened again. */
  #wake(): OpenPeriod {
    const open = { counts: new Uint32Array(BUCKETS), used: new Uint16Array(BUCKETS), usedCount: 0 };
    if (this.#openSlot >= 0) return open;
    this.#openSlot = this.#newestSlot;
    for (const word of this.#closed.get(this.#openSlot) ?? [])
      this.#count(open, word & BUCKET_MASK, word >>> BUCKET_BITS);
    this.forget(this.#openSlot);
    return open;
  }

  #count(open: OpenPeriod, bucket: number, times: number): void {
    const count = open.counts[bucket]!;
    open.counts[bucket] = count + times;
    if (count === 0) open.used[open.usedCount++] = bucket;
  }
}

/** The words of a period, which is empty afterwards. A count that does not fit into one word takes several. */
function packed(open: OpenPeriod): Uint32Array {
  const words: number[] = [];
  for (const bucket of open.used.subarray(0, open.usedCount)) {
    for (let left = open.counts[bucket]!; left > 0; left -= COUNT_LIMIT)
      words.push((Math.min(left, COUNT_LIMIT) << BUCKET_BITS) | bucket);
    open.counts[bucket] = 0;
  }
  open.usedCount = 0;
  return Uint32Array.from(words);
}

/** Numbers of a page: 2 kB. */
export const PAGE_NUMBERS = 256;

/**
 * Numbers by index, 0 until they are set, in pages that are made when first written to. A metric that counts for a minute then
 * takes a minute's room, and one that never counts takes none, however long the time that its numbers may cover.
 */
export class PagedNumbers {
  readonly #pages: (Float64Array<ArrayBuffer> | undefined)[] = [];

  get(index: number): number {
    return this.#pages[Math.floor(index / PAGE_NUMBERS)]?.[index % PAGE_NUMBERS] ?? 0;
  }

  set(index: number, value: number): void {
    this.page(index)[index % PAGE_NUMBERS] = value;
  }

  /** The page that holds the index, at the index modulo {@link PAGE_NUMBERS}. */
  page(index: number): Float64Array<ArrayBuffer> {
    const at = Math.floor(index / PAGE_NUMBERS);
    this.#pages[at] ??= new Float64Array(PAGE_NUMBERS);
    return this.#pages[at];
  }

  /** Sets `count` numbers within one page to 0. */
  clear(index: number, count: number): void {
    const page = this.#pages[Math.floor(index / PAGE_NUMBERS)];
    page?.fill(0, index % PAGE_NUMBERS, (index % PAGE_NUMBERS) + count);
  }
}
