/** What workers on Fargate cost, against bills worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetItems, type Machine, machineText } from './fleet-cost.ts';
import { pricesOf, readPrices } from './prices.ts';

const PRICES = pricesOf(readPrices(), 'us-east-1');
const MACHINE: Machine = { vcpus: 1, memoryMib: 2048, architecture: 'X86_64', hasPublicAddress: true };
const MINUTE_MS = 60_000;

function billOf(machine: Machine, workers: number, ms: number): Record<string, number> {
  const items = fleetItems(machine, { workers, ms }, PRICES) ?? [];
  return Object.fromEntries(items.map(({ label, cost }) => [label, Number(cost.toFixed(7))]));
}

test('eight workers of 14 minutes cost their processors, memory and addresses', () => {
  // 8 × 840 s are 1.8667 hours: × 0.04048, × 2 GB × 0.004445; eight addresses begin an hour each.
  assert.deepEqual(billOf(MACHINE, 8, 14 * MINUTE_MS), {
    'Fargate processors': 0.0755627,
    'Fargate memory': 0.0165947,
    'Public IPv4 addresses': 0.04,
  });
});

test('ARM is cheaper, and without a public address none is paid for', () => {
  const machine: Machine = { vcpus: 4, memoryMib: 8192, architecture: 'ARM64', hasPublicAddress: false };
  // 2 × 2 h: 4 h × 4 vCPU × 0.03238, 4 h × 8 GB × 0.00356.
  assert.deepEqual(billOf(machine, 2, 120 * MINUTE_MS), {
    'Fargate processors': 0.51808,
    'Fargate memory': 0.11392,
  });
});

test('a minute is billed at the least, seconds are rounded up, and an address begins hours', () => {
  assert.deepEqual(billOf(MACHINE, 1, 5000), billOf(MACHINE, 1, MINUTE_MS));
  const processors = (ms: number) => billOf(MACHINE, 3600, ms)['Fargate processors'];
  assert.equal(processors(60_001), Number((61 * 0.04048).toFixed(7)));
  assert.equal(billOf(MACHINE, 1, 61 * MINUTE_MS)['Public IPv4 addresses'], 0.01);
});

test('a table without these prices leaves the cost unknown, not zero', () => {
  const { fargateX86VcpuHour: _, ...rates } = PRICES.rates;
  assert.equal(fleetItems(MACHINE, { workers: 1, ms: 1 }, { ...PRICES, rates }), null);
});

test('each price that is missing leaves the cost unknown', () => {
  for (const name of ['fargateX86VcpuHour', 'fargateX86GigabyteHour', 'publicAddressHour'] as const) {
    const { [name]: _, ...rates } = PRICES.rates;
    assert.equal(fleetItems(MACHINE, { workers: 1, ms: 1 }, { ...PRICES, rates }), null, name);
  }
});

test('a machine is told in words', () => {
  assert.equal(machineText(MACHINE), '1 vCPU, 2 GB, X86_64, public address');
  assert.equal(
    machineText({ ...MACHINE, memoryMib: 512, hasPublicAddress: false }),
    '1 vCPU, 0.5 GB, X86_64',
  );
});
