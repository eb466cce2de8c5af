import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, CloudWatchBed, metricQuery, RECORDS } from './testing/cloudwatch.ts';

const MINUTE = 60;

/** The documented rules, on the values themselves: seconds after the hour throughout. */
function expected(
  values: readonly (readonly [number, number])[],
  { start, end, period, local }: { start: number; end: number; period: number; local: boolean },
): [number, number][] {
  const unit = Math.min(period, MINUTE);
  const first = Math.floor(start / unit) * unit;
  const sums = new Map<number, number>();
  for (const [second, value] of values) {
    // When the service published the value: AWS by the minute, the stage by the second.
    const published = local ? second : Math.floor(second / MINUTE) * MINUTE;
    if (published < first || published >= end) continue;
    const begin = first + Math.floor((published - first) / period) * period;
    sums.set(begin, (sums.get(begin) ?? 0) + value);
  }
  return [...sums];
}

test('any window and period answers the sums of the values published in it', async () => {
  const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { maxLength: 40 });
  const window = fc.record({
    start: fc.integer({ min: 0, max: 1_000 }),
    length: fc.integer({ min: 1, max: 1_000 }),
    period: fc.constantFrom(1, 5, 10, 20, 30, 60, 120, 300),
    local: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(seconds, window, async (unsorted, { start, length, period, local }) => {
      const bed = new CloudWatchBed();
      const values = unsorted
        .sort((one, other) => one - other)
        .map((second) => [second, second + 1] as const);
      await bed.record(RECORDS, values);
      const end = start + length;
      const input = { StartTime: at(start), EndTime: at(end) };
      assert.deepEqual(
        bed.points([metricQuery(RECORDS, { period, local })], input),
        expected(values, { start, end, period, local }),
      );
    }),
    { numRuns: 150 },
  );
});
