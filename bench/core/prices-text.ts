/** How a price list is named wherever a cost is shown. Pure. */

/** Which prices a cost was worked out by. */
export interface PricesOf {
  /** The dates of the copies. */
  readonly pricesAsOf: string;
  /** Whose prices they are; left out of older results. */
  readonly pricesRegion?: string;
}

/** That part of a cost. */
export function pricesOf({ pricesAsOf, pricesRegion }: PricesOf): PricesOf {
  return { pricesAsOf, ...(pricesRegion === undefined ? {} : { pricesRegion }) };
}

/** `list prices of us-east-1, as of 2024-07 to 2026-11`. */
export function pricesText({ pricesAsOf, pricesRegion }: PricesOf): string {
  return `list prices${pricesRegion === undefined ? '' : ` of ${pricesRegion}`}, as of ${pricesAsOf}`;
}
