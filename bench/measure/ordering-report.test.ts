import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderingDetailOf } from '../judge/ordering-detail.ts';
import { HopMemory } from './ordering-hops.ts';
import { OrderSum } from './ordering-report.ts';
import { Recorder } from './recorder.ts';
import { Rollup } from './rollup.ts';

/** A worker on whose streams that many messages each were duplicated. */
function workerOf(duplicates: Readonly<Record<number, number>>, shortestWaitMs: number): Recorder {
  const recorder = new Recorder({ violationLimit: 0 });
  for (const [stream, count] of Object.entries(duplicates)) {
    for (let copy = 0; copy < count; copy++)
      recorder.streamViolation(Number(stream), 'duplicated', copy === 0);
    recorder.streamClosed(Number(stream), 10, shortestWaitMs);
  }
  return recorder;
}

test('reports of workers add up to the same in any order, by stream, shard, second and shortest wait', () => {
  const reports = [workerOf({ 0: 1, 2: 3 }, 900), workerOf({ 1: 2, 3: 1 }, 300)].map((recorder) => {
    recorder.shard('b', 'reordered');
    recorder.shard('a', 'delivered');
    recorder.lost(2);
    return recorder.flush(0, 1, null);
  });
  const details = [reports, [...reports].reverse()].map((order) => {
    const rollup = new Rollup();
    for (const report of order) rollup.add(report);
    return { detail: orderingDetailOf(rollup, 5000), lost: rollup.at(2)?.lost };
  });
  assert.deepEqual(details[0], details[1]);
  const { detail, lost } = details[0]!;
  assert.equal(lost, 2);
  assert.deepEqual(
    detail.streams.worst.map(({ stream, delivered, duplicated }) => [stream, delivered, duplicated]),
    [
      [2, 10, 3],
      [1, 10, 2],
      [0, 10, 1],
      [3, 10, 1],
    ],
  );
  assert.deepEqual(detail.shards, [
    { shard: 'a', delivered: 2, reordered: 0, duplicated: 0 },
    { shard: 'b', delivered: 2, reordered: 2, duplicated: 0 },
  ]);
  assert.equal(detail.waitingMs, 300);
});

test('a second is reported once', () => {
  const recorder = workerOf({ 0: 1 }, 900);
  recorder.flush(0, 1, null);
  const { order } = recorder.flush(1, 1, null);
  assert.deepEqual([order.affected, order.streams.size, order.shortestWaitMs], [0, 0, Infinity]);
});

test('only the twenty worst streams are told of, and the others are counted', () => {
  const rollup = new Rollup();
  const duplicates = Object.fromEntries(Array.from({ length: 50 }, (_, stream) => [stream, stream + 1]));
  rollup.add(workerOf(duplicates, 900).flush(0, 1, null));
  const { streams } = orderingDetailOf(rollup, 0);
  assert.deepEqual([streams.affected, streams.worst.length], [50, 20]);
  assert.deepEqual([streams.worst[0]?.stream, streams.worst[19]?.stream], [49, 30]);
});

test('streams beyond the limit are affected without a name, and shards beyond theirs are others', () => {
  const sum = new OrderSum(2);
  sum.add(workerOf({ 5: 1, 6: 1, 7: 1 }, 900).flush(0, 1, null).order);
  sum.add(workerOf({ 6: 1 }, 900).flush(1, 1, null).order);
  assert.deepEqual([...sum.streams.keys()], [5, 6]);
  assert.equal(sum.streams.get(6)?.duplicated, 2);
  assert.equal(sum.affected, 4);
  for (let shard = 0; shard < 1005; shard++) sum.shard(String(shard)).delivered++;
  assert.deepEqual([sum.shards.size, sum.shards.get('others')?.delivered], [1001, 5]);
});

test('a memory of traced arrivals keeps the latest and forgets the oldest', () => {
  const stamps = { arrivedMs: 1, startedMs: 2, postedMs: 3, record: '4', shard: 's' };
  const memory = new HopMemory(2);
  for (const sequence of [0, 1, 2]) memory.add(7, sequence, { ...stamps, record: String(sequence) });
  assert.equal(memory.find(7, 0), null);
  assert.equal(memory.find(7, 2)?.record, '2');
  assert.equal(memory.find(8, 2), null);
});
