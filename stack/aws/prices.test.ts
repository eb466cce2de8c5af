/** The price table: what it may hold, and whose prices a region has. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PriceTable, pricesOf, readPrices } from './prices.ts';

const TABLE = readPrices();
const [EAST] = Object.values(TABLE.regions) as [PriceTable['regions'][string]];

/** A table read from a file, with prices changed. */
function read(changes: object, table: object = {}): PriceTable {
  const directory = mkdtempSync(join(tmpdir(), 'prices-test-'));
  const path = join(directory, 'prices.json');
  try {
    const regions = { 'us-east-1': { ...EAST, ...changes } };
    writeFileSync(path, JSON.stringify({ ...TABLE, regions, ...table }));
    return readPrices(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a table without the prices of a fleet is read, and one without any other is not', () => {
  const names = Object.keys(EAST);
  const optional = names.filter((name) => {
    try {
      read({ [name]: undefined });
      return true;
    } catch {
      return false;
    }
  });
  assert.deepEqual(optional, [
    'fargateX86VcpuHour',
    'fargateX86GigabyteHour',
    'fargateArmVcpuHour',
    'fargateArmGigabyteHour',
    'publicAddressHour',
  ]);
  assert.equal(names.length, 20, 'all that is priced is in our own table');
});

test('tiers are none where none are given', () => {
  const { tiers: _, ...flat } = EAST.putUnit;
  assert.deepEqual(read({ putUnit: flat }).regions['us-east-1']!.putUnit.tiers, []);
});

test('a table with a wrong field is refused with its name and a remedy', () => {
  assert.throws(
    () => read({ shardHour: { ...EAST.shardHour, usd: 'free' } }),
    /^Error: it has wrong fields: regions\.us-east-1\.shardHour\.usd: .*\. Correct it, or start from a copy/,
  );
});

test('what no price list says is refused', () => {
  const refusals: readonly [name: string, price: object][] = [
    ['less than nothing', { usd: -0.01 }],
    ['per nothing', { per: 0 }],
    ['no unit', { unit: 5 }],
    ['no page', { source: 'aws' }],
    ['not a date', { asOf: 'x2026-01' }],
    ['not a date', { asOf: '2026-01x' }],
    ['not a date', { asOf: '26-01' }],
    ['not a date', { asOf: '2026-1' }],
    ['not a date', { asOf: '2026-01-1' }],
    ['not a date', { asOf: '2026-ab-cd' }],
    ['not a date', { asOf: 'abcd-01' }],
    ['not a date', { asOf: '2026-01-ab' }],
    ['unknown', { discount: 1 }],
    ['tier from nothing', { tiers: [{ above: 0, usd: 1 }] }],
    ['tier below nothing', { tiers: [{ above: 1, usd: -1 }] }],
    ['unknown in a tier', { tiers: [{ above: 1, usd: 1, per: 1 }] }],
    [
      'falling',
      {
        tiers: [
          { above: 2, usd: 1 },
          { above: 1, usd: 1 },
        ],
      },
    ],
    [
      'level',
      {
        tiers: [
          { above: 2, usd: 1 },
          { above: 2, usd: 1 },
        ],
      },
    ],
  ];
  for (const [name, change] of refusals)
    assert.throws(
      () => read({ putUnit: { ...EAST.putUnit, ...change } }),
      `${name}: ${JSON.stringify(change)}`,
    );
  const falling = [
    { above: 2, usd: 1 },
    { above: 1, usd: 1 },
  ];
  assert.throws(() => read({ putUnit: { ...EAST.putUnit, tiers: falling } }), /tiers have to rise/);
  for (const table of [
    { currency: 'EUR' },
    { collectedOn: 'today' },
    { comment: 1 },
    { regions: {} },
    { more: 1 },
  ])
    assert.throws(() => read({}, table), JSON.stringify(table));
  assert.throws(() => read({ anotherPrice: EAST.putUnit }));
});

test('what a price list may say is read', () => {
  const free = {
    ...EAST.putUnit,
    usd: 0,
    asOf: '2026-01-31',
    tiers: [
      { above: 1, usd: 0 },
      { above: 2, usd: 3 },
    ],
  };
  assert.deepEqual(read({ putUnit: free }).regions['us-east-1']!.putUnit, free);
});

test('a region of the table has its own prices', () => {
  const west = { ...EAST, putUnit: { ...EAST.putUnit, asOf: '2023-05' } };
  const table = { ...TABLE, regions: { 'us-east-1': EAST, 'us-west-2': west } };
  assert.deepEqual(pricesOf(table, 'us-west-2'), {
    rates: west,
    region: 'us-west-2',
    guardFactor: 1,
    asOf: '2023-05 to 2026-11',
    note: null,
  });
});

test('a region that the table does not have borrows the first one’s prices, and says so', () => {
  const rates = Object.fromEntries(
    Object.entries(EAST).map(([name, price]) => [name, { ...price, asOf: '2026-03' }]),
  ) as typeof EAST;
  const table = { ...TABLE, regions: { 'eu-west-1': rates, 'us-east-1': EAST } };
  assert.deepEqual(pricesOf(table, 'sa-east-1'), {
    rates,
    region: 'eu-west-1',
    guardFactor: 2,
    asOf: '2026-03',
    note: 'the table has no prices for sa-east-1: those of eu-west-1 stand in, and a limit is held against 2 times as much',
  });
});
