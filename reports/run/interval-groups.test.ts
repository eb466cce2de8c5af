import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../testing/fixture.ts';
import { groupedIntervals } from './interval-groups.ts';

const { intervals } = fixture('violations').result;

test('groups cover every second once, and their sums are the whole', () => {
  const groups = groupedIntervals(intervals, 10);
  assert.ok(groups.length <= 10);
  assert.deepEqual(
    groups.slice(1).map((group) => group.from),
    groups.slice(0, -1).map((group) => group.to),
  );
  assert.equal(
    groups.reduce((sum, group) => sum + group.sum((i) => i.reordered), 0),
    117,
  );
});

test('a group shows its worst second, and nothing where no second has a value', () => {
  const [all] = groupedIntervals(intervals, 1);
  assert.equal(
    all?.worst((i) => i.max),
    Math.max(...intervals.map((i) => i.max ?? 0)),
  );
  assert.equal(
    all?.worst(() => null),
    null,
  );
});

test('few seconds stay one to a row, and none make no rows', () => {
  assert.equal(groupedIntervals(intervals.slice(0, 5), 10).length, 5);
  assert.deepEqual(groupedIntervals([], 10), []);
});
