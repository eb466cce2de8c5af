/** What change points mean, worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import {
  changeBetween,
  isFactor,
  judge,
  judgedChanges,
  pendingOf,
  segmentsOf,
  type Trend,
} from './changes.ts';
import { confirmed, entriesNeeded, LEVELS, shufflesFor } from './permutation-tests.ts';
import { risesOf } from './rises.ts';
import { days, madeHistory, madeRuns } from './testing/fixture.ts';

/** Every second entry has a point. */
function trend(values: readonly number[], more: Partial<Trend> = {}): Trend {
  const points = values.map((value, at) => ({ entry: 2 * at, value, low: value, high: value, runs: 1 }));
  return { points, unit: 'ms', better: 'less', smallestEffect: 0.25, ...more };
}

test('changes are factors but for ratios, and but for series with a zero', () => {
  assert.deepEqual(
    [trend([1, 2]), trend([1, 0]), trend([0, 1]), trend([1, 2], { unit: 'ratio' }), trend([])].map(isFactor),
    [true, false, false, false, true],
  );
});

test('segments have the geometric mean of their points, of ratios the arithmetic one', () => {
  const found = [{ index: 2 }];
  assert.deepEqual(segmentsOf(trend([]), []), []);
  const [first, second] = segmentsOf(trend([2, 8, 5, 5, 5]), found);
  assert.deepEqual(
    [first, second].map((segment) => ({ ...segment, mean: Math.round(segment!.mean * 1e9) / 1e9 })),
    [
      { from: 0, to: 2, mean: 4 },
      { from: 4, to: 8, mean: 5 },
    ],
  );
  assert.equal(segmentsOf(trend([2, 8, 5, 5, 5], { unit: 'ratio' }), found)[0]!.mean, 5);
});

test('a change is relative, of a ratio absolute, and from nothing to something none', () => {
  const ratio = trend([], { unit: 'ratio' });
  const of = (before: number, after: number) => changeBetween(trend([]), before, after);
  assert.deepEqual([of(4, 5), of(0, 0), of(0, 2), of(2, 0)], [0.25, 0, null, -1]);
  assert.deepEqual([changeBetween(ratio, 0.5, 0.25), changeBetween(ratio, 0, 1)], [-0.25, 1]);
});

test('a change matters from the smallest effect on, of a ratio always, and what is better depends', () => {
  const of = (before: number, after: number, more: Partial<Trend> = {}) =>
    judge(trend([], more), before, after);
  assert.deepEqual([of(4, 5), of(4, 4.9), of(4, 3), of(4, 3.1)], ['worse', 'small', 'better', 'small']);
  assert.deepEqual([of(4, 5, { better: 'more' }), of(4, 3, { better: 'more' })], ['better', 'worse']);
  assert.deepEqual([of(0, 1), of(0, 0)], ['worse', 'small']);
  const ratio = { unit: 'ratio' } as const;
  assert.deepEqual([of(0.1, 0.1001, ratio), of(0.1, 0.1, ratio)], ['worse', 'small']);
});

/** A run with another of these each time. */
const runOf = (node: string, commit = 'a', connections = 1, commitDate = 'x'): RunResult => {
  const { result } = fixture('valid');
  const environment = { ...result.environment, node, commit };
  const parameters = { 'environment.note': commitDate };
  return {
    ...result,
    environment,
    plan: { ...result.plan, connections },
    stage: { ...result.stage, parameters },
  } as RunResult;
};

test('each change has its place, its size, what follows it and what else changed with it', () => {
  const series = trend([4, 4, 4, 8, 8, 8, 6, 6, 6, 6, 6, 6]);
  const found = [
    { index: 3, p: 0.001, adjustedP: 0.002 },
    { index: 6, p: 0.003, adjustedP: 0.004 },
  ];
  const runsOf = (entry: number) => [
    entry < 6 ? runOf('v20') : entry < 12 ? runOf('v22', 'b', 2, 'y') : runOf('v22', 'c'),
    runOf('other'),
  ];
  const close = (value: number | null) => (value === null ? null : Math.round(value * 1e9) / 1e9);
  const told = (changes: ReturnType<typeof judgedChanges>) =>
    changes.map(({ before, after, change, ...rest }) => ({
      ...rest,
      sizes: [before, after, change].map(close),
    }));
  assert.deepEqual(told(judgedChanges(series, found, runsOf)), [
    {
      ...{ entry: 6, previous: 4, p: 0.001, adjustedP: 0.002, judgement: 'worse', state: 'partly recovered' },
      ...{ pointsAfter: 3, isProvisional: false, sizes: [4, 8, 1] },
      beside: [{ setting: 'environment.node', isIncomparable: false, base: 'v20', candidate: 'v22' }],
    },
    {
      ...{ entry: 12, previous: 10, p: 0.003, adjustedP: 0.004, judgement: 'better', state: null },
      ...{ pointsAfter: 6, isProvisional: false, sizes: [8, 6, -0.25], beside: [] },
    },
  ]);
  const state = (values: readonly number[], ...indices: number[]) =>
    judgedChanges(
      trend(values),
      indices.map((index) => ({ index, p: 0, adjustedP: 0 })),
      () => [runOf('v20')],
    ).map((change) => [change.state, change.isProvisional]);
  assert.deepEqual(state([4, 4, 4, 8, 8, 8, 4, 4, 4, 4, 4], 3, 6), [
    ['recovered', false],
    [null, true],
  ]);
  assert.deepEqual(state([4, 4, 4, 8, 8, 8], 3), [['standing', true]]);
  assert.deepEqual(state([4, 4, 4, 8, 8, 8, 16, 16, 16], 3, 6), [
    ['standing', false],
    ['standing', true],
  ]);
});

test('the newest points are pending where all of them are worse than all before, and too few for a segment', () => {
  const pending = (values: readonly number[], more: Partial<Trend> = {}, ...found: { index: number }[]) => {
    const { newest, before, mean, change } = pendingOf(trend(values, more), found) ?? {};
    return newest === undefined
      ? null
      : [newest, ...[before!, mean!, change!].map((one) => Math.round(one * 1e6) / 1e6)];
  };
  const more = { better: 'more' } as const;
  assert.deepEqual(pending([4, 4, 4, 8, 8]), [2, 4, 8, 1]);
  assert.deepEqual(pending([4, 4, 4, 8]), [1, 4, 8, 1]);
  assert.equal(pending([4, 4, 8]), null, 'too few before');
  assert.equal(pending([4, 9, 4, 8]), null);
  assert.equal(pending([4, 8, 4, 8]), null, 'as bad as before');
  assert.equal(pending([4, 4, 4, 4.5, 4.6]), null, 'too small');
  assert.equal(pending([4, 4, 4, 2, 2]), null, 'better');
  assert.deepEqual(pending([4, 4, 4, 9, 3, 8], more), null);
  assert.deepEqual(pending([4, 4, 4, 2, 2], more), [2, 4, 2, -0.5]);
  assert.deepEqual(pending([4, 4, 4, 2, 4], more), null);
  assert.equal(pending([4, 4, 2, 2], more), null, 'too few before, and as few as before');
  assert.deepEqual(pending([9, 9, 9, 4, 4, 4, 8, 8], {}, { index: 3 }), [2, 4, 8, 1]);
  assert.equal(pending([9, 9, 9, 4, 4, 8], {}, { index: 3 }), null, 'too few since the last change');
});

test('shuffles and the entries that are needed follow from the number of series', () => {
  assert.deepEqual([1, 3, 4, 10].map(shufflesFor), [999, 999, 1299, 3249]);
  assert.deepEqual([0, 1, 3, 12].map(entriesNeeded), [
    { middle: 8, end: 9 },
    { middle: 8, end: 9 },
    { middle: 10, end: 13 },
    { middle: 12, end: 19 },
  ]);
  const [[just] = [], [beyond] = []] = confirmed([
    [{ index: 1, p: LEVELS.change / 2 }],
    [{ index: 1, p: 0.0151 }],
  ]);
  assert.deepEqual([just?.adjustedP, beyond], [LEVELS.change, undefined]);
});

test('a step is certain where neighbours are not alike, and what no segment that remains begins with is not', () => {
  const change = (index: number) => ({ index, p: 0.001, adjustedP: 0.001 });
  const wiggle = (values: readonly number[]) =>
    values.map((value, at) => value * (1 + 0.001 * ((at * 7) % 5)));
  const rises = (values: readonly number[], ...indices: number[]) =>
    risesOf([{ trend: trend(wiggle(values)), changes: indices.map(change) }], seededRandom(1)).map(
      (rise) =>
        rise && [
          rise.from,
          rise.to,
          rise.steps,
          rise.isDrift,
          rise.isCertain,
          Math.round(rise.change! * 100),
        ],
    );
  assert.deepEqual(rises([...days(12, 4), ...days(3, 6)], 12), [[22, 24, 1, false, true, 50]]);
  assert.deepEqual(rises([...days(5, 4), ...days(5, 9), ...days(5, 4)], 5, 10), [null]);
  assert.deepEqual(rises([...days(5, 4), ...days(5, 9), ...days(5, 6)], 5, 10), [
    [8, 20, 1, false, true, 50],
  ]);
  assert.deepEqual(rises([...days(5, 9), ...days(5, 4), ...days(5, 6)], 5, 10), [
    [18, 20, 1, false, true, 50],
  ]);
  assert.deepEqual(rises([...days(5, 4), ...days(5, 6), ...days(5, 9)], 5, 10), [
    [8, 20, 2, false, true, 125],
  ]);
  assert.deepEqual(rises([...days(10, 4), ...days(5, 4.4)], 10), [null], 'too small');
});

test('prices that costs are at are told in their label, every one once, and a metric that no run has is left out', () => {
  const cost = (pricesAsOf: string) => ({
    ...{ total: 1, perMonth: 2, perMillionRoundTrips: 3, basis: 'billed', currency: 'USD', items: [] },
    ...{ pricesAsOf, pricesRegion: 'eu-west-1' },
  });
  const runs = madeRuns({
    factors: days(7),
    seed: 1,
    change: (result, day) =>
      ({
        ...result,
        cost: day === 0 ? null : cost(day < 4 ? '2026-09' : '2026-02'),
        metrics: null,
      }) as RunResult,
  });
  const [group] = madeHistory(runs, { metrics: ['cost', 'metrics'] }).groups;
  assert.deepEqual(
    group!.metrics.map(({ label, points, isTested }) => [label, points.length, points[0]?.entry, isTested]),
    [
      [
        'cost per million round trips, list prices of eu-west-1, as of 2026-02 and list prices of eu-west-1, as of 2026-09',
        ...[6, 1, false],
      ],
    ],
  );
  assert.deepEqual(group!.needed, entriesNeeded(0), 'what never moves takes no part');
  assert.throws(() => madeHistory(runs, { metrics: ['nothing'] }), /metric: 'nothing' is none of/);
});

test('one certain rise of one metric is a regression, and one group with enough entries is enough', () => {
  const runs = (parent: string, factors: readonly number[]) =>
    madeRuns({
      factors,
      seed: 3,
      parent,
      change: (result) => ({
        ...result,
        name: parent,
        plan: { ...result.plan, payloadBytes: parent.length },
      }),
    });
  const two = { metrics: ['latency.response.p50', 'throughput'] };
  assert.equal(madeHistory(runs('a/', [...days(9), ...days(9, 1.4)]), two).verdict, 'regression');
  const mixed = madeHistory([...runs('few/', days(3)), ...runs('many/', days(12))], two);
  assert.deepEqual(
    [mixed.verdict, mixed.groups.map(({ label }) => label.split(':')[0])],
    ['no regression', ['many/', 'few/']],
  );
});
