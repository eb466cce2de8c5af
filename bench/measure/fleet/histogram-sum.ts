/**
 * Adds sparse histograms by the thousand. A full histogram takes a third of a megabyte, and a merged run has thousands
 * of them, so this one is only as long as its highest touched bucket; and it adds by index, without asking the library
 * for every bucket's value. What comes out is exact, bucket for bucket: counts are whole numbers below 2^53.
 */
import type { SparseHistogram } from '../histogram.ts';
import { PackedHistogram } from './packed-histogram.ts';

/** As it was recorded, or as it lies in a partial. */
export type AnyHistogram = SparseHistogram | PackedHistogram;

const FIRST_LENGTH = 256;

export class HistogramSum {
  #counts = new Float64Array(FIRST_LENGTH);
  /** Buckets from this one on are empty. */
  #end = 0;
  #max = 0;

  add(histogram: AnyHistogram): void {
    if (histogram instanceof PackedHistogram) {
      this.#reach(histogram.end);
      histogram.addTo(this.#counts);
    } else this.#addBuckets(histogram.buckets);
    if (histogram.max > this.#max) this.#max = histogram.max;
  }

  /** The sum, or null when nothing was added. */
  toSparse(): SparseHistogram | null {
    const buckets: number[] = [];
    for (let index = 0; index < this.#end; index++) {
      const count = this.#counts[index]!;
      if (count > 0) buckets.push(index, count);
    }
    return buckets.length === 0 ? null : { buckets, max: this.#max };
  }

  /** Starts again from nothing. */
  clear(): void {
    this.#counts.fill(0, 0, this.#end);
    this.#end = 0;
    this.#max = 0;
  }

  #addBuckets(buckets: readonly number[]): void {
    if (buckets.length === 0) return;
    this.#reach(buckets[buckets.length - 2]! + 1);
    const counts = this.#counts;
    for (let pair = 0; pair < buckets.length; pair += 2) counts[buckets[pair]!]! += buckets[pair + 1]!;
  }

  #reach(end: number): void {
    if (end <= this.#end) return;
    this.#end = end;
    if (end <= this.#counts.length) return;
    const longer = new Float64Array(Math.max(end, Math.ceil(this.#counts.length * 1.5)));
    longer.set(this.#counts);
    this.#counts = longer;
  }
}
