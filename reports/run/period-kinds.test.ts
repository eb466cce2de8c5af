import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import { isLongPeriod, periodCounts, periodKind } from './period-kinds.ts';

const MINUTE = 60_000;

/** A run whose measurement lasts from one time to another, seconds after a full minute. */
function measured(fromSecond: number, toSecond: number): RunResult {
  const { result } = fixture('valid');
  return {
    ...result,
    measuredFrom: new Date(fromSecond * 1000).toISOString(),
    plan: { ...result.plan, durationMs: (toSecond - fromSecond) * 1000 },
  };
}

const kinds = (result: RunResult, minutes: readonly number[]) =>
  minutes.map((minute) => periodKind(result, minute * MINUTE, MINUTE));

test('a minute is pure when nothing but measurement fell into it', () => {
  assert.deepEqual(kinds(measured(90, 330), [0, 1, 2, 3, 4, 5, 6]), [
    'outside',
    'before',
    'pure',
    'pure',
    'pure',
    'after',
    'outside',
  ]);
  assert.deepEqual(kinds(measured(70, 90), [0, 1, 2]), ['outside', 'both', 'outside']);
  assert.deepEqual(kinds(measured(60, 120), [0, 1, 2]), ['outside', 'pure', 'outside']);
});

test('the minutes that overlap the measurement are counted, and the pure ones of them', () => {
  assert.deepEqual(periodCounts(measured(90, 330), MINUTE), { all: 5, pure: 3 });
  assert.deepEqual(periodCounts(measured(70, 90), MINUTE), { all: 1, pure: 0 });
  assert.deepEqual(periodCounts(measured(110, 130), MINUTE), { all: 2, pure: 0 });
  assert.deepEqual(periodCounts(measured(60, 120), MINUTE), { all: 1, pure: 1 });
});

test('a run that was cut short measured only as long as it has seconds', () => {
  const whole = measured(60, 600);
  const cut = { ...whole, partial: true, intervals: whole.intervals.slice(0, 65) };
  assert.deepEqual(periodCounts(cut, MINUTE), { all: 2, pure: 1 });
});

test('seconds are not worth a mark, minutes are', () => {
  assert.deepEqual([1_000, 60_000].map(isLongPeriod), [false, true]);
});
