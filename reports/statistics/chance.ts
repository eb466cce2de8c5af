/**
 * Chance as a parameter of the statistics: whoever composes them gives a seeded generator, so the same data and the same
 * seed give the same intervals. The driver's Random has this shape.
 */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  /** An independent generator, determined by this one's seed and the label. */
  fork(label: string): Chance;
}
