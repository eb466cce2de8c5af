import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { mergeLog } from './histogram-log.ts';

function line(tag: string, second: number, values: readonly number[]): string {
  const histogram = build({ autoResize: true, numberOfSignificantValueDigits: 3 });
  for (const value of values) histogram.recordValue(value);
  return `Tag=${tag},${second}.000,1.000,0.100,${encodeIntoCompressedBase64(histogram)}`;
}

const HEAD = '#[Histogram log format version 1.3]\n#[StartTime: 1772443805 (seconds since epoch)]\n';

test('the seconds of a series merge into one histogram with all their counts', () => {
  const log = `${HEAD}${line('response', 0, [10, 20, 30])}\n${line('response', 1, [40_000_000, 20])}\n`;
  const merged = mergeLog(log, ['response']).histograms.get('response');
  assert.equal(merged?.totalCount, 5);
  assert.equal(merged?.getValueAtPercentile(40), 20);
  assert.ok((merged?.maxValue ?? 0) >= 40_000_000);
});

test('series are kept apart, and those not asked for are left out', () => {
  const log = `${HEAD}${line('response', 0, [1])}\n${line('service', 0, [2, 3])}\n${line('sendLag', 0, [4])}\n`;
  const { histograms } = mergeLog(log, ['response', 'service']);
  assert.deepEqual(
    [...histograms].map(([tag, histogram]) => [tag, histogram.totalCount]),
    [
      ['response', 1],
      ['service', 2],
    ],
  );
});

test('a line cut short is counted as damaged and the others still count', () => {
  const whole = line('response', 0, [1, 2]);
  const log = `${HEAD}${whole}\n${whole.slice(0, -20)}\n${whole}\nTag=resp`;
  const { histograms, damagedLines } = mergeLog(log, ['response']);
  assert.equal(histograms.get('response')?.totalCount, 4);
  assert.equal(damagedLines, 2);
});

test('an empty log has no series', () => {
  assert.deepEqual(mergeLog('', ['response']), { histograms: new Map(), damagedLines: 0 });
});
