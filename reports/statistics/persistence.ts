/**
 * How much neighbouring results of a series are alike, and what that does to its tests. Tests that shuffle take results for
 * exchangeable; a machine that is busy for a week makes them alike, and everything looks more certain than it is. What they have in
 * common is measured around the rising levels that fit best, or a rise of the series itself would pass for likeness.
 */

/** Standard errors beyond which a correlation counts as there: one series in a hundred has more by chance. */
const SIGNIFICANCE = 2.33;

/** Beyond this no number of results could show anything. */
const MAX_CORRELATION = 0.9;

/** The levels that never fall and lie nearest to the series: neighbours that do not rise are pooled (Barlow et al. 1972). */
function risingLevels(series: readonly number[]): number[] {
  const pools: { mean: number; count: number }[] = [];
  for (const value of series) {
    let pool = { mean: value, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean >= pool.mean; last = pools.at(-1)) {
      const count = last.count + pool.count;
      // Equal levels stay what they are: what rounding leaves of them would be likeness itself.
      const sum = last.mean * last.count + pool.mean * pool.count;
      pool = { mean: last.mean === pool.mean ? pool.mean : sum / count, count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean, count }) => new Array<number>(count).fill(mean));
}

/**
 * By how much the variance of a mean exceeds that of independent results, at the least 1: (1 + φ) / (1 − φ) with φ the correlation of
 * neighbours around the rising levels, corrected for what a short series hides of it (Marriott and Pope 1954). Of few results φ can't be
 * told from chance and counts as none.
 */
export function varianceInflation(series: readonly number[]): number {
  const n = series.length;
  const levels = risingLevels(series);
  const rest = series.map((value, at) => value - levels[at]!);
  const squares = rest.reduce((sum, value) => sum + value * value, 0);
  const products = rest.slice(1).reduce((sum, value, at) => sum + value * rest[at]!, 0);
  const correlation = squares === 0 ? 0 : products / squares;
  if (correlation < SIGNIFICANCE / Math.sqrt(n)) return 1;
  const corrected = Math.min(MAX_CORRELATION, correlation + (1 + 3 * correlation) / n);
  return (1 + corrected) / (1 - corrected);
}
