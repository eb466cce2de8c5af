/**
 * The order of a sweep's runs: a randomised complete block design. Every block has each cell once, in an order drawn by the
 * seed, so that a machine that grows warmer, or a neighbour that comes and goes, hits all cells alike instead of those that
 * happened to be last (Montgomery, Design and Analysis of Experiments, chapter 4).
 */
import { type Random, shuffled } from '../../measure/random.ts';

/** A run that is to be made. */
export interface Slot {
  /** Index of the cell in the grid. */
  readonly cell: number;
  /** From 1; also the number of its block. */
  readonly repeat: number;
}

/** All runs in their order. The same seed gives the same order. */
export function orderOf(cells: number, repeats: number, random: Random): Slot[] {
  return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repeat) => {
    const chance = random.fork(`block ${repeat}`);
    return shuffled(
      Array.from({ length: cells }, (_, cell) => ({ cell, repeat })),
      chance,
    );
  });
}
