/**
 * The distributions of one meter's recent periods. The period being recorded is a dense array of counters; when it ends,
 * only the buckets it used are kept, one 32-bit word each, in a ring of words that grows with need. 2,000 lognormal
 * latencies use 270 buckets at sigma 0.3 and 430 at 0.5; so three hours of such seconds take 12 to 19 MB, where whole
 * histograms would take 240 MB. Nothing is taken before the first value, and the dense array only while a period is open.
 *
 * The ring stops growing at {@link WORDS_LIMIT}. From then on the oldest periods lose their distribution, and say so when
 * they are asked: a percentile over them is unknown, never made from the rest.
 */
import { BUCKETS, bucketOf } from './bucket.ts';
import type { Distribution } from './distribution.ts';
import { PagedNumbers } from './paged-numbers.ts';

/** A word is a bucket number and, above it, how often the bucket occurred. */
const BUCKET_BITS = 13;
const BUCKET_MASK = 2 ** BUCKET_BITS - 1;
const COUNT_LIMIT = 2 ** (32 - BUCKET_BITS) - 1;

/** Where the ring starts: 4 kB. */
const FIRST_WORDS = 2 ** 10;

/** 16 MB per meter: three hours of 388 buckets a second. */
const WORDS_LIMIT = 2 ** 22;

const NO_COUNTS = new Uint32Array(0);
const NO_BUCKETS = new Uint16Array(0);

export interface DistributionLogOptions {
  /** Most words the ring may take, at least as many as a period can use. */
  readonly wordsLimit?: number;
}

export class DistributionLog {
  readonly #wordsLimit: number;
  /** The open period: how often each bucket occurred, and which ones did. */
  #counts = NO_COUNTS;
  #used = NO_BUCKETS;
  #usedCount = 0;
  #openSlot = -1;
  /** The newest slot, open or not. */
  #newestSlot = -1;
  /** Closed periods by slot: the serial number of their first word, and how many words they have. */
  readonly #starts = new PagedNumbers();
  readonly #lengths = new PagedNumbers();
  #words = NO_COUNTS;
  /** Serial numbers, counted from the first word ever: the oldest one that is still there, and the next one. */
  #oldest = 0;
  #next = 0;

  constructor({ wordsLimit = WORDS_LIMIT }: DistributionLogOptions = {}) {
    this.#wordsLimit = wordsLimit;
  }

  /** Counts a value in the open period. */
  record(value: number): void {
    if (this.#counts === NO_COUNTS) this.#wake();
    const bucket = bucketOf(value);
    const count = this.#counts[bucket]!;
    this.#counts[bucket] = count + 1;
    if (count === 0) this.#used[this.#usedCount++] = bucket;
  }

  /** Forgets what a slot holds. Slots must be forgotten in the order of their periods. */
  forget(slot: number): void {
    const length = this.#lengths.get(slot);
    if (length === 0) return;
    this.#oldest = Math.max(this.#oldest, this.#starts.get(slot) + length);
    this.#lengths.set(slot, 0);
  }

  /** Begins the period of `slot`, which must be empty, after the last one was closed. */
  open(slot: number): void {
    this.#openSlot = slot;
    this.#newestSlot = slot;
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
    this.#starts.set(this.#openSlot, start);
    this.#lengths.set(this.#openSlot, this.#next - start);
    this.#openSlot = -1;
  }

  /** Gives up the dense array and the ring's spare room, until something is recorded again. */
  rest(): void {
    this.close();
    this.#counts = NO_COUNTS;
    this.#used = NO_BUCKETS;
    this.#resize(this.#next - this.#oldest);
  }

  /** Makes the dense array. A period that was open when the log went to rest is opened again. */
  #wake(): void {
    this.#counts = new Uint32Array(BUCKETS);
    this.#used = new Uint16Array(BUCKETS);
    if (this.#openSlot >= 0) return;
    this.#openSlot = this.#newestSlot;
    const start = Math.max(this.#starts.get(this.#openSlot), this.#oldest);
    for (let serial = start; serial < this.#next; serial++) {
      const word = this.#words[serial % this.#words.length]!;
      const bucket = word & BUCKET_MASK;
      if (this.#counts[bucket] === 0) this.#used[this.#usedCount++] = bucket;
      this.#counts[bucket]! += word >>> BUCKET_BITS;
    }
    this.#next = start;
    this.#lengths.set(this.#openSlot, 0);
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
    const start = this.#starts.get(slot);
    const length = this.#lengths.get(slot);
    if (start < this.#oldest) return length === 0;
    for (let serial = start; serial < start + length; serial++) {
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
    this.#resize(Math.min(Math.max(this.#words.length * 2, FIRST_WORDS), this.#wordsLimit));
  }

  #resize(length: number): void {
    const words = new Uint32Array(length);
    for (let serial = this.#oldest; serial < this.#next; serial++)
      words[serial % length] = this.#words[serial % this.#words.length]!;
    this.#words = words;
  }
}
