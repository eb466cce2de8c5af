/** The pure parts of a sweep: grid, order, what is left, who is served next, what differs, what to choose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden } from '../../../reports/testing/golden.ts';
import { seededRandom } from '../../measure/random.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunResult } from '../../model/result.ts';
import type { SweepCell, SweepDefinition, SweepFigures, SweepRun, Variation } from '../../model/sweep.ts';
import { differences } from './definition.ts';
import { figuresOf } from './figures.ts';
import { cellId, cellsOf, gridSize } from './grid.ts';
import { groupOf, nextSlot } from './lanes.ts';
import { orderOf } from './order.ts';
import { pendingSlots, progressOf, runTookMs } from './progress.ts';
import { cellCostUsd, cellState, recommend, settingsText } from './recommendation.ts';

const VARY: Variation[] = [
  { name: 'ShardCount', kind: 'parameter', values: ['1', '2'] },
  { name: 'rate', kind: 'plan', values: ['100', '200', '400'] },
];
const PLAN = { connections: 10, parameters: {} } as unknown as Plan;

function run(repeat: number, changes: Partial<SweepFigures> = {}, holds = true): SweepRun {
  const none = { p50: null, p90: null, p99: null };
  const figures = {
    verdict: 'valid',
    response: { ...none, p99: 100 },
    service: none,
    perMillionRoundTripsUsd: 1,
    goals: [{ expression: 'latency.response.p99 < 250', value: 1, ok: holds }],
    ...changes,
  } as SweepFigures;
  return { repeat, startedAt: '', tookMs: 1000, status: 'done', directory: `cells/x/${repeat}`, figures };
}

const failed = (repeat: number): SweepRun => ({
  repeat,
  startedAt: '',
  tookMs: 9,
  status: 'failed',
  error: 'no',
});

const cell = (id: string, ...runs: SweepRun[]): SweepCell => ({
  id,
  settings: { Key: id },
  plan: PLAN,
  runs,
});

test('a grid has every combination once, under names that differ', () => {
  const cells = cellsOf(VARY);
  assert.deepEqual([gridSize(VARY), cells.length], [6, 6]);
  assert.equal(new Set(cells.map(({ id }) => id)).size, 6);
  assert.deepEqual(cells[1], { id: 'ShardCount-1_rate-200', settings: { ShardCount: '1', rate: '200' } });
});

test('names of cells are safe for file systems, and differ where only unsafe characters do', () => {
  const odd = ['../x', '..:x', '.'.repeat(5), 'v'.repeat(300), `${'v'.repeat(300)}w`].map((Key) =>
    cellId({ Key }),
  );
  for (const id of odd) assert.match(id, /^[\w-][\w.-]{0,99}$/, id);
  assert.equal(new Set(odd).size, odd.length);
  assert.equal(cellId({ '.': 'a' }).startsWith('.'), false);
});

test('every block has each cell once, in an order of its own that the seed decides', () => {
  const order = orderOf(12, 3, seededRandom(7));
  for (const repeat of [1, 2, 3]) {
    const block = order.slice((repeat - 1) * 12, repeat * 12);
    assert.ok(
      block.every((slot) => slot.repeat === repeat),
      'blocks follow each other',
    );
    assert.deepEqual(
      [...block].map((slot) => slot.cell).sort((a, b) => a - b),
      [...Array(12).keys()],
    );
  }
  assert.deepEqual(orderOf(12, 3, seededRandom(7)), order);
  assert.notDeepEqual(orderOf(12, 3, seededRandom(8)), order);
  assert.notDeepEqual(
    order.slice(0, 12).map((s) => s.cell),
    order.slice(12, 24).map((s) => s.cell),
  );
});

test('what is done is not made again, what failed is', () => {
  const cells = [cell('a', run(1), failed(2)), cell('b')];
  const order = [0, 1].flatMap((index) => [1, 2].map((repeat) => ({ cell: index, repeat })));
  assert.deepEqual(pendingSlots(order, cells), order.slice(1));
  const progress = progressOf(cells, { repeats: 2, expectedMs: 99, parallel: 2 });
  assert.deepEqual(progress, { done: 1, failed: 1, total: 4, leftMs: 1000 });
});

test('a lane keeps to its stack within a block, leaves others theirs, and begins no block before its time', () => {
  const groupAt = (index: number) => ['x', 'y', 'x', 'z'][index] ?? '';
  const pending = [1, 0, 3, 2].map((index) => ({ cell: index, repeat: 1 })).concat({ cell: 0, repeat: 2 });
  const next = (own: string | null, taken: string[]) =>
    nextSlot({ pending, groupAt, own, taken: new Set(taken) })?.cell;
  assert.equal(next(null, []), 1);
  assert.equal(next('x', []), 0);
  assert.equal(next('x', ['y']), 0);
  assert.equal(next(null, ['y']), 0);
  assert.equal(next(null, ['x', 'y', 'z']), undefined);
  const later = [
    { cell: 3, repeat: 1 },
    { cell: 0, repeat: 2 },
  ];
  assert.equal(nextSlot({ pending: later, groupAt, own: 'x', taken: new Set() })?.cell, 3, 'block 1 first');
});

test('cells share a stack when they differ in what can be changed in place', () => {
  const of = (parameters: Record<string, string>) => groupOf({ plan: { ...PLAN, parameters } });
  assert.equal(of({ ShardCount: '2', BatchSize: '1' }), of({ ShardCount: '2', BatchSize: '9' }));
  assert.notEqual(of({ ShardCount: '2' }), of({ ShardCount: '4' }));
});

test('a sweep goes on only as it was begun, and every difference is named', () => {
  const was: SweepDefinition = {
    name: 's',
    plan: PLAN,
    place: 'local',
    stackPrefix: null,
    vary: VARY,
    repeats: 2,
    orderSeed: 1,
    goals: [],
  };
  assert.deepEqual(differences(was, structuredClone(was)), []);
  const is = { ...was, repeats: 3, vary: VARY.slice(0, 1), plan: { ...PLAN, connections: 20 } };
  assert.deepEqual(differences(was, is), [
    'repeats was 2 and is 3',
    'vary rate was ["100","200","400"] and is not there',
    'plan: connections was 10 and is 20',
  ]);
});

test('the cheapest cell in which every goal held in every repeat is recommended', () => {
  const price = (perMillionRoundTripsUsd: number) => ({ perMillionRoundTripsUsd });
  const cells = [
    cell('dear', run(1, price(3)), run(2, price(3))),
    cell('cheap', run(1, price(2)), run(2, price(2))),
    cell('lucky', run(1, price(1)), run(2, price(1), false)),
    cell('invalid', run(1, { ...price(1), verdict: 'invalid' }), run(2, price(1))),
    cell('short', run(1, price(1))),
  ];
  const { cell: best, holding, sentence } = recommend({ cells, repeats: 2, goals: ['g'] });
  assert.deepEqual([best, holding], ['cheap', ['cheap', 'dear']]);
  assert.equal(
    sentence,
    'Key=cheap, at $2.00 per million round trips: the cheapest of 2 of 5 cells in which the goal holds in both repeats. Not considered: one cell could not be judged, as runs were invalid; one cell lacks runs.',
  );
  assert.deepEqual(
    cells.map((one) => cellState(one, 2)),
    ['holds', 'holds', 'fails', 'invalid', 'incomplete'],
  );
});

test('without a cell that holds none is recommended, and without goals none can be', () => {
  const cells = [cell('a', run(1, {}, false)), cell('b', run(1, { verdict: 'invalid' }, false))];
  assert.equal(
    recommend({ cells, repeats: 1, goals: ['g'] }).sentence,
    'No cell of 2 can be recommended: a goal failed in one cell, one cell had invalid runs.',
  );
  assert.deepEqual(
    [
      recommend({ cells, repeats: 1, goals: [] }).cell,
      recommend({ cells: [], repeats: 1, goals: ['g'] }).cell,
    ],
    [null, null],
  );
});

test('a goal whose value is absent did not fail: it is called absent', () => {
  const goals = [{ expression: 'cost.total < 1', value: null, ok: false }];
  const cells = [cell('a', run(1, { goals })), cell('b', run(1))];
  assert.deepEqual(
    cells.map((one) => cellState(one, 1)),
    ['absent', 'holds'],
  );
  assert.match(
    recommend({ cells, repeats: 1, goals: ['g'] }).sentence,
    /Not considered: the value of a goal was absent in one cell\.$/,
  );
  assert.equal(
    recommend({ cells: cells.slice(0, 1), repeats: 1, goals: ['g'] }).sentence,
    'No cell of 1 can be recommended: the value of a goal was absent in one cell.',
  );
});

test('of cells that cost the same the faster one is recommended', () => {
  const at = (p99: number) => ({ response: { p50: 1, p90: 1, p99 } });
  const cells = [cell('slow', run(1, at(90))), cell('fast', run(1, at(30)))];
  assert.equal(recommend({ cells, repeats: 1, goals: ['g'] }).cell, 'fast');
});

test('every part of a definition that may differ is named', () => {
  const was: SweepDefinition = {
    ...{ name: 's', plan: PLAN, place: 'local', stackPrefix: null, vary: VARY, repeats: 2, orderSeed: 1 },
    goals: ['a < 1'],
  };
  const plan = { ...PLAN, trace: true } as Plan;
  const is = { ...was, place: 'stack' as never, stackPrefix: 'perf', orderSeed: 2, goals: [], plan };
  assert.deepEqual(differences(was, is), [
    'place was "local" and is "stack"',
    'name of the stacks was null and is "perf"',
    'order-seed was 1 and is 2',
    'goals was ["a < 1"] and is []',
    'plan: trace was not there and is true',
  ]);
  assert.deepEqual(differences(is, was).at(-1), 'plan: trace was true and is not there');
});

test('names of cells are plain, at most a hundred characters, and end in a checksum where they had to be changed', () => {
  const named = (value: string) => cellId({ K: value });
  assert.equal(cellId({}), 'all');
  assert.equal(named('x'.repeat(98)).length, 100);
  assert.match(named('x'.repeat(98)), /x$/);
  assert.match(named('x'.repeat(99)), /^K-x{89}-[0-9a-f]{8}$/);
  assert.match(named('a/b:c'), /^K-a-b-c-[0-9a-f]{8}$/);
  assert.match(cellId({ '..x.y': '1' }), /^x\.y-1-[0-9a-f]{8}$/);
  const sums = Array.from({ length: 400 }, (_, at) => named(`/${at}`).split('-').at(-1)!);
  assert.ok(sums.some((sum) => sum.startsWith('0')) && sums.every((sum) => sum.length === 8));
});

test('a run takes its opening, warm-up and measurement, two seconds of drain at most, and what goes around it', () => {
  const plan = {
    connections: 90,
    connectRatePerSecond: 30,
    warmupMs: 500,
    durationMs: 7000,
    drainMs: 1500,
  } as Plan;
  assert.equal(runTookMs(plan, 'driven'), 3000 + 500 + 7000 + 1500);
  assert.equal(runTookMs({ ...plan, drainMs: 9000 }, 'driven'), 3000 + 500 + 7000 + 2000);
  assert.equal(runTookMs(plan, 'local'), 12_000 + 4000);
  assert.ok(runTookMs(plan, 'stack') > 16_000);
});

test('what is left takes as long as the runs so far took on average, shared by the lanes', () => {
  const took = (repeat: number, tookMs: number) => ({ ...run(repeat), tookMs });
  const cells = [cell('a', took(1, 1000), took(2, 4000)), cell('b', failed(1)), cell('c')];
  const options = { repeats: 2, expectedMs: 700, parallel: 2 };
  assert.deepEqual(progressOf(cells, options), { done: 2, failed: 1, total: 6, leftMs: (3 * 2500) / 2 });
  assert.deepEqual(progressOf([cell('b', failed(1))], options), {
    done: 0,
    failed: 1,
    total: 2,
    leftMs: 350,
  });
  assert.deepEqual(pendingSlots([{ cell: 7, repeat: 1 }], cells), [{ cell: 7, repeat: 1 }]);
});

const RESULT = {
  connections: { requested: 0, opened: 0, failed: 0, reopened: 0, churned: 0, connect: { count: 0 } },
  latency: {
    response: { count: 31, p50: 1, p90: 2, p95: 9, p99: 3 },
    service: { p50: 4, p90: 5, p95: 9, p99: 6 },
  },
  throughput: { offeredPerSecond: 11, sentPerSecond: 9, deliveredPerSecond: 12 },
  messages: {
    ...{
      scheduled: 40,
      sent: 38,
      delivered: 31,
      lost: 7,
      reordered: 5,
      duplicated: 1,
      refused: 2,
      indeterminate: 0,
    },
    unexpected: {},
    warmup: {
      ...{
        scheduled: 0,
        sent: 0,
        delivered: 0,
        lost: 0,
        reordered: 0,
        duplicated: 0,
        refused: 0,
        indeterminate: 0,
      },
      unexpected: {},
    },
  },
  ordering: { lossRatio: 0.21, reorderedRatio: 0.22, duplicatedRatio: 0.23 },
  validity: { verdict: 'unknown', checks: [] },
  intervals: [],
  cost: {
    ...{ total: 51, perMillionRoundTrips: 52, perMonth: 53, basis: 'billed', currency: 'USD', items: [] },
    ...{ pricesAsOf: '2026-01', pricesRegion: 'eu-west-1' },
  },
} as unknown as RunResult;

test('the figures of a run are those of its result, by name', () => {
  const figures = figuresOf(RESULT, []);
  const contradicted = figuresOf({ ...RESULT, messages: { ...RESULT.messages, delivered: 999 } }, []);
  assert.deepEqual([figures.verdict, contradicted.verdict], ['unknown', 'invalid']);
  assert.deepEqual(figures, {
    verdict: 'unknown',
    response: { p50: 1, p90: 2, p99: 3 },
    service: { p50: 4, p90: 5, p99: 6 },
    ...{ offeredPerSecond: 11, deliveredPerSecond: 12, delivered: 31, lost: 7, lossRatio: 0.21 },
    ...{ reordered: 5, reorderedRatio: 0.22, costUsd: 51, perMillionRoundTripsUsd: 52, perMonthUsd: 53 },
    ...{ pricesAsOf: '2026-01', pricesRegion: 'eu-west-1', goals: [] },
  });
  const { costUsd, perMillionRoundTripsUsd, perMonthUsd, ...rest } = figuresOf({ ...RESULT, cost: null }, []);
  assert.deepEqual([costUsd, perMillionRoundTripsUsd, perMonthUsd], [null, null, null]);
  assert.ok(!('pricesAsOf' in rest));
});

test('a recommendation says what holds, how often and what was left out, whatever the numbers', () => {
  const price = (perMillionRoundTripsUsd: number | null) => ({ perMillionRoundTripsUsd });
  const absent = (expression = 'g') => ({ goals: [{ expression, value: null, ok: false }] });
  const good = cell('good', run(1, price(2)));
  const sentence = (goals: string[], repeats: number, ...cells: SweepCell[]) =>
    recommend({ cells, repeats, goals }).sentence;
  const lines = [
    sentence([], 1, good),
    sentence(['g'], 1, good),
    sentence(['g', 'h'], 1, good, cell('b', run(1, price(3)))),
    sentence(['g'], 1, cell('a', run(1, price(null)))),
    sentence(['g'], 3, cell('a', run(1), run(2), run(3))),
    sentence(['g'], 1, good, cell('b'), cell('c'), cell('d', run(1, absent())), cell('e', run(1, absent()))),
    sentence(
      ['g'],
      1,
      good,
      cell('b', run(1, { verdict: 'invalid' })),
      cell('c', run(1, { verdict: 'invalid' })),
    ),
    sentence(['g'], 1, cell('a', run(1, {}, false)), cell('b', run(1, absent())), cell('c')),
    sentence(['g'], 1, cell('a', run(1, {}, false)), cell('b', run(1, {}, false)), cell('c'), cell('d')),
    sentence(['g'], 1, cell('b', run(1, { verdict: 'invalid' }))),
    sentence(['g'], 1),
    settingsText({ settings: {} }),
    settingsText({ settings: { ShardCount: '2', rate: '100' } }),
  ];
  assertGolden('sweep-recommendations', lines);
  assert.equal(cellState(cell('a', run(1, absent()), run(2, {}, false)), 2), 'fails');
  assert.equal(cellCostUsd(cell('a', run(1, price(2)), run(2, price(5)))), 3.5);
  assert.equal(cellCostUsd(cell('a', run(1, price(2)), run(2, price(null)))), null);
  assert.equal(cellCostUsd(cell('a')), null);
});

test('of equal costs the latency that the goals are about decides, at its worst, by its own goal', () => {
  const goal = 'latency.service.p99 < 90';
  const timed = (value: number | null, p99 = 1) => ({
    response: { p50: 1, p90: 1, p99 },
    goals: [
      { expression: 'ordering.lossRatio < 1', value: 0, ok: true },
      { expression: goal, value, ok: true },
    ],
  });
  const best = (goals: string[], ...cells: SweepCell[]) => recommend({ cells, repeats: 2, goals }).holding;
  const cells = [
    cell('mixed', run(1, timed(5, 70)), run(2, timed(80, 70))),
    cell('even', run(1, timed(50, 90)), run(2, timed(60, 10))),
    cell('absent', run(1, timed(1, 2)), run(2, timed(null, 2))),
  ];
  assert.deepEqual(best([goal, 'ordering.lossRatio < 1'], ...cells), ['even', 'mixed', 'absent']);
  assert.deepEqual(
    best(['ordering.lossRatio < 1'], ...cells),
    ['absent', 'mixed', 'even'],
    'else response p99',
  );
});
