import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TestClock } from '../testing/test-clock.ts';
import { BUCKETS, bucketOf, middleOf } from './distribution.ts';
import { MetricStore } from './metrics.ts';

/** How far the middle of a bucket can be from a value in it, as a share of the value, and in the bucket of zero. */
const RELATIVE_ERROR = 1 / 256;
const ABSOLUTE_ERROR_MS = 1 / 1024;

const ORIGIN_MS = 1_700_000_040_000;

const durationMs = fc.oneof(
  fc.double({ min: 0, max: 50, noNaN: true }),
  fc.double({ min: 0, max: 86_400_000, noNaN: true }),
  fc.integer({ min: 0, max: 20 }),
);

/** Values recorded in one second by one of two meters that share a name. */
const second = fc.record({
  waitMs: fc.integer({ min: 1, max: 4 }).map((seconds) => seconds * 1_000),
  meter: fc.integer({ min: 0, max: 1 }),
  values: fc.array(durationMs, { minLength: 1, maxLength: 30 }),
});

function identity(dimensions: Readonly<Record<string, string>>) {
  return { namespace: 'AWS/Lambda', name: 'Duration', dimensions, unit: 'Milliseconds' } as const;
}

/** Nearest rank on all the values themselves. */
function exactPercentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]!;
}

test('a bucket lies within its error of every value in it, and larger values have larger buckets', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 2 ** 33, maxExcluded: true, noNaN: true }),
      durationMs,
      (one, other) => {
        const bucket = bucketOf(one);
        assert.ok(bucket >= 0 && bucket < BUCKETS, `${bucket} is a bucket`);
        const bound = Math.max(ABSOLUTE_ERROR_MS, one * RELATIVE_ERROR);
        assert.ok(Math.abs(middleOf(bucket) - one) <= bound, `${middleOf(bucket)} stands for ${one}`);
        assert.equal(Math.sign(bucketOf(other) - bucket) * Math.sign(other - one) >= 0, true);
      },
    ),
  );
});

test('percentiles of any union of periods and meters are those of the values, within 1/256', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(second, { minLength: 1, maxLength: 20 }),
      fc.oneof(fc.constantFrom(0, 50, 90, 99, 99.9, 100), fc.double({ min: 0, max: 100, noNaN: true })),
      fc.constantFrom(1, 5, 60, 120),
      async (seconds, percentile, periodSeconds) => {
        const clock = new TestClock(ORIGIN_MS);
        const store = new MetricStore({ clock, periodMs: 1_000 });
        const all = identity({ FunctionName: 'f' });
        const meters = ['a', 'b'].map((Resource) => {
          const own = identity({ FunctionName: 'f', Resource });
          store.alias(own, all);
          return store.meter(own);
        });
        const twin = new Map<number, number[]>();
        const periodMs = periodSeconds * 1_000;
        for (const { waitMs, meter, values } of seconds) {
          for (const value of values) meters[meter]!.record(value);
          const period = Math.floor(clock.epochAt(clock.now()) / periodMs) * periodMs;
          twin.set(period, [...(twin.get(period) ?? []), ...values]);
          await clock.advance(waitMs);
        }
        const startEpochMs = Math.floor(ORIGIN_MS / periodMs) * periodMs;
        const window = { startEpochMs, endEpochMs: ORIGIN_MS + 1e6, periodMs };
        const answer = store.answer(all, { percentile }, window);
        assert.deepEqual(answer.timestamps, [...twin.keys()]);
        assert.equal(answer.unknown, 0);
        for (const [index, values] of [...twin.values()].entries()) {
          const exact = exactPercentile(values, percentile);
          const error = Math.abs(answer.values[index]! - exact);
          const bound = Math.max(ABSOLUTE_ERROR_MS, exact * RELATIVE_ERROR);
          assert.ok(error <= bound, `p${percentile} is ${answer.values[index]}, should be ${exact}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});
