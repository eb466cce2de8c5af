/**
 * The distributions of one meter's recent periods. The period being recorded is a dense array of counters; when it ends,
 * only the buckets it used are kept, one 32-bit word each, in a ring of words that grows with need. 2,000 lognormal
 * latencies use 270 buckets at sigma 0.3 and 430 at 0.5; so three hours of such seconds take 12 to 19 MB, where whole
 * histograms would take 240 MB.
 *
 * The ring stops growing at {@link WORDS_LIMIT}. From then on the oldest periods lose their distribution, and say so when
 * they are asked: a percentile over them is unknown, never made from the rest.
 */
import { BUCKETS, bucketOf } from './bucket.ts';
import type { Distribution } from './distribution.ts';

/** A word is a bucket number and, above it, how often the bucket occurred. */
const BUCKET_BITS = 13;
const BUCKET_MASK = 2 ** BUCKET_BITS - 1;
const COUNT_LIMIT = 2 ** (32 - BUCKET_BITS) - 1;

/** Where the ring starts: 16 kB. */
const FIRST_WORDS = 2 ** 12;

/** 16 MB per meter: three hours of 388 buckets a second. */
const WORDS_LIMIT = 2 ** 22;

export interface DistributionLogOptions {
  /** Number of slots: how many periods are kept. A period's slot is its number modulo this. */
  readonly periods: number;
  /** Most words the ring may take, at least as many as a period can use. */
  readonly wordsLimit?: number;
}

export class DistributionLog {
  readonly #wordsLimit: number;
  /** The open period: how often each bucket occurred, and which ones did. */
  readonly #counts = new Uint32Array(BUCKETS);
  readonly #used = new Uint16Array(BUCKETS);
  #usedCount = 0;
  #openSlot = -1;
  /** Closed periods by slot: the serial number of their first word, and how many words they have. */
  readonly #starts: Float64Array;
  readonly #lengths: Uint32Array;
  #words = new Uint32Array(FIRST_WORDS);
  /** Serial numbers, counted from the first word ever: the oldest one that is still there, and the next one. */
  #oldest = 0;
  #next = 0;

  constructor({ periods, wordsLimit = WORDS_LIMIT }: DistributionLogOptions) {
    this.#starts = new Float64Array(periods);
    this.#lengths = new Uint32Array(periods);
    this.#wordsLimit = wordsLimit;
  }

  /** Counts a value in the open period. */
  record(value: number): void {
    const bucket = bucketOf(value);
    const count = this.#counts[bucket]!;
    this.#counts[bucket] = count + 1;
    if (count === 0) this.#used[this.#usedCount++] = bucket;
  }

  /** Forgets what a slot holds. Slots must be forgotten in the order of their periods. */
  forget(slot: number): void {
    const length = this.#lengths[slot]!;
    if (length > 0) this.#oldest = Math.max(this.#oldest, this.#starts[slot]! + length);
    this.#lengths[slot] = 0;
  }

  /** Begins the period of `slot`, which must be empty, after the last one was closed. */
  open(slot: number): void {
    this.#openSlot = slot;
  }

  /** Ends the open period, if there is one. */
  close(): void {
    if (this.#openSlot < 0) return;
    const start = this.#next;
    for (let index = 0; index < this.#usedCount; index++) {
      const bucket = this.#used[index]!;
      this.#append(bucket, this.#counts[bucket]!);
      this.#counts[bucket] = 0;
    }
    this.#usedCount = 0;
    this.#starts[this.#openSlot] = start;
    this.#lengths[this.#openSlot] = this.#next - start;
    this.#openSlot = -1;
  }

  /** Adds a period to `sum`. False when its distribution was given up for newer ones; then nothing is added. */
  addTo(sum: Distribution, slot: number): boolean {
    if (slot === this.#openSlot) {
      for (let index = 0; index < this.#usedCount; index++) {
        const bucket = this.#used[index]!;
        sum.add(bucket, this.#counts[bucket]!);
      }
      return true;
    }
    const start = this.#starts[slot]!;
    if (start < this.#oldest) return this.#lengths[slot] === 0;
    for (let serial = start; serial < start + this.#lengths[slot]!; serial++) {
      const word = this.#words[serial % this.#words.length]!;
      sum.add(word & BUCKET_MASK, word >>> BUCKET_BITS);
    }
    return true;
  }

  /** A count that does not fit into one word takes several. */
  #append(bucket: number, count: number): void {
    for (let left = count; left > 0; left -= COUNT_LIMIT) {
      if (this.#next - this.#oldest >= this.#words.length) this.#makeRoom();
      const word = (Math.min(left, COUNT_LIMIT) << BUCKET_BITS) | bucket;
      this.#words[this.#next % this.#words.length] = word;
      this.#next += 1;
    }
  }

  #makeRoom(): void {
    if (this.#words.length >= this.#wordsLimit) {
      this.#oldest += 1;
      return;
    }
    const wider = new Uint32Array(Math.min(this.#words.length * 2, this.#wordsLimit));
    for (let serial = this.#oldest; serial < this.#next; serial++)
      wider[serial % wider.length] = this.#words[serial % this.#words.length]!;
    this.#words = wider;
  }
}
