/**
 * Where a series of results changed: E-divisive with means' energy distance (Matteson and James 2014). It assumes no shape of
 * the distribution and finds any number of changes: the split with the greatest distance between what is before and after
 * it is taken, if shuffling within the segments found so far rarely makes a greater one, and then the next.
 */
import type { Chance } from './chance.ts';

/** Results on either side of a change, at the least: fewer are an outlier. */
export const MIN_SEGMENT = 3;

export interface ChangePointOptions {
  /** Splits are tried until one has a greater p. */
  readonly level?: number;
  /** Shuffles of a test: the smallest p is 1 in one more than these. */
  readonly permutations?: number;
}

const LEVEL = 0.05;
const PERMUTATIONS = 199;

export interface ChangePoint {
  /** Index of the first result after the change. */
  readonly index: number;
  readonly p: number;
}

interface Split {
  readonly index: number;
  readonly distance: number;
}

/** Results with their distances to all others of their segment, which no shuffle within the segment changes. */
interface Distanced {
  readonly values: readonly number[];
  readonly totals: readonly number[];
}

function distanced(values: readonly number[], bounds: readonly number[]): Distanced {
  const totals = values.map((value, index) => {
    const at = bounds.findIndex((bound) => bound > index);
    let total = 0;
    for (let other = bounds[at - 1]!; other < bounds[at]!; other++) total += Math.abs(value - values[other]!);
    return total;
  });
  return { values, totals };
}

/** Energy distance of two samples, weighted by their sizes (Székely and Rizzo 2005), from sums over pairs. */
function energy(n: number, m: number, across: number, left: number, right: number): number {
  const pairs = (count: number) => Math.max(1, (count * (count - 1)) / 2);
  return ((n * m) / (n + m)) * ((2 * across) / (n * m) - left / pairs(n) - right / pairs(m));
}

/** The split of [from, to) with the greatest distance. The sums follow the split, so it takes the square of the length. */
function bestSplit({ values, totals }: Distanced, from: number, to: number): Split | null {
  if (to - from < 2 * MIN_SEGMENT) return null;
  let [left, across, right] = [0, 0, 0];
  for (let at = from; at < to; at++) right += totals[at]! / 2;
  let best: Split | null = null;
  for (let index = from + 1; index < to; index++) {
    const moved = values[index - 1]!;
    let toLeft = 0;
    for (let at = from; at < index - 1; at++) toLeft += Math.abs(moved - values[at]!);
    const toRight = totals[index - 1]! - toLeft;
    left += toLeft;
    right -= toRight;
    across += toRight - toLeft;
    if (index - from < MIN_SEGMENT || to - index < MIN_SEGMENT) continue;
    const distance = energy(index - from, to - index, across, left, right);
    if (best === null || distance > best.distance) best = { index, distance };
  }
  return best;
}

/** The best split of all segments between the bounds. */
function bestOf(series: Distanced, bounds: readonly number[]): Split | null {
  let best: Split | null = null;
  for (let at = 1; at < bounds.length; at++) {
    const split = bestSplit(series, bounds[at - 1]!, bounds[at]!);
    if (split !== null && (best === null || split.distance > best.distance)) best = split;
  }
  return best;
}

function shuffledWithin(series: Distanced, bounds: readonly number[], chance: Chance): Distanced {
  const [values, totals] = [[...series.values], [...series.totals]];
  for (let segment = 1; segment < bounds.length; segment++) {
    const from = bounds[segment - 1]!;
    for (let at = bounds[segment]! - 1; at > from; at--) {
      const other = from + Math.floor(chance.next() * (at - from + 1));
      [values[at], values[other]] = [values[other]!, values[at]!];
      [totals[at], totals[other]] = [totals[other]!, totals[at]!];
    }
  }
  return { values, totals };
}

/** Sums of the same numbers in another order differ in their last digits: a shuffle that restores both sides is no less. */
const EQUAL = 1 - 1e-9;

/** The changes of a series, in order of their place. */
export function changePoints(
  series: readonly number[],
  chance: Chance,
  { level = LEVEL, permutations = PERMUTATIONS }: ChangePointOptions = {},
): ChangePoint[] {
  const found: ChangePoint[] = [];
  let bounds = [0, series.length];
  for (;;) {
    const within = distanced(series, bounds);
    const split = bestOf(within, bounds);
    if (split === null) break;
    const { distance } = split;
    // With as many greater ones the level is missed, whatever the other shuffles come to.
    const most = level * (permutations + 1) - 1;
    let greater = 0;
    for (let turn = 0; turn < permutations && greater <= most; turn++) {
      const shuffled = bestOf(shuffledWithin(within, bounds, chance), bounds);
      if (shuffled !== null && shuffled.distance >= distance * EQUAL) greater++;
    }
    if (greater > most) break;
    found.push({ index: split.index, p: (greater + 1) / (permutations + 1) });
    bounds = [...bounds, split.index].sort((a, b) => a - b);
  }
  return found.sort((a, b) => a.index - b.index);
}
