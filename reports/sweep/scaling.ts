/**
 * What more shards bring: the delivered rate at each number of them, against what the fewest would give if every further shard
 * brought as much. It says something only where the load is more than the stage can take; where everything offered came back
 * there was nothing left to gain.
 */
import type { SweepResult } from '../../bench/model/sweep.ts';
import { DELIVERED, mean, valuesOf } from './metrics.ts';

const SHARDS = 'ShardCount';

/** Delivered to this share of what was offered, a stage kept up. */
const KEPT_UP = 0.98;

export interface ScalingStep {
  readonly shards: number;
  readonly deliveredPerSecond: number;
  readonly offeredPerSecond: number;
  /** Delivered as a share of proportional growth from the fewest shards; 1 at those. */
  readonly efficiency: number;
  readonly isKeptUp: boolean;
}

/** The steps by number of shards; null where shards do not vary or a step has no run. */
export function scalingOf({ vary, cells }: Pick<SweepResult, 'vary' | 'cells'>): ScalingStep[] | null {
  const setting = vary.find(({ name, values }) => name === SHARDS && values.length > 1);
  if (setting === undefined) return null;
  const steps = setting.values.map((value) => {
    const own = cells.filter(({ settings }) => settings[SHARDS] === value);
    const delivered = own.flatMap((cell) => valuesOf(cell, DELIVERED).map((one) => one.value));
    const offered = own.flatMap((cell) =>
      valuesOf(cell, { ...DELIVERED, of: ({ offeredPerSecond }) => offeredPerSecond }).map(
        (one) => one.value,
      ),
    );
    return { shards: Number(value), delivered, offered };
  });
  if (steps.some(({ delivered }) => delivered.length === 0)) return null;
  steps.sort((left, right) => left.shards - right.shards);
  const base = steps[0]!;
  const perShard = mean(base.delivered) / base.shards;
  return steps.map(({ shards, delivered, offered }) => ({
    shards,
    deliveredPerSecond: mean(delivered),
    offeredPerSecond: mean(offered),
    efficiency: mean(delivered) / (perShard * shards),
    isKeptUp: mean(delivered) >= KEPT_UP * mean(offered),
  }));
}
