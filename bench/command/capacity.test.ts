/** The options of a capacity search, what they need of each other, and its exit codes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, type CapacityProbe } from '../judge/capacity.ts';
import { ConfigurationError } from '../model/failure.ts';
import { exitCodeOf } from './capacity.ts';
import { CAPACITY_FLAGS, DEFAULT_SLOS, parseCapacity } from './capacity-options.ts';
import { asked, type Typed } from './testing/asked.ts';

type Flags = Typed<typeof CAPACITY_FLAGS>;

function parsed(flags: Flags, { plan = 'quick', settings = {} } = {}) {
  return parseCapacity(asked(CAPACITY_FLAGS, flags, { words: [plan], settings }));
}

function problemsOf(flags: Flags, given: { plan?: string; settings?: object } = {}): string {
  try {
    parsed(flags, given);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.join('\n');
  }
  return '';
}

test('without flags the SLOs are those of the plan, or else the default', () => {
  assert.deepEqual(parsed({}).plan.thresholds, DEFAULT_SLOS);
  assert.deepEqual(parsed({}, { plan: 'bursty' }).plan.thresholds, [
    'messages.lost == 0',
    'messages.reordered == 0',
  ]);
  assert.deepEqual(parsed({ slo: ['messages.lost == 0'] }, { plan: 'bursty' }).plan.thresholds, [
    'messages.lost == 0',
  ]);
});

test('every problem of plan and search is told at once', () => {
  const flags = { minRate: '0', precision: '90%', budget: 'soon', probeDuration: '1', confirmations: '-1' };
  const slo = ['latency.response.p98 < 1'];
  const told = problemsOf({ ...flags, slo }, { plan: 'closed-loop', settings: { arrival: 'ramp' } });
  const fields = told.split('\n').map((problem) => problem.split(':')[0]);
  const expected = [
    'min-rate',
    'precision',
    'confirmations',
    'budget',
    'probe-duration',
    'inFlight',
    'arrival',
    'slo',
  ];
  assert.deepEqual(fields.sort(), expected.sort());
});

test('a probe of fixed length has to be long enough for the percentile', () => {
  assert.match(problemsOf({ probeDuration: '10s' }), /^probe-duration: 10 s at 50\/s are 500 messages/);
  assert.equal(problemsOf({ probeDuration: '20s' }), '');
});

test('a search that has no time for its first probes is refused', () => {
  const slow = { slo: ['latency.response.p999 < 250'], minRate: '10' };
  assert.match(problemsOf(slow), /^budget: a probe at 10\/s takes about 1\d\d\d s/);
  assert.equal(problemsOf({ ...slow, budget: '2h' }), '');
});

test('the highest rate is above the lowest', () => {
  assert.match(problemsOf({ minRate: '100', maxRate: '50' }), /^max-rate: 50 is below/);
});

test('what a search may cost needs a stack and a highest rate', () => {
  assert.match(problemsOf({ maxCost: '1' }), /^max-cost: only a search on a stack/);
  assert.match(problemsOf({ maxCost: '1' }, { settings: { stage: 'my-stack' } }), /only with --max-rate/);
  assert.equal(problemsOf({ maxCost: '1', maxRate: '500' }, { settings: { stage: 'my-stack' } }), '');
});

test('a table of prices is looked at before the search begins', () => {
  assert.match(problemsOf({ prices: '/nowhere' }), /^prices: \/nowhere is no table of prices/);
});

test('metrics that are not read can’t be judged', () => {
  assert.match(
    problemsOf({ metrics: false, slo: ['metrics.iteratorAge.max < 1000'] }),
    /^slo: with --no-metrics/,
  );
});

test('the exit code is that of the answer', () => {
  const code = (verdict: string, limitedBy: string | null, partial = false) => {
    const probe = {
      index: 1,
      ratePerSecond: 100,
      verdict,
      limitedBy,
      reasons: [],
    } as unknown as CapacityProbe;
    const end = verdict === 'held' ? 'max rate' : 'nothing held';
    return exitCodeOf({ partial, answer: answerOf([probe], { end, confirmations: 0 }) });
  };
  assert.equal(code('held', null), 0);
  assert.equal(code('failed', 'stage'), 3);
  assert.equal(code('invalid', 'driver'), 4);
  assert.equal(code('invalid', 'machine'), 4);
  assert.equal(code('invalid', null), 4);
  assert.equal(code('held', null, true), 130);
  const failure = { end: 'stage failed', confirmations: 0, failure: 'ECONNREFUSED' } as const;
  assert.equal(exitCodeOf({ partial: true, answer: answerOf([], failure) }), 1);
});

test('an SLO whose value would be absent is refused before anything is driven', () => {
  const url = { settings: { stage: 'ws://127.0.0.1:1' } };
  assert.match(problemsOf({ slo: ['cost.total < 1'] }, url), /^slo: .* would be absent .* has no prices$/);
  assert.match(
    problemsOf({ slo: ['latency.hops.queue.p50 < 1'] }, { settings: { trace: false } }),
    /\(--trace\)$/,
  );
});
