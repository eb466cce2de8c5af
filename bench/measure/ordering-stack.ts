/**
 * RFC 4737's n-reordering (section 5) in constant time per arrival: how many arrivals right before one have higher
 * numbers. That is the distance to the latest earlier arrival with a lower number, and those that can still be the answer
 * form a stack on which numbers and places both ascend: an arrival removes the higher ones from the top and goes on it.
 *
 * Numbers below the ledger's base never arrive first again, so of the arrivals below it only the latest can be an answer:
 * they collapse into the floor. What is left has numbers of the ledger's window, which bounds the memory: 16 bytes for
 * each place of the window at the most, 1 MiB for the longest.
 */

/** Places to begin with; the capacity is a power of two, so that it wraps around by masking. */
const FIRST_CAPACITY = 8;

export class ArrivalStack {
  #sequences = new Float64Array(FIRST_CAPACITY);
  #arrivals = new Float64Array(FIRST_CAPACITY);
  #bottom = 0;
  #size = 0;
  /** The latest arrival whose number is below the base: lower than whatever comes. */
  #floor = -1;

  /** What it takes. */
  get bytes(): number {
    return this.#sequences.byteLength + this.#arrivals.byteLength;
  }

  /** Forgets what it holds: all arrivals up to `latest` are lower than whatever comes. */
  restart(latest: number): void {
    this.#size = 0;
    this.#floor = latest;
  }

  /**
   * Takes the number of a first arrival and its index among them, and answers how many arrivals right before it have
   * higher numbers. No number below `base` may come.
   */
  push(sequence: number, arrival: number, base: number): number {
    this.#collapse(base);
    let mask = this.#sequences.length - 1;
    while (this.#size > 0 && this.#sequences[(this.#bottom + this.#size - 1) & mask]! > sequence) {
      this.#size--;
    }
    const lower = this.#size === 0 ? this.#floor : this.#arrivals[(this.#bottom + this.#size - 1) & mask]!;
    if (this.#size > mask) {
      this.#grow();
      mask = this.#sequences.length - 1;
    }
    const top = (this.#bottom + this.#size) & mask;
    this.#sequences[top] = sequence;
    this.#arrivals[top] = arrival;
    this.#size++;
    return arrival - lower - 1;
  }

  #collapse(base: number): void {
    while (this.#size > 0 && this.#sequences[this.#bottom]! < base) {
      this.#floor = this.#arrivals[this.#bottom]!;
      this.#bottom = (this.#bottom + 1) & (this.#sequences.length - 1);
      this.#size--;
    }
  }

  #grow(): void {
    this.#sequences = doubled(this.#sequences, this.#bottom);
    this.#arrivals = doubled(this.#arrivals, this.#bottom);
    this.#bottom = 0;
  }
}

/** The full ring in one of twice the size, from its start. */
function doubled(ring: Float64Array, bottom: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(ring.length * 2);
  larger.set(ring.subarray(bottom));
  larger.set(ring.subarray(0, bottom), ring.length - bottom);
  return larger;
}
