/** How a price list is named wherever a cost is shown. Pure. */
import type { z } from 'zod';
import { saved, text } from './saved.ts';

/** Which prices a cost was worked out by. */
export const PRICES_OF = saved({
  /** The dates of the copies. */
  pricesAsOf: text,
  /** Whose prices they are; left out of older results. */
  pricesRegion: text.exactOptional(),
});

export type PricesOf = Readonly<z.output<typeof PRICES_OF>>;

/** That part of a cost. */
export function pricesOf({ pricesAsOf, pricesRegion }: PricesOf): PricesOf {
  return { pricesAsOf, ...(pricesRegion === undefined ? {} : { pricesRegion }) };
}

/** `list prices of us-east-1, as of 2024-07 to 2026-11`. */
export function pricesText({ pricesAsOf, pricesRegion }: PricesOf): string {
  return `list prices${pricesRegion === undefined ? '' : ` of ${pricesRegion}`}, as of ${pricesAsOf}`;
}
