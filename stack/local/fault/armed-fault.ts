/** A fault of the plan, armed for one measurement: its window on the clock, its chance, and what it has done so far. */
import { emptyFaultTally, type Fault, type FaultTally, isActive } from '../../../bench/core/fault.ts';
import type { Random } from '../../../bench/ports.ts';
import type { CountedAt, FaultCount, FaultTallies } from './fault-tallies.ts';

export interface ArmedFaultOptions {
  readonly fault: Fault;
  /** Its own, so that what one fault draws changes nothing for another. */
  readonly random: Random;
  /** Clock reading of the start of measurement. */
  readonly zeroMs: number;
  readonly tallies: FaultTallies;
}

export class ArmedFault {
  readonly fault: Fault;
  readonly tally: FaultTally;
  readonly #random: Random;
  readonly #zeroMs: number;
  readonly #tallies: FaultTallies;

  constructor({ fault, random, zeroMs, tallies }: ArmedFaultOptions) {
    this.fault = fault;
    this.tally = emptyFaultTally(fault);
    this.#random = random;
    this.#zeroMs = zeroMs;
    this.#tallies = tallies;
  }

  /** Clock reading at which it begins. */
  get fromMs(): number {
    return this.#zeroMs + this.fault.atMs;
  }

  /** Clock reading at which it ends; null when it does not. */
  get untilMs(): number | null {
    return this.fault.forMs === null ? null : this.fromMs + this.fault.forMs;
  }

  isActive(nowMs: number): boolean {
    return isActive(this.fault, nowMs - this.#zeroMs);
  }

  /** Whether it is at work and chance picks this one. Draws only while at work. */
  picks(nowMs: number): boolean {
    return this.isActive(nowMs) && this.#random.next() < this.fault.ratio;
  }

  /** A place in a list of `length`, by chance. */
  pickIndex(length: number): number {
    return Math.floor(this.#random.next() * length);
  }

  count(what: FaultCount, place: CountedAt | null): void {
    this.#tallies.count(this.tally, what, place);
  }
}
