import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CloudWatchBed, DURATION, metricQuery, RECORDS, refusal } from './cloudwatch-fixture.ts';

describe('metric math', () => {
  const bed = new CloudWatchBed();
  const metrics = [metricQuery(RECORDS, { id: 'm1' }), metricQuery(DURATION, { id: 'm2' })];
  const evaluate = (Expression: string) => bed.data([...metrics, { Id: 'e1', Expression }]);

  const refusals: readonly [string, string][] = [
    ['IF(m1 > 1, m1)', "Error in expression 'e1': The function IF is not supported"],
    ["SEARCH('{AWS/Lambda,FunctionName}', 'Sum', 60)", 'The function SEARCH is not supported'],
    ['sum(m1)', 'The function sum is not supported'],
    ['SELECT AVG(Duration) FROM "AWS/Lambda"', 'Metrics Insights'],
    ['m1 > 5', 'The operator > is not supported'],
    ['m1 ^ 2', 'The operator ^ is not supported'],
    ['m1 AND m2', 'The operator AND is not supported'],
    ['', 'incomplete'],
    ['m1 +', 'incomplete'],
    ['m1 m2', "Invalid syntax at 'm2'"],
    ['(m1', 'incomplete'],
    ['m1)', "Invalid syntax at ')'"],
    ['m1 $ 2', "Invalid syntax at '$ 2'"],
    ['REPEAT', "Invalid syntax at 'REPEAT'"],
    ['m9 + 1', 'There is no query with the Id m9'],
    ['1 + 2', 'not a scalar'],
    ['SUM(m1)', 'not a scalar'],
    ['SUM(1)', 'Unsupported operand for SUM'],
    ['SUM(m1, m2)', 'SUM does not take 2 operands'],
    ['[m1, m2] + [m1]', 'two arrays'],
    ['[m1, 2]', 'not scalars'],
    ['FILL(m1)', 'FILL does not take 1 operands'],
    ['FILL(m1, LAST)', 'Unsupported filler for FILL: LAST'],
    ['FILL(1, 2)', 'Unsupported operand for FILL'],
    ['FILL(m1, METRICS())', 'Unsupported filler for FILL'],
    ['METRICS(m1)', 'text in quotes'],
    ['e1 + m1', 'refer to each other: e1 → e1'],
    [`m1${' + 1'.repeat(600)}`, 'longer than 2048'],
  ];
  for (const [expression, text] of refusals) {
    test(`refuses ${expression.slice(0, 40)}`, () =>
      assert.throws(() => evaluate(expression), refusal('ValidationError', text)));
  }

  test('refuses a circle of expressions, and names every expression in it', () => {
    const circle = [
      { Id: 'e1', Expression: 'e2 + 1' },
      { Id: 'e2', Expression: 'e1 + 1' },
    ];
    assert.throws(() => bed.data(circle), refusal('ValidationError', 'e1 → e2 → e1'));
  });

  test('refuses series of different periods', () => {
    const mixed = [
      metrics[0]!,
      metricQuery(DURATION, { id: 'm2', period: 300 }),
      { Id: 'e1', Expression: 'm1 + m2' },
    ];
    assert.throws(() => bed.data(mixed), refusal('ValidationError', 'different periods'));
  });

  test('refuses arrays that double until they outgrow a request', () => {
    const doubling = Array.from({ length: 20 }, (_, index) => ({
      Id: `a${index + 1}`,
      Expression: `[a${index}, a${index}]`,
    }));
    const first = { ...metrics[0]!, Id: 'a0' };
    assert.throws(
      () => bed.data([first, ...doubling]),
      refusal('ValidationError', 'at most 500 time series'),
    );
  });
});
