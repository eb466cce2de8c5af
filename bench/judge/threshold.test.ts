import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyFigures } from './summary.ts';
import { isKnownPath, judgeThresholds, parseThreshold, type Threshold } from './threshold.ts';

const parsed = (expression: string): Threshold => {
  const threshold = parseThreshold(expression);
  if (typeof threshold === 'string') throw new Error(threshold);
  return threshold;
};

const figures = {
  ...emptyFigures(),
  messages: { ...emptyFigures().messages, lost: 2, delivered: 100 },
  metrics: {
    source: 'local' as const,
    periodMs: 1000,
    incomingRecords: 0,
    complete: true,
    series: [
      {
        id: 'iteratorAge',
        label: '',
        unit: 'Milliseconds',
        stat: 'Maximum',
        timestamps: [0, 1, 2],
        values: [5, 40, 9],
      },
    ],
  },
};

test('every operator compares the value with the bound', () => {
  const cases: [string, boolean][] = [
    ['messages.lost < 3', true],
    ['messages.lost < 2', false],
    ['messages.lost <= 2', true],
    ['messages.lost > 2', false],
    ['messages.lost >= 2', true],
    ['messages.lost == 2', true],
    ['messages.lost==0', false],
    ['messages.lost != 0', true],
    ['metrics.iteratorAge.max < 41', true],
    ['metrics.iteratorAge.min == 5', true],
    ['metrics.iteratorAge.sum == 54', true],
    ['metrics.iteratorAge.mean == 18', true],
    ['metrics.iteratorAge.last == 9', true],
    ['messages.unexpected.corrupt == 0', true],
    ['connections.failures.HTTP_429 == 0', true],
  ];
  const judged = judgeThresholds(
    cases.map(([expression]) => parsed(expression)),
    figures,
  );
  assert.deepEqual(
    judged.map(({ expression, ok }) => [expression, ok]),
    cases,
  );
});

test('a value that is absent fails its threshold', () => {
  const expressions = ['latency.response.p99 < 250', 'metrics.nobody.max < 1', 'latency.hops.queue.p50 < 9'];
  for (const judged of judgeThresholds(expressions.map(parsed), figures)) {
    assert.deepEqual([judged.value, judged.ok], [null, false]);
  }
});

test('expressions that can mean nothing are refused with what is wrong', () => {
  assert.match(parseThreshold('p99 < 250') as string, /must start with one of/);
  assert.match(parseThreshold('latency.response.p99 is low') as string, /PATH OPERATOR NUMBER/);
  assert.match(parseThreshold('metrics.iteratorAge < 5') as string, /metrics\.ID\.AGGREGATE/);
  const known = (expression: string) => isKnownPath(parsed(expression).path, emptyFigures());
  assert.equal(known('latency.response.p98 < 1'), false);
  assert.equal(known('messages < 1'), false);
  assert.equal(known('latency.response.p99 < 1'), true);
  assert.equal(known('latency.hops.queue.p99 < 1'), true);
  assert.equal(known('latency.hops.quue.p99 < 1'), false);
  assert.equal(known('cost.total < 1'), true);
  assert.equal(known('cost.totl < 1'), false);
  assert.match(parseThreshold('metrics.iteratorAge.constructor < 5') as string, /metrics\.ID/);
  assert.equal(known('messages.unexpected.gatewayError == 0'), true);
});

test('a bound is a number as people write it, with nothing around it but spaces', () => {
  const bounds = ['-2', '12.75', '1e3', '1e-12', ' <  5  '];
  assert.deepEqual(
    bounds.map((text) => parsed(` messages.lost${/[<]/.test(text) ? text : `<${text}`}`).bound),
    [-2, 12.75, 1000, 1e-12, 5],
  );
  for (const text of ['1.5x', 'x', '1.', '1.e3', '1e', '1ex', '!messages.lost < 1', 'a b < 1'])
    assert.match(
      parseThreshold(text.includes('<') ? text : `messages.lost < ${text}`) as string,
      /PATH OPERATOR NUMBER/,
      text,
    );
  assert.match(parseThreshold('metrics.iteratorAge.max.x < 5') as string, /metrics\.ID/);
});

test('a path is known where some result has a number there', () => {
  const known = (path: string, example = emptyFigures()) => isKnownPath(path.split('.'), example);
  assert.equal(known('metrics.iteratorAge.max'), true);
  assert.equal(known('cost.total.x'), false);
  assert.equal(known('latency.hops.queue.p99.x'), false);
  assert.equal(known('latency.hops.queue.xp99'), false);
  assert.equal(known('latency.hops.queue.p99x'), false);
  assert.equal(known('messages.lost.x'), false);
  assert.equal(known('connections.failures.HTTP_429'), true);
  assert.equal(known('messages.lostt.x'), false);
});

test('what is no number has no value: an object, a counter below a number, a metric without points', () => {
  const silent = { ...figures.metrics.series[0]!, id: 'silent', values: [] };
  const metrics = { ...figures.metrics, series: [silent] };
  const values = (result: typeof figures | ReturnType<typeof emptyFigures>, ...paths: string[]) =>
    judgeThresholds(
      paths.map((path) => parsed(`${path} < 1`)),
      result,
    ).map(({ value }) => value);
  assert.deepEqual(values(figures, 'messages', 'messages.lost.x', 'messages.unexpected.x'), [null, null, 0]);
  assert.deepEqual(values({ ...figures, metrics }, 'metrics.silent.last', 'metrics.silent.mean'), [
    null,
    null,
  ]);
  assert.deepEqual(values(emptyFigures(), 'metrics.silent.max'), [null]);
  const corrupt = { ...figures.messages, unexpected: { corrupt: 7 } };
  assert.deepEqual(values({ ...figures, messages: corrupt }, 'messages.unexpected.corrupt'), [7]);
});
