/**
 * A sparse histogram as text: its maximum, then for each touched bucket the distance from the one before and the count,
 * as LEB128 numbers in base64. About three characters per bucket, and read at the speed of memory, which is what lets one
 * machine merge the millions of histograms of a thousand workers. Text that is damaged is refused, never guessed at.
 */
import { HIGHEST_VALUE, newHistogram, type SparseHistogram } from '../histogram.ts';

const BUCKETS = newHistogram(32).countsArrayLength;

/** Of seven bits each: eight of them hold 2^53, beyond which counts would not be exact. */
const MAX_GROUPS = 8;

/** Text that no histogram packs to. */
export class DamagedHistogram extends Error {}

/** The histogram as text. */
export function pack({ buckets, max }: SparseHistogram): string {
  const bytes: number[] = [];
  write(bytes, max);
  let before = 0;
  for (let pair = 0; pair < buckets.length; pair += 2) {
    write(bytes, buckets[pair]! - before);
    write(bytes, buckets[pair + 1]!);
    before = buckets[pair]!;
  }
  return Buffer.from(bytes).toString('base64');
}

function write(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** The histogram that was packed. @throws DamagedHistogram */
export function unpack(text: string): SparseHistogram {
  const reader = new Reader(Buffer.from(text, 'base64'));
  const max = reader.next();
  if (max > HIGHEST_VALUE) throw new DamagedHistogram('a maximum beyond the highest value');
  let length = 0;
  let index = 0;
  while (!reader.isAtEnd) {
    const distance = reader.next();
    index += distance;
    const count = reader.next();
    const isRising = distance > 0 || length === 0;
    if (!isRising || index >= BUCKETS || count === 0) throw new DamagedHistogram('buckets out of order');
    SCRATCH[length++] = index;
    SCRATCH[length++] = count;
  }
  if (length === 0) throw new DamagedHistogram('no buckets');
  return { buckets: SCRATCH.slice(0, length), max };
}

/** Buckets are gathered here and copied at their exact length: arrays that grow one by one are half garbage. */
const SCRATCH: number[] = new Array<number>(2 * BUCKETS).fill(0);

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  next(): number {
    const first = this.#bytes[this.#at++];
    if (first === undefined) throw new DamagedHistogram('the text ends within a number');
    return first < 0x80 ? first : this.#rest(first & 0x7f);
  }

  /** Multiplies instead of shifting: numbers go beyond 32 bits. */
  #rest(low: number): number {
    let value = low;
    let unit = 0x80;
    for (let group = 1; group < MAX_GROUPS; group++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      unit *= 0x80;
    }
    throw new DamagedHistogram('a number that is cut off or too long');
  }
}
