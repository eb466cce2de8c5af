/**
 * Sparse histograms as text, one after the other: LEB128 numbers in base64. Of each histogram comes the number of its
 * buckets, its maximum, and for each bucket how many empty ones precede it; the count follows only where it is not one. So
 * a bucket mostly takes one byte, and buckets out of order or without a count can't be written at all.
 *
 * A merge reads hundreds of millions of buckets, once to check them and once to add them, so neither makes an object of
 * them: what was checked stays packed, and is added from where it lies. Text that is damaged is refused, never guessed at.
 */
import { HIGHEST_VALUE, newHistogram, type SparseHistogram } from './histogram.ts';

/** Buckets of the one geometry. */
const BUCKETS = newHistogram(32).countsArrayLength;

/** Of seven bits each: eight of them hold 2^53, beyond which counts would not be exact. */
const MAX_GROUPS = 8;

/** Text that no histograms pack to. Its message is a clause. */
export class DamagedHistogram extends Error {}

/** A histogram in packed text that was checked. Only {@link unpack} makes them. */
export class PackedHistogram {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #length: number;
  readonly max: number;
  /** Buckets from this one on are empty. */
  readonly end: number;

  /** `length` buckets are written from `at` on. */
  constructor(bytes: Uint8Array, at: number, length: number, max: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#length = length;
    this.max = max;
    this.end = end;
  }

  /** Adds to the counts by bucket, of which there are {@link end} at least. */
  addTo(counts: Float64Array): void {
    const reader = new Reader(this.#bytes, this.#at);
    let index = -1;
    for (let left = this.#length; left > 0; left--) {
      const token = reader.next();
      index += (token >>> 1) + 1;
      counts[index]! += (token & 1) === 0 ? 1 : reader.next() + 2;
    }
  }

  toSparse(): SparseHistogram {
    const reader = new Reader(this.#bytes, this.#at);
    const buckets: number[] = [];
    let index = -1;
    for (let left = this.#length; left > 0; left--) {
      const token = reader.next();
      index += (token >>> 1) + 1;
      buckets.push(index, (token & 1) === 0 ? 1 : reader.next() + 2);
    }
    return { buckets, max: this.max };
  }
}

/** The histograms as text; null, of which nothing was recorded, takes a byte. */
export function pack(histograms: readonly (SparseHistogram | null)[]): string {
  const bytes: number[] = [];
  for (const histogram of histograms) {
    if (histogram === null) write(bytes, 0);
    else packOne(bytes, histogram);
  }
  // biome-ignore lint/style/noRestrictedGlobals: Node 20 has no other base64 as fast, and here Buffer only computes.
  return Buffer.from(bytes).toString('base64');
}

function packOne(bytes: number[], { buckets, max }: SparseHistogram): void {
  write(bytes, buckets.length / 2);
  write(bytes, max);
  let next = 0;
  for (let pair = 0; pair < buckets.length; pair += 2) {
    const index = buckets[pair]!;
    const count = buckets[pair + 1]!;
    write(bytes, 2 * (index - next) + (count === 1 ? 0 : 1));
    if (count !== 1) write(bytes, count - 2);
    next = index + 1;
  }
}

function write(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no histogram has a ${value}`);
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** The histograms that were packed, still packed, but sure to be some. @throws DamagedHistogram */
export function unpack(text: string): (PackedHistogram | null)[] {
  // biome-ignore lint/style/noRestrictedGlobals: as above.
  const bytes = Buffer.from(text, 'base64');
  // Decoding skips what is not base64.
  // biome-ignore lint/style/noRestrictedGlobals: as above.
  if (bytes.length !== Buffer.byteLength(text, 'base64')) throw new DamagedHistogram('it is no base64');
  const reader = new Reader(bytes, 0);
  const found: (PackedHistogram | null)[] = [];
  while (!reader.isAtEnd) found.push(checked(reader, bytes));
  return found;
}

function checked(reader: Reader, bytes: Uint8Array): PackedHistogram | null {
  const length = reader.next();
  if (length === 0) return null;
  const max = reader.next();
  if (max > HIGHEST_VALUE) throw new DamagedHistogram('it has a maximum beyond the highest value');
  const { at } = reader;
  let index = -1;
  for (let left = length; left > 0; left--) {
    const token = reader.next();
    // Shifting takes 32 bits.
    index += (token < 2 * BUCKETS ? token >>> 1 : BUCKETS) + 1;
    if (index >= BUCKETS) throw new DamagedHistogram('it has buckets beyond the last one');
    if ((token & 1) === 1 && reader.next() > Number.MAX_SAFE_INTEGER - 2)
      throw new DamagedHistogram('it has a count that is too long');
  }
  return new PackedHistogram(bytes, at, length, max, index + 1);
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  next(): number {
    const first = this.#bytes[this.at++];
    if (first === undefined) throw new DamagedHistogram('it ends within a histogram');
    return first < 0x80 ? first : this.#rest(first & 0x7f);
  }

  /** Multiplies instead of shifting: numbers go beyond 32 bits. */
  #rest(low: number): number {
    let value = low;
    let unit = 0x80;
    for (let group = 1; group < MAX_GROUPS; group++) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      unit *= 0x80;
    }
    throw new DamagedHistogram('it has a number that is cut off or too long');
  }
}
