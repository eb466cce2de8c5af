/** A comparison as a whole: what it says of its sides, and what the verdicts come to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import type { MetricChange, SideFacts } from '../../bench/model/comparison.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import { compare } from './compare.ts';
import { hasInvalid, scopeOf, verdictOf } from './comparison.ts';
import type { ComparedRun, Side } from './side.ts';

const { result } = fixture('valid');

/** 1,000 messages of each series: all of a second alike. */
function run(id: string, changes: Partial<RunResult> = {}, [responseMs, serviceMs] = [20, 10]): ComparedRun {
  const flat = (ms: number) => Array.from({ length: 10 }, () => ({ values: [ms], counts: [100] }));
  return {
    directory: `runs/${id}`,
    result: { ...result, id, ...changes },
    response: flat(responseMs!),
    service: flat(serviceMs!),
    lostBySecond: [],
    gaps: [],
  };
}

const side = (label: string, ...runs: ComparedRun[]): Side => ({ label, runs });

function compared(base: Side, candidate: Side, forced = false) {
  const sizes = { smallestEffect: 0.04, smallestRatio: 0.002, seed: 3, resamples: 10 };
  return compare(base, [candidate], { ...sizes, forced, chance: seededRandom(1) });
}

const warningsOn = (base: Side, candidate: Side, forced = false) =>
  compared(base, candidate, forced).contests[0]!.warnings;

const withSetting = (cpus: number): Partial<RunResult> => ({
  environment: { ...result.environment, cpus } as never,
});
const one = (label: string) =>
  `${label} is one run: what differs from run to run is in no interval. Repeat it, five times or more.`;

test('a comparison tells its options, and of each side its runs with the curve of all of them together', () => {
  const validity = { ...result.validity, verdict: 'unknown' as const };
  const changes = { name: 'quick', startedAt: '2026-02-01T00:00:00.000Z', partial: true, validity };
  const base = side('base', run('a', changes), run('b', {}, [40, 30]));
  const { schema, kind, options, base: facts, contests } = compared(base, side('other', run('c'), run('d')));
  assert.deepEqual(
    { schema, kind, options },
    {
      ...{ schema: 1, kind: 'comparison' },
      options: { smallestEffect: 0.04, smallestRatio: 0.002, seed: 3, forced: false },
    },
  );
  assert.equal(facts.label, 'base');
  const { messages, startedAt, name } = result;
  const shared = { deliveredMessages: messages.delivered };
  assert.deepEqual(facts.runs, [
    {
      ...{ directory: 'runs/a', id: 'a', name: 'quick', startedAt: changes.startedAt, ...shared },
      ...{ validity: 'unknown', partial: true },
    },
    {
      ...{ directory: 'runs/b', id: 'b', name, startedAt, ...shared },
      ...{ validity: result.validity.verdict, partial: result.partial },
    },
  ]);
  // Half of the messages took 20 ms and half 40; of the service 10 and 30.
  const ends = (points: (typeof facts.curves)['response']) =>
    [points[0], points.at(-1)].map((point) => point?.valueMs);
  assert.deepEqual(
    [ends(facts.curves.response), ends(facts.curves.service)],
    [
      [20, 40],
      [10, 30],
    ],
  );
  const middle = facts.curves.response.filter(({ percentile }) => percentile > 45 && percentile < 55);
  assert.deepEqual(
    [...new Set(middle.map(({ percentile, valueMs }) => valueMs === (percentile <= 50 ? 20 : 40)))],
    [true],
  );
  assert.deepEqual(
    contests.map(({ candidate, scope }) => [candidate.label, scope]),
    [['other', 'between runs']],
  );
  const without: ComparedRun = { ...run('e'), response: [], service: [] };
  assert.deepEqual(compared(side('none', without), side('x', run('f'))).base.curves, {
    response: [],
    service: [],
  });
});

test('what stands in the way of trust is told: what is shared, invalid, partial, missing, mixed or alone', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => run(id)) as [
    ComparedRun,
    ComparedRun,
    ComparedRun,
    ComparedRun,
  ];
  assert.deepEqual(warningsOn(side('x', a, b), side('y', c, d)), []);
  assert.deepEqual(warningsOn(side('x', a, b), side('y', b, a)), ['Both sides are the same runs.']);
  assert.deepEqual(warningsOn(side('x', a, b), side('y', c, b)), [
    'Some runs are on both sides, so the sides are not independent and the intervals too narrow.',
  ]);
  assert.deepEqual(warningsOn(side('x', a), side('y', a)), ['Both sides are the same runs.']);
  assert.deepEqual(warningsOn(side('x', a), side('y', c, d)), [one('x')]);
  assert.deepEqual(warningsOn(side('x', a, b), side('y', c)), [one('y')]);
  const invalid = run('e', { partial: true, validity: { ...result.validity, verdict: 'invalid' } });
  assert.deepEqual(warningsOn(side('x', a, { ...invalid, gaps: ['no log', 'no log'] }), side('y', c, d)), [
    'runs/e is invalid: its figures do not describe the stage.',
    'runs/e is partial: it was cut short.',
    'no log',
  ]);
  assert.deepEqual(warningsOn(side('x', a, run('f', withSetting(77))), side('y', c, d)), [
    'The runs of x differ in environment.cpus.',
  ]);
});

test('what can’t be compared is told of each side and of both, once', () => {
  const plan = (connections: number) => ({ plan: { ...result.plan, connections } });
  const mixed = side('x', run('a', plan(1)), run('b', { ...plan(2), ...withSetting(77) }));
  const other = side('y', run('c', plan(1)), run('d', plan(1)));
  const problems = [
    'x holds runs of several settings: plan.connections is 1 here and 2 there.',
    'x and y: plan.connections is 1 and 2 here and 1 there.',
  ];
  assert.throws(
    () => compared(mixed, other),
    (error: { problems: string[] }) => {
      assert.deepEqual(error.problems, [...problems, 'What can’t be compared can be forced with --force.']);
      return true;
    },
  );
  assert.deepEqual(warningsOn(mixed, other, true), [
    ...problems,
    'The runs of x differ in environment.cpus.',
  ]);
});

const facts = (...runs: Partial<SideFacts['runs'][number]>[]): SideFacts => ({
  label: 'x',
  runs: runs.map((each) => ({
    ...({ id: 'a', directory: 'd', validity: 'valid', partial: false } as SideFacts['runs'][number]),
    ...each,
  })),
  curves: { response: [], service: [] },
});

test('with one run on a side the scope is within runs, but for a run against itself', () => {
  const [a, b, two] = [facts({}), facts({ id: 'b' }), facts({}, { id: 'b' })];
  assert.deepEqual(
    [scopeOf(a, b), scopeOf(a, two), scopeOf(two, a), scopeOf(two, two), scopeOf(a, a)],
    ['within runs', 'within runs', 'within runs', 'between runs', 'between runs'],
  );
  assert.equal(scopeOf(a, facts({ directory: 'e' })), 'within runs');
});

test('figures can’t be trusted where any run is invalid or partial', () => {
  assert.deepEqual(
    [{}, { validity: 'unknown' as const }, { validity: 'invalid' as const }, { partial: true }].map(
      (changes) => hasInvalid(facts({}, changes)),
    ),
    [false, false, true, true],
  );
});

test('the worst of the verdicts that have an estimate is the verdict, and all the same is the same', () => {
  const of = (...verdicts: MetricChange['verdict'][]) =>
    verdictOf(verdicts.map((verdict) => ({ verdict, change: {} }) as MetricChange));
  assert.deepEqual(
    [of('same', 'better', 'worse'), of('cannot tell', 'better'), of('same', 'cannot tell'), of('same'), of()],
    ['worse', 'better', 'cannot tell', 'same', 'cannot tell'],
  );
  assert.equal(verdictOf([{ verdict: 'worse', change: null } as MetricChange]), 'cannot tell');
});
