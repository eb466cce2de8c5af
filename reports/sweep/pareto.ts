/**
 * The Pareto front of latency and cost: cells of which no other is as fast and as cheap, and better in one of the two. Whatever
 * is not on it is a worse choice than something that is.
 */
import type { SweepCell, SweepResult } from '../../bench/core/sweep/result.ts';
import { COST, cellValue, P99 } from './metrics.ts';

export interface CellPoint {
  readonly cell: SweepCell;
  /** Number of the cell in the report, from 1. */
  readonly number: number;
  readonly p99Ms: number;
  readonly costUsd: number;
  readonly isOnFront: boolean;
}

/** Cells with both figures, cheapest first. */
export function paretoPoints({ cells }: Pick<SweepResult, 'cells'>): CellPoint[] {
  const points = cells.flatMap((cell, index) => {
    const [p99Ms, costUsd] = [cellValue(cell, P99), cellValue(cell, COST)];
    return p99Ms === null || costUsd === null ? [] : [{ cell, number: index + 1, p99Ms, costUsd }];
  });
  return points
    .map((point) => ({ ...point, isOnFront: !points.some((other) => dominates(other, point)) }))
    .sort((left, right) => left.costUsd - right.costUsd || left.p99Ms - right.p99Ms);
}

type Place = Pick<CellPoint, 'p99Ms' | 'costUsd'>;

function dominates(one: Place, other: Place): boolean {
  const isNoWorse = one.p99Ms <= other.p99Ms && one.costUsd <= other.costUsd;
  return isNoWorse && (one.p99Ms < other.p99Ms || one.costUsd < other.costUsd);
}
