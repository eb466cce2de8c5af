/** What a sweep may be asked, and what it answers to what it may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../model/failure.ts';
import type { PlanInput } from '../node/plan-file.ts';
import { parseSweep, SWEEP_FLAGS } from './sweep-options.ts';
import { asked, type Typed } from './testing/asked.ts';

type Flags = Typed<typeof SWEEP_FLAGS>;

const parsed = (flags: Flags, settings: PlanInput = {}, plan = 'quick') =>
  parseSweep(plan, asked(SWEEP_FLAGS, flags, { settings }));

function problems(flags: Flags, settings: PlanInput = {}): string[] {
  try {
    parsed(flags, settings);
  } catch (error) {
    if (error instanceof ConfigurationError) return [...error.problems];
    throw error;
  }
  return [];
}

test('parameters and settings of the plan vary together, each cell with a plan of its own', () => {
  const { cells, definition } = parsed(
    { vary: ['ShardCount=1,4', 'payload-bytes=256,1024'] },
    { rate: '100' },
  );
  assert.deepEqual(
    cells.map(({ plan }) => [plan.parameters.ShardCount, plan.payloadBytes]),
    [
      ['1', 256],
      ['1', 1024],
      ['4', 256],
      ['4', 1024],
    ],
  );
  assert.deepEqual(
    definition.vary.map(({ name, kind }) => [name, kind]),
    [
      ['ShardCount', 'parameter'],
      ['payloadBytes', 'plan'],
    ],
  );
  assert.deepEqual([definition.repeats, definition.orderSeed, definition.place], [2, 1, 'local']);
  assert.deepEqual(cells[0]?.plan.load, { kind: 'open', ratePerSecond: 100, arrival: 'constant' });
});

test('in flight takes the place of the rate of the plan', () => {
  const { cells } = parsed({ vary: ['in-flight=1,2'] });
  assert.deepEqual(
    cells.map(({ plan }) => plan.load),
    [
      { kind: 'closed', inFlight: 1 },
      { kind: 'closed', inFlight: 2 },
    ],
  );
});

test('a plan file may hold all of it, and flags win', () => {
  const { definition, cells } = parsed({ repeats: '5' }, {}, 'shards-and-batches');
  assert.deepEqual([cells.length, definition.repeats, definition.goals.length], [12, 5, 2]);
  assert.equal(parsed({ vary: ['BatchSize=1,2'] }, {}, 'shards-and-batches').cells.length, 2);
});

test('every problem of sweep, plan, cells and parameters is told at once', () => {
  const found = problems(
    {
      vary: [
        'ShardCout=1,2',
        'BatchSize=0,5',
        'rate=abc,200',
        'seed=1,2',
        'rate=1',
        'x',
        'MemorySize=128,128',
      ],
      goal: ['latency.resp.p99 < 3', 'x'],
      repeats: '0',
      orderSeed: '-1',
      parallel: '2',
      maxCost: 'much',
      prices: '/nowhere',
    },
    { connections: '0' },
  );
  const expected = [
    /has no parameter ShardCout; it has ShardCount.*settings of a plan that can vary are connections/,
    /BatchSize must be at least 1, not 0/,
    /^rate: 'abc' is not a rate/,
    /^vary: seed is the same for all cells/,
    /^vary: rate is given twice/,
    /^vary: 'x' is not Key=a,b,c/,
    /^vary: MemorySize has a value twice/,
    /^goal: 'latency.resp.p99 < 3' names nothing/,
    /^goal: 'x' is not PATH/,
    /^repeats: '0'/,
    /^order-seed: '-1'/,
    /^parallel: only a sweep with --on aws/,
    /^max-cost: 'much'/,
    /^prices: \/nowhere is no table/,
    /^connections: must be at least 1/,
  ];
  // Cells are planned only where the plan is sound; what they set is told once it is.
  const cellsOnly = problems({ vary: ['ShardCout=1,2', 'BatchSize=0,5', 'rate=abc,200'] });
  for (const one of expected)
    assert.ok(
      [...found, ...cellsOnly].some((problem) => one.test(problem)),
      `${one} in ${found.join('\n')}`,
    );
  assert.equal(new Set(found).size, found.length, 'each once');
});

test('a grid that is too large is refused with its size and the remedy', () => {
  const values = Array.from({ length: 51 }, (_, index) => index + 1).join(',');
  const [problem] = problems({ vary: [`rate=${values}`, 'BatchSize=1,2,3,4,5,6,7,8,9,10'] });
  assert.match(
    problem ?? '',
    /the grid has 510 cells \(rate has 51, BatchSize has 10\) and may have 500; vary fewer/,
  );
});

test('a sweep on AWS names its stacks, and one by URL has no parameters', () => {
  const vary = ['ShardCount=1,2'];
  assert.match(problems({ vary, on: 'aws' }).join(), /^name: say how the stacks are to be named/);
  assert.match(problems({ vary, on: 'aws' }, { name: 'a_b' }).join(), /can't begin the name of a stack/);
  assert.match(problems({ vary, on: 'mars' }).join(), /'mars' is not one of local, aws/);
  assert.equal(parsed({ vary, on: 'aws', maxCost: '1' }, { name: 'demo' }).definition.stackPrefix, 'demo');
  assert.match(
    problems({ vary }, { stage: 'ws://127.0.0.1:1' }).join(),
    /given by its URL has no parameters/,
  );
  assert.match(problems({ vary }, { stage: 'my-stack' }).join(), /say --on aws --name NAME/);
});

test('goals on metrics need metrics', () => {
  const goal = ['metrics.iteratorAge.max < 1000'];
  assert.match(problems({ vary: ['rate=1,2'], goal, metrics: false }).join(), /no metrics to judge/);
});

test('values that are written differently and mean the same are one value', () => {
  for (const vary of ['rate=100,100/s', 'duration=30s,30000ms', 'duration=60s,1m,61s'])
    assert.match(
      problems({ vary: [vary, 'connections=5,6'] }).join('\n'),
      /^vary: \w+ has a value twice: \S+ and \S+ are the same$/,
      vary,
    );
});

test('a goal whose value would be absent is refused before anything is driven', () => {
  const vary = ['rate=100,1000'];
  const short = { duration: '1s' };
  assert.deepEqual(problems({ vary, goal: ['latency.response.p999 < 900'] }, short), [
    "goal: 'latency.response.p999 < 900' would be absent in cell rate-100: it takes 10000 messages, and 100/s for 1 s are 100",
  ]);
  assert.deepEqual(problems({ vary, goal: ['latency.response.p90 < 900'] }, short), []);
  const url = { ...short, stage: 'ws://127.0.0.1:1' };
  assert.match(problems({ vary, goal: ['cost.total < 1'] }, url).join(), /has no prices$/);
  assert.match(problems({ vary, goal: ['metrics.iteratorAge.max < 1'] }, url).join(), /has no metrics$/);
  assert.match(
    problems({ vary, goal: ['latency.hops.queue.p50 < 1'] }, { ...short, trace: false }).join(),
    /\(--trace\)$/,
  );
});
