import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StagePipeline } from '../../bench/model/result.ts';
import { apiDimensions } from '../pipeline.ts';
import { inCalls, metricQueries, PERIOD_MS, wholeMinutes } from './stack-metrics.ts';
import { PIPELINE } from './testing/pipeline.ts';

function queriesOf(pipeline: StagePipeline) {
  return metricQueries(pipeline, apiDimensions(pipeline));
}

function dimensionsOf(pipeline: StagePipeline, seriesId: string) {
  return queriesOf(pipeline).find((query) => query.seriesId === seriesId)?.source.dimensions;
}

test('every part is asked for under its own dimensions, the primary parts by plain names', () => {
  assert.deepEqual(dimensionsOf(PIPELINE, 'messageCount'), { ApiId: 'abc123', Stage: 'v1' });
  assert.deepEqual(dimensionsOf(PIPELINE, 'incomingRecords'), { StreamName: 'events' });
  assert.deepEqual(dimensionsOf(PIPELINE, 'millisBehindLatest'), {
    StreamName: 'events',
    ConsumerName: 'echo',
  });
  assert.deepEqual(dimensionsOf(PIPELINE, 'iteratorAge'), { FunctionName: 'echo-fn' });
  assert.deepEqual(dimensionsOf(PIPELINE, 'auditFunctionIteratorAge'), { FunctionName: 'audit-fn' });
  assert.equal(dimensionsOf(PIPELINE, 'getRecordsIteratorAge'), undefined, 'records are pushed');
});

test('without a consumer the lag is that of polling', () => {
  const polled = { ...PIPELINE, consumers: [] };
  assert.deepEqual(dimensionsOf(polled, 'getRecordsIteratorAge'), { StreamName: 'events' });
  assert.equal(dimensionsOf(polled, 'millisBehindLatest'), undefined);
});

test('percentiles of the duration are asked for', () => {
  const stats = queriesOf(PIPELINE)
    .filter(({ row, source }) => row.name === 'Duration' && source.dimensions.FunctionName === 'echo-fn')
    .map(({ row }) => row.stat);
  assert.deepEqual(stats, ['Average', 'p50', 'p99', 'Maximum']);
});

test('several streams and consumers have ids of their own, and none occurs twice', () => {
  const two = {
    ...PIPELINE,
    streams: [...PIPELINE.streams, { logicalId: 'Other', name: 'other' }],
    consumers: [...PIPELINE.consumers, { logicalId: 'Second', name: 'second', streamName: 'events' }],
  };
  const ids = queriesOf(two).map(({ seriesId }) => seriesId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ['otherIncomingRecords', 'otherGetRecordsIteratorAge', 'secondMillisBehindLatest'])
    assert.ok(ids.includes(id), id);
});

test('a pipeline without an API or stream is asked for what there is', () => {
  const bare = { ...PIPELINE, api: null, streams: [], consumers: [] };
  const namespaces = new Set(queriesOf(bare).map(({ source }) => source.namespace));
  assert.deepEqual([...namespaces], ['AWS/Lambda']);
});

test('a window is whole minutes that cover the run, at least one', () => {
  const minute = 28_333_334 * PERIOD_MS;
  const cover = (start: number, end: number) => {
    const { startEpochMs, endEpochMs } = wholeMinutes(minute + start, minute + end);
    return [(startEpochMs - minute) / PERIOD_MS, (endEpochMs - minute) / PERIOD_MS];
  };
  assert.deepEqual(cover(1, 59_999), [0, 1]);
  assert.deepEqual(cover(59_999, 60_001), [0, 2]);
  assert.deepEqual(cover(0, 60_000), [0, 1]);
  assert.deepEqual(cover(0, 0), [0, 1]);
});

test('calls keep to 500 queries and 100,800 values, and lose no query', () => {
  const functions = Array.from({ length: 120 }, (_, index) => ({
    logicalId: `F${index}`,
    name: `f${index}`,
  }));
  const queries = queriesOf({ ...PIPELINE, functions });
  for (const [minutes, largest] of [
    [1, 500],
    [201, 500],
    [202, 499],
    [1440, 70],
  ] as const) {
    const calls = inCalls(queries, { startEpochMs: 0, endEpochMs: minutes * PERIOD_MS });
    assert.deepEqual(calls.flat(), queries);
    assert.equal(Math.max(...calls.map((call) => call.length)), largest);
    for (const call of calls) assert.ok(call.length * minutes <= 100_800, `${call.length} × ${minutes}`);
  }
});
