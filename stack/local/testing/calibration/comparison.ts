/** Local latencies beside the published ones: one row per consumer and percentile, each within a tolerance or not. */
import { CONSUMERS, type Consumer, PERCENTILES, type Percentile, PUBLISHED_MS } from './published.ts';

export interface ComparisonRow {
  readonly consumer: Consumer;
  readonly percentile: Percentile;
  readonly publishedMs: number;
  readonly localMs: number;
  /** Local by published. */
  readonly ratio: number;
  /** Whether the ratio is within the tolerance of 1. */
  readonly ok: boolean;
}

/** Latencies of each consumer, milliseconds, in any order. */
export type Latencies = Readonly<Record<Consumer, readonly number[]>>;

/** `tolerance` is the largest allowed difference as a share of the published figure. Throws when a consumer has none. */
export function compare(latencies: Latencies, tolerance: number): ComparisonRow[] {
  return CONSUMERS.flatMap((consumer) => {
    const sorted = Float64Array.from(latencies[consumer]).sort();
    if (sorted.length === 0) throw new Error(`no message reached the function by ${consumer}`);
    return PERCENTILES.map((percentile) => {
      const publishedMs = PUBLISHED_MS[consumer][percentile];
      const localMs = nearestRank(sorted, percentile);
      const ratio = localMs / publishedMs;
      return { consumer, percentile, publishedMs, localMs, ratio, ok: Math.abs(ratio - 1) <= tolerance };
    });
  });
}

/** Percentile by nearest rank: the smallest value that at least this share of the values does not exceed. */
export function nearestRank(sorted: Float64Array, percentile: number): number {
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)]!;
}
