/** Seconds as they are read from a log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { countOf, readSeconds, scaled } from './second-histograms.ts';

function line(tag: string, second: number | string, values: readonly number[]): string {
  const histogram = build({ autoResize: true, numberOfSignificantValueDigits: 3 });
  for (const value of values) histogram.recordValue(value);
  return `Tag=${tag},${second},1.000,0.100,${encodeIntoCompressedBase64(histogram)}`;
}

const HEAD = '#[Histogram log format version 1.3]';

test('each second has its values in milliseconds and their counts, and a second without any is empty', () => {
  const log = [
    HEAD,
    line('response', '2.001', [1000, 3000, 1000]),
    line('service', '1.000', [7]),
    line('response', '0.000', [500]),
    line('responses', '3.000', [7]),
    line('response', '4.000', []),
  ];
  const expected = {
    seconds: [
      { values: [0.5], counts: [1] },
      { values: [], counts: [] },
      { values: [1, 3.001], counts: [2, 1] },
      { values: [], counts: [] },
      { values: [], counts: [] },
    ],
    damagedLines: 0,
  };
  const read = readSeconds(log.join('\n'), 'response');
  assert.deepEqual(
    read.seconds.map(({ counts }) => counts),
    expected.seconds.map(({ counts }) => counts),
  );
  assert.ok(Math.abs(read.seconds[2]!.values[1]! - 3) < 0.01);
  assert.deepEqual(read.seconds[0], expected.seconds[0]);
  assert.equal(read.damagedLines, 0);
  assert.deepEqual(readSeconds(log.join('\r\n'), 'response'), read);
  assert.equal(countOf(read.seconds), 4);
});

test('lines that cannot be decoded, and those before the beginning, are damaged', () => {
  const whole = line('response', '1.000', [5]);
  const log = [
    whole.slice(0, -12),
    line('response', '-1.000', [5]),
    line('response', 'x', [5]),
    'Tag=response,',
  ];
  const { seconds, damagedLines } = readSeconds(log.join('\n'), 'response');
  assert.deepEqual([seconds, damagedLines], [[], 4]);
  assert.deepEqual(readSeconds('', 'response'), { seconds: [], damagedLines: 0 });
});

test('scaled seconds have every latency multiplied, and their counts as they were', () => {
  const seconds = [{ values: [1, 2], counts: [3, 4] }];
  assert.deepEqual(scaled(seconds, 1.5), [{ values: [1.5, 3], counts: [3, 4] }]);
});
