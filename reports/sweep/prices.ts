/** Which list prices a sweep's costs are at, as its runs say. */
import { type PricesOf, pricesText } from '../../bench/model/prices-text.ts';
import type { SweepResult } from '../../bench/model/sweep.ts';

/** `list prices of us-east-1, as of 2026-11`; without a date in sweeps that were made before it was kept. */
export function sweepPrices({ cost, cells }: SweepResult): string {
  const runs = cells.flatMap((cell) => cell.runs);
  const figures = runs.flatMap((run) => (run.status === 'done' ? [run.figures] : []));
  const named = [cost, ...figures].find((one) => one?.pricesAsOf !== undefined);
  return named ? pricesText(named as PricesOf) : 'list prices';
}
