/**
 * The Pareto front of latency and cost: cells of which no other is as fast and as cheap, and better in one of the two. Whatever
 * is not on it is a worse choice than something that is.
 */
import type { SweepCell, SweepResult } from '../../bench/model/sweep.ts';
import { COST, cellValue, latencyOf } from './metrics.ts';

export interface CellPoint {
  readonly cell: SweepCell;
  /** Number of the cell in the report, from 1. */
  readonly number: number;
  /** Of the percentile that the goals are about. */
  readonly latencyMs: number;
  readonly costUsd: number;
  readonly isOnFront: boolean;
}

/** Cells with both figures, cheapest first. */
export function paretoPoints({ cells, goals }: Pick<SweepResult, 'cells' | 'goals'>): CellPoint[] {
  const latency = latencyOf({ goals });
  const points = cells.flatMap((cell, index) => {
    const [latencyMs, costUsd] = [cellValue(cell, latency), cellValue(cell, COST)];
    return latencyMs === null || costUsd === null ? [] : [{ cell, number: index + 1, latencyMs, costUsd }];
  });
  return points
    .map((point) => ({ ...point, isOnFront: !points.some((other) => dominates(other, point)) }))
    .sort((left, right) => left.costUsd - right.costUsd || left.latencyMs - right.latencyMs);
}

type Place = Pick<CellPoint, 'latencyMs' | 'costUsd'>;

function dominates(one: Place, other: Place): boolean {
  const isNoWorse = one.latencyMs <= other.latencyMs && one.costUsd <= other.costUsd;
  return isNoWorse && (one.latencyMs < other.latencyMs || one.costUsd < other.costUsd);
}
