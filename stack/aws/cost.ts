/**
 * What a deployed stack costs while nothing is sent, at list prices. An estimate is a list of items that add up, each with
 * its quantity, so that a reader can check it; free tiers are ignored, and what is not known is a note, not a zero.
 */
import type { RunResult } from '../../bench/model/result.ts';
import type { Price, RegionPrices } from './prices.ts';
import type { StackShape, StreamShape } from './stack-shape.ts';

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
    pricesRegion: prices.region,
    notes: [...(prices.note === null ? [] : [prices.note]), ...notes],
  };
}

/** Labels of what is billed by the hour, whether used or not. */
const STREAM = 'Kinesis stream on demand';
const SHARDS = 'Kinesis shards';
const FAN_OUT = 'Enhanced fan-out';

/** Whether an item is of what only stands there. */
export function isStanding({ label }: Pick<CostItem, 'label'>): boolean {
  return [STREAM, SHARDS, FAN_OUT].includes(label);
}

/** What streams and their consumers cost for a number of hours, whether used or not. A rate, or a share: no hour is rounded. */
export function standingItems(shape: StackShape, prices: RegionPrices, hours: number): CostItem[] {
  return shape.streams.flatMap((stream) => [
    ...streamItems(stream, prices, hours),
    ...consumerItems(stream, prices, hours),
  ]);
}

function streamItems({ mode, shards }: StreamShape, { rates }: RegionPrices, hours: number): CostItem[] {
  if (mode === 'ON_DEMAND') return [costItem(STREAM, hours, rates.onDemandStreamHour)];
  return shards === null ? [] : [costItem(SHARDS, shards * hours, rates.shardHour)];
}

function consumerItems(
  { mode, shards, fanOutConsumers }: StreamShape,
  { rates }: RegionPrices,
  hours: number,
): CostItem[] {
  if (mode === 'ON_DEMAND' || shards === null) return [];
  return [costItem(FAN_OUT, shards * fanOutConsumers * hours, rates.fanOutShardHour)];
}

const HOUR_MS = 3_600_000;

/**
 * Hours that are billed for a time: shards, consumers and streams on demand are charged "at an hourly rate"
 * (https://aws.amazon.com/kinesis/data-streams/pricing/), which bills the hour that was begun; so one that is deleted after
 * ten minutes costs an hour.
 */
export function begunHours(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / HOUR_MS));
}

/** A stack's shape, and for how long it had it. */
export interface Stood {
  readonly shape: StackShape;
  readonly ms: number;
}

/** What AWS bills for a stack that stood: what an update replaces, or gives another number of shards, begins new hours. */
export function begunItems(life: readonly Stood[], prices: RegionPrices): CostItem[] {
  const ids = new Set(life.flatMap(({ shape }) => shape.streams.map(({ logicalId }) => logicalId)));
  return [...ids].flatMap((id) => {
    const stood = life.map(({ shape, ms }) => ({
      ms,
      stream: shape.streams.find(({ logicalId }) => logicalId === id),
    }));
    return [
      ...periodsOf(
        stood,
        (stream) => `${stream.mode} ${stream.shards}`,
        (stream, hours) => streamItems(stream, prices, hours),
      ),
      ...periodsOf(
        stood,
        (stream) => `${stream.mode} ${stream.shards} ${stream.fanOutConsumers}`,
        (stream, hours) => consumerItems(stream, prices, hours),
      ),
    ];
  });
}

/** Items of each period in which a stream stayed what it was. */
function periodsOf(
  stood: readonly { readonly ms: number; readonly stream: StreamShape | undefined }[],
  keyOf: (stream: StreamShape) => string,
  itemsOf: (stream: StreamShape, hours: number) => CostItem[],
): CostItem[] {
  const periods: { readonly key: string; readonly stream: StreamShape | undefined; ms: number }[] = [];
  for (const { stream, ms } of stood) {
    const key = stream === undefined ? '' : keyOf(stream);
    const last = periods.at(-1);
    if (last?.key === key) last.ms += ms;
    else periods.push({ key, stream, ms });
  }
  return periods.flatMap(({ stream, ms }) => (stream === undefined ? [] : itemsOf(stream, begunHours(ms))));
}

/** What has to be known of hours that are counted as begun. */
export function begunNote(milliseconds: number): string {
  const hours = begunHours(milliseconds);
  return `shards, their consumers and streams on demand are billed for every hour that one begins: ${hours} of each in about ${Math.ceil(milliseconds / 60_000)} min`;
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
