/**
 * Numbers for fixtures of which no two are equal, not even when they are rounded to the three digits that a reader sees, in
 * whatever unit: each has digits of its own. Without chance, so the same start gives the same numbers.
 */

/** Numbers of three digits, from 101 to 997. */
const COUNT = 897;
/** Prime to their count, so that striding comes to every one. */
const STRIDE = 340;

export class Distinct {
  #drawn: number;

  /** Fixtures that are shown together start apart. */
  constructor(start = 0) {
    this.#drawn = start;
  }

  /** A number between one and ten times the magnitude. */
  next(magnitude: number): number {
    if (this.#drawn >= COUNT) throw new Error('there are no more numbers of three digits');
    const digits = 101 + ((this.#drawn++ * STRIDE) % COUNT);
    return Number(((digits * magnitude) / 100).toPrecision(3));
  }

  /** Rising numbers. */
  rising(count: number, magnitude: number): number[] {
    return Array.from({ length: count }, () => this.next(magnitude)).sort((one, other) => one - other);
  }
}
