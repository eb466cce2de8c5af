/**
 * Adds sparse histograms by the thousand. A full histogram takes a third of a megabyte, and a merged run has thousands
 * of them, so this one is only as long as its highest touched bucket; and it adds by index, without asking the library
 * for every bucket's value. What comes out is exact, bucket for bucket: counts are whole numbers below 2^53.
 */
import { type Histogram, histogramOf, type SparseHistogram } from './histogram.ts';
import { PackedHistogram } from './packed-histogram.ts';

/** As it was recorded, or as it lies in a partial. */
export type AnyHistogram = SparseHistogram | PackedHistogram;

/**
 * Histograms that wait to be added together. The sums of all seconds of a run are far larger than a processor's cache, one
 * of them is not: adding this many at once takes a third of the time. And the few of one machine's threads never need a sum
 * in full until they are read.
 */
const TOGETHER = 32;

const NO_COUNTS = new Float64Array(0);

export class HistogramSum {
  #waiting: AnyHistogram[] = [];
  #counts = NO_COUNTS;
  /** Buckets from this one on are empty. */
  #end = 0;
  #max = 0;

  add(histogram: AnyHistogram): void {
    if (this.#waiting.push(histogram) === TOGETHER) this.#addWaiting();
  }

  /** The sum, or null when nothing was added. From here on it is kept as sparse as it is returned. */
  toSparse(): SparseHistogram | null {
    const [first] = this.#waiting;
    if (this.#end === 0 && this.#waiting.length <= 1 && !(first instanceof PackedHistogram))
      return first ?? null;
    const sparse = this.#summed();
    this.#waiting = [sparse];
    this.#counts = NO_COUNTS;
    this.#end = 0;
    return sparse;
  }

  /** The sum, or null when nothing was added. Starts again from nothing, in the same memory. */
  drain(): SparseHistogram | null {
    const sparse = this.#summed();
    this.#counts.fill(0, 0, this.#end);
    this.#end = 0;
    this.#max = 0;
    return sparse.buckets.length === 0 ? null : sparse;
  }

  #summed(): SparseHistogram {
    this.#addWaiting();
    const buckets: number[] = [];
    for (let index = 0; index < this.#end; index++) {
      const count = this.#counts[index]!;
      if (count > 0) buckets.push(index, count);
    }
    return { buckets, max: this.#max };
  }

  toHistogram(): Histogram {
    const sparse = this.toSparse();
    return histogramOf(sparse === null ? [] : [sparse]);
  }

  #addWaiting(): void {
    this.#reach(Math.max(...this.#waiting.map(endOf)));
    const counts = this.#counts;
    for (const histogram of this.#waiting) {
      if (histogram.max > this.#max) this.#max = histogram.max;
      if (histogram instanceof PackedHistogram) histogram.addTo(counts);
      else addBuckets(counts, histogram.buckets);
    }
    this.#waiting = [];
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

function endOf(histogram: AnyHistogram): number {
  if (histogram instanceof PackedHistogram) return histogram.end;
  return histogram.buckets.length === 0 ? 0 : histogram.buckets[histogram.buckets.length - 2]! + 1;
}

function addBuckets(counts: Float64Array, buckets: readonly number[]): void {
  for (let pair = 0; pair < buckets.length; pair += 2) counts[buckets[pair]!]! += buckets[pair + 1]!;
}
