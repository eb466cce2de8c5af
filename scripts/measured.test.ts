/** What mutation testing is told to look at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstLines, measuredParts, rangesOf } from './mutation/measured.ts';
import { testsThatReach } from './mutation/tests.ts';

test('the changed lines are those that a diff adds, by file', () => {
  const diff = [
    'diff --git a/bench/measure/a.ts b/bench/measure/a.ts',
    '--- a/bench/measure/a.ts',
    '+++ b/bench/measure/a.ts',
    '@@ -3 +3 @@ const before = 1;',
    '@@ -10,2 +10,0 @@',
    '@@ -20,0 +19,4 @@',
    '+++ b/stack/aws/cost.ts',
    '@@ -1,5 +7,2 @@',
  ];
  const ranges = rangesOf(diff.join('\n'));
  assert.deepEqual(ranges, ['bench/measure/a.ts:3-3', 'bench/measure/a.ts:19-22', 'stack/aws/cost.ts:7-8']);
  assert.deepEqual(firstLines(ranges, 6), ranges.slice(0, 2));
  assert.deepEqual(firstLines(ranges, 7), ranges);
});

test('measured is the product’s code of each part, by part', () => {
  const parts = measuredParts(['cost', 'student', 'ledger']);
  assert.deepEqual(parts, [
    [
      'bench/judge/capacity-cost.ts',
      'bench/measure/ledger-listener.ts',
      'bench/measure/ledger-slots.ts',
      'bench/measure/ledger.ts',
    ],
    ['reports/statistics/student.ts'],
    ['stack/aws/cost.ts', 'stack/aws/measured-cost.ts', 'stack/aws/run-cost.ts'],
  ]);
  assert.equal(measuredParts([]).length, 5, 'no part is empty');
});

test('the tests that can notice a mistake import its file, at once or through others', () => {
  const tests = testsThatReach(['reports/statistics/student.ts']);
  assert.ok(tests.includes('reports/statistics/student.test.ts'));
  assert.ok(tests.includes('reports/statistics/change.test.ts'));
  assert.ok(!tests.includes('bench/measure/ledger.test.ts'));
});
