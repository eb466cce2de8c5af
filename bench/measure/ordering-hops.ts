/**
 * The stamps of the latest traced arrivals of a worker, so that the witness of a duplicate can tell of its first arrival
 * too. Arrivals only go in; they are searched when a witness is written, of which a run keeps a limited number.
 */
import type { HopStamps } from './message.ts';

/** Arrivals remembered: 1.6 s of them at 10,000/s, in about 3 MB. Untraced runs put nothing in. */
const REMEMBERED = 16_384;

interface TracedArrival {
  readonly stream: number;
  readonly sequence: number;
  readonly hops: HopStamps;
}

export class HopMemory {
  readonly #limit: number;
  readonly #arrivals: TracedArrival[] = [];
  #next = 0;

  constructor(limit = REMEMBERED) {
    this.#limit = limit;
  }

  add(stream: number, sequence: number, hops: HopStamps): void {
    this.#arrivals[this.#next] = { stream, sequence, hops };
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** The stamps of a message; null when it was not traced or is forgotten. */
  find(stream: number, sequence: number): HopStamps | null {
    const isIt = (arrival: TracedArrival) => arrival.stream === stream && arrival.sequence === sequence;
    return this.#arrivals.find(isIt)?.hops ?? null;
  }
}
