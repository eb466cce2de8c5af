import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import { areTheSame, metricsOf } from './metrics.ts';
import type { ComparedRun } from './side.ts';

const { result } = fixture('valid');
const [{ ...second }] = result.intervals as [RunResult['intervals'][number]];
const SECONDS = 20;

interface Load {
  readonly id?: string;
  readonly responseMs?: number;
  readonly serviceMs?: number;
  readonly delivered?: number;
  readonly counts?: { lost?: number; duplicated?: number; reordered?: number; unexpected?: number };
  /** The counts are those of each second. */
  readonly isSpread?: boolean;
}

/** A run of which every second is alike; of events, all are in second 3. */
function run({
  id = 'a',
  responseMs = 20,
  serviceMs = 10,
  delivered = 1000,
  counts = {},
  isSpread = false,
}: Load): ComparedRun {
  const { lost = 0, duplicated = 0, reordered = 0, unexpected = 0 } = counts;
  const flat = (ms: number) => Array.from({ length: SECONDS }, () => ({ values: [ms], counts: [delivered] }));
  const intervals = Array.from({ length: SECONDS + 3 }, (_, index) => {
    const is = isSpread || index === 5 ? 1 : 0;
    const events = { duplicated: is * duplicated, reordered: is * reordered, unexpected: is * unexpected };
    // Two seconds before the measured window and one after it, in which nothing like it was delivered.
    const isMeasured = index >= 2 && index < SECONDS + 2;
    return { ...second, second: index - 2, sent: 1001, delivered: isMeasured ? delivered : 7, ...events };
  });
  const total = delivered * SECONDS;
  const messages = {
    ...{ ...result.messages, sent: 2 * total, delivered: total, lost, duplicated, reordered },
    unexpected: { corrupt: unexpected, 'other run': unexpected },
  };
  return {
    directory: `runs/${id}`,
    result: { ...result, id, plan: { ...result.plan, durationMs: SECONDS * 1000 }, intervals, messages },
    response: flat(responseMs),
    service: flat(serviceMs),
    lostBySecond: Array.from({ length: SECONDS }, (_, at) => (isSpread || at === 3 ? lost : 0)),
    gaps: [],
  };
}

function changes(base: Load, candidate: Load) {
  const options = { smallestEffect: 0.05, smallestRatio: 0.001, chance: seededRandom(1), resamples: 60 };
  return metricsOf([run({ id: 'base', ...base })], [run({ id: 'candidate', ...candidate })], options);
}

const row = (metric: ReturnType<typeof changes>[number]) => {
  const rounded = (value: number | null | undefined) => (value == null ? null : Number(value.toPrecision(6)));
  const { id, label, unit, base, candidate, change, difference, verdict } = metric;
  return [
    ...[id, label, unit, rounded(base), rounded(candidate)],
    ...[rounded(change?.estimate), rounded(difference?.estimate), verdict],
  ];
};

test('every metric has its own figures of both sides, their change and a verdict that knows what is better', () => {
  const counts = { lost: 800, duplicated: 600, reordered: 500, unexpected: 200 };
  const found = changes(
    { responseMs: 20, serviceMs: 16, delivered: 1000 },
    { responseMs: 25, serviceMs: 12, delivered: 1300, counts },
  );
  const latency = (series: string, base: number, candidate: number, verdict: string) =>
    [50, 90, 99, 99.9].map((percentile) => [
      ...[`latency.${series}.p${String(percentile).replace('.', '')}`, `${series} p${percentile}`, 'ms'],
      ...[base, candidate, candidate / base - 1, candidate - base, verdict],
    ]);
  assert.deepEqual(found.map(row), [
    ...latency('response', 20, 25, 'worse'),
    ...latency('service', 16, 12, 'better'),
    ['throughput.deliveredPerSecond', 'delivered', '/s', 1000, 1300, 0.3, 300, 'better'],
    ...[
      ['ordering.lossRatio', 'lost', 800 / 52_000],
      ['ordering.duplicatedRatio', 'duplicated', 600 / 26_000],
      ['ordering.reorderedRatio', 'reordered', 500 / 26_000],
      ['messages.unexpected', 'unexpected', 400 / 26_000],
    ].map(([id, label, value]) => {
      const ratio = Number((value as number).toPrecision(6));
      return [id, label, 'ratio', 0, ratio, ratio, ratio, found.find((metric) => metric.id === id)!.verdict];
    }),
  ]);
});

test('less delivered is worse, and what no side shows is the same', () => {
  const verdicts = changes({ delivered: 1000 }, { delivered: 800 }).map(({ id, verdict }) => [id, verdict]);
  assert.deepEqual(Object.fromEntries(verdicts)['throughput.deliveredPerSecond'], 'worse');
  assert.deepEqual(Object.fromEntries(verdicts)['latency.response.p50'], 'same');
  assert.deepEqual(Object.fromEntries(verdicts)['ordering.lossRatio'], 'same');
});

test('more violations in every second are worse, and fewer are better', () => {
  const many = { isSpread: true, counts: { lost: 90, duplicated: 80, reordered: 70, unexpected: 60 } };
  const verdicts = (base: Load, candidate: Load) =>
    changes(base, candidate)
      .slice(9)
      .map(({ verdict }) => verdict);
  assert.deepEqual(verdicts({}, many), ['worse', 'worse', 'worse', 'worse']);
  assert.deepEqual(verdicts(many, {}), ['better', 'better', 'better', 'better']);
});

test('without seconds there is no throughput, and nothing is said of it', () => {
  const empty = run({});
  const bare = { ...empty, result: { ...empty.result, id: 'bare', intervals: [] } };
  const options = { smallestEffect: 0.05, smallestRatio: 0.001, chance: seededRandom(1), resamples: 10 };
  const delivered = metricsOf([bare], [run({ id: 'b' })], options)[8]!;
  assert.deepEqual(row(delivered), [
    ...['throughput.deliveredPerSecond', 'delivered', '/s', null, null, null, null, 'cannot tell'],
  ]);
  assert.deepEqual([delivered.p, delivered.adjustedP], [null, null]);
});

test('the same runs are the same in any order, and others are not', () => {
  const [a, b] = [run({ id: 'a' }), run({ id: 'b' })];
  assert.equal(areTheSame([a, b], [b, a]), true);
  assert.equal(areTheSame([a], [b]), false);
  const nothing = { estimate: 0, interval: { low: 0, high: 0 } };
  for (const { change, difference, p, adjustedP, verdict } of changes({ id: 'one' }, { id: 'one' }))
    assert.deepEqual(
      { change, difference, p, adjustedP, verdict },
      { change: nothing, difference: nothing, p: 1, adjustedP: 1, verdict: 'same' },
    );
});

test('Holm’s correction counts what was tested: where neither side has an event nothing was', () => {
  const found = changes({ delivered: 1000 }, { delivered: 1000, counts: { lost: 9 } });
  const lost = found.find(({ id }) => id === 'ordering.lossRatio')!;
  const tested = found.filter(({ p, base, candidate }) => p !== null && !(base === 0 && candidate === 0));
  assert.equal(tested.length, 10);
  assert.equal(lost.adjustedP, Math.min(1, lost.p! * tested.length));
  const duplicated = found.find(({ id }) => id === 'ordering.duplicatedRatio')!;
  assert.deepEqual([duplicated.p, duplicated.adjustedP], [1, 1]);
});
