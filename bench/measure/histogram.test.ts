import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HistogramLogReader } from 'hdr-histogram-js';
import { addSparse, histogramOf, newHistogram, quantilesOf, sparseOf } from './histogram.ts';
import { HistogramSum } from './histogram-sum.ts';
import { latencyLog } from './hlog.ts';
import { emptySecond, type SecondSum } from './second.ts';

const values = fc.array(fc.nat(3_600_000_000), { maxLength: 300 });

test('a histogram taken apart and added up again is the same, bucket for bucket', () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const parts = [left, right].map((some) => {
        const histogram = newHistogram(32);
        for (const value of some) histogram.recordValue(value);
        return histogram;
      });
      const whole = newHistogram();
      for (const value of [...left, ...right]) whole.recordValue(value);
      const sum = newHistogram();
      for (const part of parts) {
        const sparse = sparseOf(part);
        if (sparse !== null) addSparse(sum, sparse);
      }
      assert.deepEqual(quantilesOf(sum), quantilesOf(whole));
      assert.deepEqual(sparseOf(sum), sparseOf(whole));
    }),
    { numRuns: 50 },
  );
});

test('a percentile with fewer than ten samples beyond it is absent', () => {
  const filled = (count: number) => {
    const histogram = newHistogram();
    for (let value = 1; value <= count; value++) histogram.recordValue(value * 1000);
    return quantilesOf(histogram);
  };
  const supports = (count: number) =>
    (['p50', 'p90', 'p95', 'p99', 'p999'] as const).filter((name) => filled(count)[name] !== null);
  assert.deepEqual(supports(19), []);
  assert.deepEqual(supports(20), ['p50']);
  assert.deepEqual(supports(999), ['p50', 'p90', 'p95']);
  assert.deepEqual(supports(1000), ['p50', 'p90', 'p95', 'p99']);
  assert.deepEqual(supports(9_999).at(-1), 'p99');
  assert.deepEqual(supports(10_000).at(-1), 'p999');
  assert.deepEqual(filled(0), {
    count: 0,
    min: null,
    mean: null,
    p50: null,
    p90: null,
    p95: null,
    p99: null,
    p999: null,
    max: null,
  });
});

test('the log is read back by a log reader, and its lines add up to the whole', () => {
  const seconds: SecondSum[] = [0, 1, 2].map((second) => {
    const histogram = newHistogram(32);
    for (let value = 0; value < 1000; value++) histogram.recordValue(1000 + second * 500 + value * 3);
    const response = new HistogramSum();
    response.add(sparseOf(histogram)!);
    response.add(sparseOf(histogram)!);
    return { ...emptySecond(second), histograms: second === 1 ? {} : { response } };
  });
  const reader = new HistogramLogReader(latencyLog(seconds, 1_700_000_000_123));
  const response = newHistogram();
  const starts: number[] = [];
  for (let line = reader.nextIntervalHistogram(); line !== null; line = reader.nextIntervalHistogram()) {
    if (line.tag !== 'response') continue;
    response.add(line as unknown as Parameters<typeof response.add>[0]);
    starts.push(line.startTimeStampMsec);
  }
  const parts = seconds.flatMap(({ histograms }) => histograms.response?.toSparse() ?? []);
  const expected = histogramOf(parts);
  assert.equal(response.totalCount, 4000);
  for (const percentile of [0, 50, 90, 99, 99.9]) {
    assert.equal(response.getValueAtPercentile(percentile), expected.getValueAtPercentile(percentile));
  }
  assert.deepEqual(starts, [1_700_000_000_123, 1_700_000_002_123]);
});
