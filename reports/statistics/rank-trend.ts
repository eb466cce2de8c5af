/**
 * How plainly a series rises from its beginning to its end: the correlation of its normal scores (van der Waerden 1952) with
 * the order of time. Scores are made of ranks, so outliers weigh little, any metric's figure can be held against any other's,
 * and against noise that is normal a drift is found as well as by the slope itself.
 */
import { criticalT } from './student.ts';

/** By number of ranks: histories ask for the same few thousands of times. */
const scoresByLength = new Map<number, readonly number[]>();

/** Quantiles of the normal distribution at (rank − ½) / n. */
function scoresOf(n: number): readonly number[] {
  const known = scoresByLength.get(n);
  if (known !== undefined) return known;
  const scores = Array.from({ length: n }, (_, rank) => {
    const share = (2 * rank + 1) / n - 1;
    return Math.sign(share) * criticalT(Math.abs(share), Number.POSITIVE_INFINITY);
  });
  scoresByLength.set(n, scores);
  return scores;
}

/** The normal score of every value, in the order of the values; equal values share the mean of theirs. */
export function normalScores(series: readonly number[]): number[] {
  const scores = scoresOf(series.length);
  const order = series.map((_, at) => at).sort((a, b) => series[a]! - series[b]!);
  const result = new Array<number>(series.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && series[order[to]!] === series[order[from]!]) to++;
    const mean = scores.slice(from, to).reduce((sum, score) => sum + score, 0) / (to - from);
    for (; from < to; from++) result[order[from]!] = mean;
  }
  return result;
}

/**
 * The correlation with time, times √(n − 1): of shuffled scores the variance is 1, whatever their number. 0 when all are alike.
 * The scores' sum is 0 by their symmetry.
 */
export function trendOf(scores: readonly number[]): number {
  const n = scores.length;
  let [across, squares] = [0, 0];
  for (let at = 0; at < n; at++) {
    across += (at - (n - 1) / 2) * scores[at]!;
    squares += scores[at]! ** 2;
  }
  return squares === 0 ? 0 : across / Math.sqrt((squares * n * (n + 1)) / 12);
}
