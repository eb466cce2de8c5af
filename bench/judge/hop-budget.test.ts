import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recorder } from '../measure/recorder.ts';
import { Rollup } from '../measure/rollup.ts';
import type { HopBudget } from '../model/result.ts';
import { hopBudgetOf } from './hop-budget.ts';

const EPOCH_MS = 1_700_000_000_000;

interface Way {
  readonly sentMs: number;
  /** Of the stage's clocks, since the same origin. */
  readonly stamps: readonly [arrivedMs: number, startedMs: number, postedMs: number];
  readonly arrivedMs: number;
  readonly serviceMs?: number;
}

function budgetOf(ways: readonly Way[]): HopBudget | null {
  const recorder = new Recorder({ violationLimit: 0 });
  for (const { sentMs, stamps, arrivedMs, serviceMs } of ways) {
    const [arrived, started, posted] = stamps.map((stamp) => EPOCH_MS + stamp);
    const hops = { arrivedMs: arrived!, startedMs: started!, postedMs: posted!, record: '1', shard: 's' };
    recorder.hops(hops, EPOCH_MS + sentMs, EPOCH_MS + arrivedMs, serviceMs ?? arrivedMs - sentMs);
  }
  const rollup = new Rollup();
  rollup.add(recorder.flush(0, 1, null));
  return hopBudgetOf(rollup);
}

test('four hops add up to the service time, whatever fractions of a millisecond the stamps have lost', () => {
  const ways = Array.from({ length: 100 }, (_, index): Way => {
    const sentMs = index * 1.2345678;
    const at = (laterMs: number) => Math.ceil(sentMs + laterMs);
    return { sentMs, stamps: [at(3), at(11), at(12)], arrivedMs: sentMs + 20.1234567 + index / 7 };
  });
  const { sum, shares } = budgetOf(ways)!;
  assert.equal(sum?.samples, 100);
  assert.ok(Math.abs(sum.differenceMs) <= sum.toleranceMs, `${sum.differenceMs}`);
  assert.ok(sum.toleranceMs < 0.01, 'whole milliseconds cancel');
  const { ingest, queue, process, deliver } = shares!;
  assert.ok(Math.abs(ingest + queue + process + deliver - 1) < 1e-12, 'shares are of the whole');
});

test('an offset between clocks moves time from hop to hop and leaves the sum alone', () => {
  const [level, ahead] = [0, 3].map(
    (offset) => budgetOf([{ sentMs: 0, stamps: [10 + offset, 14 + offset, 15 + offset], arrivedMs: 20 }])!,
  );
  assert.deepEqual(level!.shares, { ingest: 0.5, queue: 0.2, process: 0.05, deliver: 0.25 });
  assert.deepEqual(ahead!.shares, { ingest: 0.65, queue: 0.2, process: 0.05, deliver: 0.1 });
  assert.equal(ahead!.sum?.differenceMs, 0);
  assert.deepEqual([ahead!.sum?.hopsMeanMs, ahead!.sum?.serviceMeanMs], [20, 20]);
});

test('a message with a hop below zero is not in the sum, and alone leaves none', () => {
  const sound: Way = { sentMs: 0, stamps: [2, 3, 4], arrivedMs: 5 };
  const negative: Way = { sentMs: 0.5, stamps: [0, 3, 4], arrivedMs: 5 };
  assert.equal(budgetOf([sound, negative])?.sum?.samples, 1);
  const alone = budgetOf([negative])!;
  assert.deepEqual([alone.sum, alone.shares, alone.ingest.count], [undefined, undefined, 1]);
});

test('a hop that is missing or counted twice shows in the difference', () => {
  const { sum } = budgetOf([{ sentMs: 0, stamps: [2, 3, 4], arrivedMs: 5, serviceMs: 6 }])!;
  assert.ok(Math.abs(sum!.differenceMs) > sum!.toleranceMs, `${sum!.differenceMs}`);
});

test('without traced messages there is no budget', () => {
  assert.equal(budgetOf([]), null);
});
