/** Rates over random splits, against what they have to be where nothing or everything differs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { SYNTHETIC, syntheticRun } from '../statistics/testing/synthetic.ts';
import { fixture } from '../testing/fixture.ts';
import { type SelfCheckOptions, selfCheck, selfCheckLines } from './self-check.ts';
import type { ComparedRun } from './side.ts';
import { UnreadableSide } from './side.ts';

const { result } = fixture('valid');

function run(response: ComparedRun['response']): ComparedRun {
  return { directory: 'runs', result, response, service: [], lostBySecond: null, gaps: [] };
}

/** Ten seconds that are all alike. */
const flat = (ms: number, perSecond = 50) =>
  run(Array.from({ length: 10 }, () => ({ values: [ms], counts: [perSecond] })));

function check(runs: readonly ComparedRun[], options: Partial<SelfCheckOptions> = {}) {
  return selfCheck(runs, {
    splits: 4,
    smallestEffect: 0.05,
    effect: 0.2,
    chance: seededRandom(1),
    ...options,
  });
}

const METRICS = ['response p50', 'response p90', 'response p99', 'any of them (Holm)'];
const rowsOf = (falseAlarms: number, same: number, power: number, metrics = METRICS) =>
  metrics.map((metric) => ({ metric, falseAlarms, same, power }));

test('repeats that are exactly alike are the same in every split, and every effect that matters is found', () => {
  const runs = [flat(20), flat(20), flat(20), flat(20)];
  assert.deepEqual(check(runs), {
    schema: 1,
    kind: 'self-check',
    runs: 4,
    splits: 4,
    level: 0.05,
    smallestEffect: 0.05,
    effect: 0.2,
    rows: rowsOf(0, 1, 1),
  });
  assert.deepEqual(check(runs, { effect: 0.04 }).rows, rowsOf(0, 1, 0), 'too small to matter');
  assert.deepEqual(check(runs, { effect: -0.2 }).rows, rowsOf(0, 1, 0), 'an improvement is not worse');
});

test('of what cannot be estimated nothing is told', () => {
  assert.deepEqual(check([flat(0), flat(0), flat(0), flat(0)]).rows, rowsOf(0, 0, 0));
});

test('a percentile is tried where the smaller half has ten messages beyond it in its smallest repeat', () => {
  const percentiles = (...perSecond: number[]) =>
    check(perSecond.map((each) => flat(20, each))).rows.map(({ metric }) => metric);
  assert.deepEqual(percentiles(500, 500, 50, 500), METRICS);
  assert.deepEqual(percentiles(500, 500, 49, 500), [METRICS[0], METRICS[1], METRICS[3]]);
  assert.deepEqual(percentiles(50, 50, 50, 50, 50), METRICS, 'half of five are two');
  assert.deepEqual(percentiles(5, 5, 5, 5), [METRICS[0], METRICS[1], METRICS[3]]);
  assert.deepEqual(percentiles(4, 4, 4, 4), [METRICS[0], METRICS[3]]);
  assert.throws(
    () => percentiles(0, 9, 9, 9),
    (error) =>
      error instanceof UnreadableSide &&
      error.problems.join() === 'The repeats have too few messages for a percentile.',
  );
});

test('fewer than four repeats are refused', () => {
  assert.throws(
    () => check([flat(20), flat(20), flat(20)]),
    (error) =>
      error instanceof UnreadableSide &&
      error.problems.join() === 'A self-check takes 4 repeats or more, and there are 3.',
  );
});

test('two groups of repeats alarm in the splits that part them, in either direction, and nowhere else', () => {
  const runs = [20, 20, 30, 30].map((ms) => flat(ms));
  const { rows } = check(runs, { splits: 30 });
  // Of the six splits of four, one has the fast ones first and one the slow ones. Where a side holds both, runs differ within.
  assert.deepEqual(
    rows.map(({ metric, falseAlarms }) => [metric, Math.abs(falseAlarms - 1 / 3) < 0.15]),
    METRICS.map((metric) => [metric, true]),
    JSON.stringify(rows),
  );
  assert.deepEqual(check(runs, { splits: 30 }), check(runs, { splits: 30 }), 'one seed, one outcome');
});

test('alarms on one percentile are fewer once all are judged together', () => {
  const runs = Array.from({ length: 8 }, (_, seed) =>
    run(syntheticRun({ ...SYNTHETIC, seconds: 12, perSecond: 30, runSd: 0 }, seededRandom(seed))),
  );
  const { rows } = check(runs, { splits: 24, smallestEffect: 0.001, effect: 0.1 });
  assert.deepEqual(
    rows.map(({ falseAlarms, same, power }) => [falseAlarms * 24, same, power * 24].map(Math.round)),
    [
      [0, 0, 9],
      [1, 0, 9],
      [5, 0, 4],
      [3, 0, 10],
    ],
    'as this seed draws them',
  );
});

test('the check is a table with a line for each metric', () => {
  const lines = selfCheckLines({
    ...{
      schema: 1,
      kind: 'self-check',
      runs: 8,
      splits: 25,
      level: 0.05,
      smallestEffect: 0.03,
      effect: 0.125,
    },
    rows: [
      { metric: 'response p50', falseAlarms: 0.04, same: 0.88, power: 1 },
      { metric: 'any of them (Holm)', falseAlarms: 0.0812, same: 0.5, power: 0.72 },
    ],
  });
  assert.deepEqual(lines, [
    '8 repeats of one setting, split 25 times; nominal level 5 %, smallest effect 3 %',
    '                    false alarms  called same  +12.5 % found',
    'response p50               4.0 %       88.0 %        100.0 %',
    'any of them (Holm)         8.1 %       50.0 %         72.0 %',
  ]);
});
