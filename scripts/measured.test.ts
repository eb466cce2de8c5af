/** What mutation testing is told to look at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MutantResult } from '@stryker-mutator/api/core';
import { seededRandom } from '../bench/measure/random.ts';
import { batchesOf, linesOf, measuredParts, rangesOf, sampledLines } from './mutation/measured.ts';
import { countedMutants, scoreOf, scoreTable, survivorLines } from './mutation/scores.ts';
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
});

test('of more lines than fit a seeded sample is taken, and the lines of a file stay together', () => {
  const ranges = ['a.ts:1-90', 'b.ts:5-5', 'a.ts:100-129'];
  assert.deepEqual(sampledLines(ranges, 121, seededRandom(1)), ranges);
  const samples = Array.from({ length: 20 }, (_, seed) => sampledLines(ranges, 50, seededRandom(seed)));
  for (const sample of samples) assert.ok(linesOf(sample) <= 50 && linesOf(sample) >= 40, sample.join());
  assert.ok(new Set(samples.map((sample) => sample.join())).size > 3);
  assert.deepEqual(sampledLines(ranges, 50, seededRandom(3)), samples[3]);
  const pieces = ['a.ts:1-40', 'a.ts:100-129', 'a.ts:41-80', 'a.ts:81-90', 'b.ts:5-5'];
  assert.deepEqual([...new Set(samples.flat())].sort(), pieces);
  assert.deepEqual(batchesOf(['a.ts:1-300', 'b.ts:1-200', 'a.ts:400-450', 'c.ts:1-200']), [
    ['a.ts:1-300', 'a.ts:400-450'],
    ['b.ts:1-200', 'c.ts:1-200'],
  ]);
});

test('a mutant counts as noticed or not, but for those in texts of several words', () => {
  const at = (line: number, from: number, to: number, toLine = line) => ({
    start: { line, column: from },
    end: { line: toLine, column: to },
  });
  const results = [
    { location: at(2, 3, 8), mutatorName: 'StringLiteral', replacement: '""', status: 'Survived' },
    { location: at(1, 1, 4), mutatorName: 'StringLiteral', replacement: '""', status: 'NoCoverage' },
    { location: at(2, 1, 4, 3), mutatorName: 'BlockStatement', replacement: '{}', status: 'Timeout' },
    { location: at(3, 1, 3), mutatorName: 'EqualityOperator', replacement: '<', status: 'Killed' },
    { location: at(3, 1, 3), mutatorName: 'EqualityOperator', replacement: '<', status: 'CompileError' },
  ] as unknown as MutantResult[];
  const mutants = countedMutants(results, "'p9' for\n{ 'a b'\nc }");
  assert.deepEqual(
    mutants.map(({ line, was, isNoticed }) => [line, was, isNoticed]),
    [
      [1, "'p9", false],
      [2, "{ 'a b'\nc }".slice(0, 11), true],
      [3, 'c ', true],
    ],
  );
  assert.equal(scoreOf(mutants).toFixed(1), '66.7');
  assert.equal(scoreOf([]), 100);
  assert.deepEqual(survivorLines({ file: 'a.ts', mutants }), ['a.ts:1 StringLiteral: \'p9 → ""']);
  assert.deepEqual(
    scoreTable([
      {
        name: 'bench',
        files: [
          { file: 'bench/a.ts', mutants },
          { file: 'bench/b.ts', mutants: [] },
        ],
        unmeasured: ['bench/c.ts'],
      },
    ])
      .split('\n')
      .slice(2),
    ['| **bench** | 3 | 2 | 66.7 % |', '| a.ts | 3 | 2 | 66.7 % |', '| c.ts | | | not measured |'],
  );
});

test('measured is the product’s code of each part, by part', () => {
  const parts = measuredParts(['cost', 'student', 'ledger']);
  assert.deepEqual(parts, [
    {
      name: 'bench/measure',
      files: ['bench/measure/ledger-slots.ts', 'bench/measure/ledger.ts'],
    },
    { name: 'bench/judge', files: ['bench/judge/capacity-cost.ts'] },
    { name: 'reports/statistics', files: ['reports/statistics/student.ts'] },
    {
      name: 'cost (stack/aws)',
      files: [
        'stack/aws/cost.ts',
        'stack/aws/fleet-cost.ts',
        'stack/aws/measured-cost.ts',
        'stack/aws/run-cost.ts',
      ],
    },
  ]);
  assert.equal(measuredParts([]).length, 6, 'no part is empty');
});

test('the tests that can notice a mistake import its file, at once or through others', () => {
  const tests = testsThatReach(['reports/statistics/student.ts']);
  assert.ok(tests.includes('reports/statistics/student.test.ts'));
  assert.ok(tests.includes('reports/statistics/change.test.ts'));
  assert.ok(!tests.includes('bench/measure/ledger.test.ts'));
});
