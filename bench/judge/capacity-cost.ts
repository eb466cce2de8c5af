/**
 * What a capacity search cost, or would have cost on AWS, and what a round trip costs at the rate it found. A search is its
 * probes: what the stage's shards cost in the pauses between them is not counted. A figure that was not worked out for some
 * probe is null, since a sum without it would be too low and nobody would see.
 */

import { pricesOf } from '../model/prices-text.ts';
import type { RunCost } from '../model/result.ts';
import type { CapacityCost, CapacityProbe, ProbeCost } from './capacity.ts';

/** What a probe keeps of its run's cost; the items and their assumptions are in the probe's own result. */
export function probeCost(cost: RunCost | null): ProbeCost | null {
  if (cost === null) return null;
  const { total, perMillionRoundTrips = null, perMonth = null, basis = null } = cost;
  return { total, perMillionRoundTrips, perMonth, ...pricesOf(cost), basis };
}

/** The cost of the search; null where no probe has one, as on a stage that is given by its URL. */
export function capacityCost(
  probes: readonly CapacityProbe[],
  ratePerSecond: number | null,
): CapacityCost | null {
  const bills = probes.map(({ cost = null }) => cost);
  const first = bills.find((bill) => bill !== null);
  if (first === undefined || first === null) return null;
  const atCapacity = probes.filter(
    (probe) => probe.verdict === 'held' && probe.ratePerSecond === ratePerSecond,
  );
  return {
    currency: 'USD',
    total: sumOf(bills.map((bill) => bill?.total ?? null)),
    perMillionRoundTrips: meanOf(atCapacity.map(({ cost }) => cost?.perMillionRoundTrips ?? null)),
    perMonth: meanOf(atCapacity.map(({ cost }) => cost?.perMonth ?? null)),
    ...pricesOf(first),
    basis: first.basis,
  };
}

/** Null when one of them is not known. */
function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );
}

/** Null of none, and when one of them is not known. */
function meanOf(values: readonly (number | null)[]): number | null {
  const sum = sumOf(values);
  return sum === null || values.length === 0 ? null : sum / values.length;
}
