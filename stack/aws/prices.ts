/**
 * The dated price table: `stack/prices.json`, or another file of the same form. A price is what AWS lists, with the page
 * that says so and the date of the copy; nothing here knows discounts or free tiers. A region that the table does not
 * have is priced as the table's first region, and the note says so; what guards a limit counts {@link STAND_IN_FACTOR} times as much.
 */

import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigurationError, wrongFields } from '../../bench/model/failure.ts';
import { PLAN_FILE_BYTES, readTextFile } from '../../bench/node/bounded-file.ts';

const DEFAULT_FILE = fileURLToPath(new URL('../prices.json', import.meta.url));

const PRICE = z.strictObject({
  usd: z.number().nonnegative(),
  /** Units that `usd` buys. */
  per: z.number().positive(),
  unit: z.string(),
  /** What `per` units cost above so many units a month; rising. */
  tiers: z
    .array(z.strictObject({ above: z.number().positive(), usd: z.number().nonnegative() }))
    .default([])
    .refine(
      (tiers) => tiers.every(({ above }, at) => at === 0 || above > tiers[at - 1]!.above),
      'tiers have to rise',
    ),
  source: z.url(),
  asOf: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/),
});

const RATES = z.strictObject({
  webSocketMessage: PRICE,
  webSocketConnectionMinute: PRICE,
  shardHour: PRICE,
  putUnit: PRICE,
  fanOutShardHour: PRICE,
  fanOutGigabyte: PRICE,
  onDemandStreamHour: PRICE,
  onDemandGigabyteIn: PRICE,
  onDemandGigabyteOut: PRICE,
  onDemandFanOutGigabyte: PRICE,
  lambdaRequest: PRICE,
  lambdaX86GigabyteSecond: PRICE,
  lambdaArmGigabyteSecond: PRICE,
  metricRequested: PRICE,
  internetGigabyteOut: PRICE,
  // Of a fleet's machines, Linux on Fargate; left out of tables that were made before they were priced.
  fargateX86VcpuHour: PRICE.exactOptional(),
  fargateX86GigabyteHour: PRICE.exactOptional(),
  fargateArmVcpuHour: PRICE.exactOptional(),
  fargateArmGigabyteHour: PRICE.exactOptional(),
  publicAddressHour: PRICE.exactOptional(),
});

/** `stack/prices.json`, or another table in its place. */
export const PRICE_TABLE = z.strictObject({
  currency: z.literal('USD'),
  collectedOn: z.iso.date(),
  comment: z.string(),
  regions: z.record(z.string(), RATES).refine((regions) => Object.keys(regions).length > 0),
});

export type Price = z.output<typeof PRICE>;
export type Rates = z.output<typeof RATES>;
export type PriceTable = z.output<typeof PRICE_TABLE>;

/**
 * No region asks more than this many times what us-east-1 does for anything in the table, as far as its dearest regions are
 * known: São Paulo asks 2.0 times as much for a shard hour, 1.72 times for Fargate's vCPU hour, and 1.67 times for a gigabyte
 * sent to the internet (copies of AWS's price list of 2026-09).
 */
export const STAND_IN_FACTOR = 2;

/** The prices of one region. */
export interface RegionPrices {
  readonly rates: Rates;
  /** Whose prices they are. */
  readonly region: string;
  /** How many times as much a guard has to count: more than 1 where another region's prices stand in. */
  readonly guardFactor: number;
  /** The dates of the copies: `2024-07 to 2026-11`. */
  readonly asOf: string;
  /** Set when another region's prices stand in. */
  readonly note: string | null;
}

/** Reads and checks a price table. Throws with what is wrong with its fields, or the file system's message. */
export function readPrices(path: string = DEFAULT_FILE): PriceTable {
  const parsed = PRICE_TABLE.safeParse(JSON.parse(readTextFile(path, PLAN_FILE_BYTES)));
  if (!parsed.success)
    throw new ConfigurationError([
      `${wrongFields(parsed.error)}. Correct it, or start from a copy of stack/prices.json`,
    ]);
  return parsed.data;
}

/** The prices of a region, or of the table's first where it has no such region. */
export function pricesOf(table: PriceTable, region: string): RegionPrices {
  const [[standIn, first]] = Object.entries(table.regions) as [[string, Rates]];
  const rates = table.regions[region];
  const dates = Object.values(rates ?? first)
    .map(({ asOf }) => asOf)
    .sort();
  const [oldest, newest] = [dates[0]!, dates.at(-1)!];
  return {
    rates: rates ?? first,
    region: rates === undefined ? standIn : region,
    guardFactor: rates === undefined ? STAND_IN_FACTOR : 1,
    asOf: oldest === newest ? oldest : `${oldest} to ${newest}`,
    note:
      rates === undefined
        ? `the table has no prices for ${region}: those of ${standIn} stand in, and a limit is held against ${STAND_IN_FACTOR} times as much`
        : null,
  };
}
