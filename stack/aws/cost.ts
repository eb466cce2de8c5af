/**
 * What a deployed stack costs while nothing is sent, at list prices. An estimate is a list of items that add up, each with
 * its quantity, so that a reader can check it; free tiers are ignored, and what is not known is a note, not a zero.
 */
import type { RunResult } from '../../bench/core/result.ts';
import type { Price, RegionPrices } from './prices.ts';
import type { StackShape } from './stack-shape.ts';

type Cost = NonNullable<RunResult['cost']>;
export type CostItem = Cost['items'][number];

/** A cost as results carry it, with what a reader must know of it, one sentence each. */
export interface CostEstimate extends Cost {
  readonly notes: readonly string[];
}

/** One item of a bill. */
export function costItem(label: string, quantity: number, price: Price): CostItem {
  return { label, quantity, unit: price.unit, cost: costAt(quantity, price) };
}

/** Each unit at the price of its tier, as if nothing else were on the account's bill. */
function costAt(quantity: number, { usd, per, tiers }: Price): number {
  const steps = [{ above: 0, usd }, ...tiers];
  return steps.reduce((sum, step, at) => {
    const within = Math.min(quantity, steps[at + 1]?.above ?? quantity) - step.above;
    return sum + (Math.max(0, within) / per) * step.usd;
  }, 0);
}

/** Items as an estimate; those of quantity 0 are left out. */
export function estimateOf(
  items: readonly CostItem[],
  prices: RegionPrices,
  notes: readonly string[],
): CostEstimate {
  const billed = items.filter(({ quantity }) => quantity > 0);
  return {
    currency: 'USD',
    total: billed.reduce((sum, { cost }) => sum + cost, 0),
    items: billed,
    pricesAsOf: prices.asOf,
    notes: [...(prices.note === null ? [] : [prices.note]), ...notes],
  };
}

/** What streams and their consumers cost for a number of hours, whether used or not. */
export function standingItems(shape: StackShape, { rates }: RegionPrices, hours: number): CostItem[] {
  return shape.streams.flatMap(({ mode, shards, fanOutConsumers }) => {
    if (mode === 'ON_DEMAND') return [costItem('Kinesis stream on demand', hours, rates.onDemandStreamHour)];
    if (shards === null) return [];
    return [
      costItem('Kinesis shards', shards * hours, rates.shardHour),
      costItem('Enhanced fan-out', shards * fanOutConsumers * hours, rates.fanOutShardHour),
    ];
  });
}

/** Dollars per hour of a stack that nobody sends to. Gateway, functions, queues and roles cost nothing then. */
export function idleCostPerHour(shape: StackShape, prices: RegionPrices): CostEstimate {
  return estimateOf(standingItems(shape, prices, 1), prices, unknownNotes(shape));
}

/** What the estimate leaves out because the template does not tell it. */
export function unknownNotes(shape: StackShape): string[] {
  return shape.streams
    .filter(({ mode, shards }) => mode === 'PROVISIONED' && shards === null)
    .map(({ logicalId }) => `the shards of ${logicalId} are not known, so they are not in the estimate`);
}

/** Dollars as people read them: four digits below a dollar, cents above. */
export function dollars(amount: number): string {
  return amount === 0 || amount >= 1 ? `$${amount.toFixed(2)}` : `$${amount.toFixed(4)}`;
}
