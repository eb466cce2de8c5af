/**
 * How often each bucket of durations occurred, and the percentiles of that. Distributions of several periods or meters add
 * up to the distribution of all of them, bucket by bucket; so a percentile of a minute is made from its seconds without
 * ever averaging one.
 */
import { BUCKETS, middleOf } from './bucket.ts';

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
