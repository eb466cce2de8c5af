/** What the probes of a search come to, in figures and in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distinctCapacity } from '../../reports/testing/experiments.ts';
import { assertGolden } from '../../reports/testing/golden.ts';
import { probeDurationMs, samplesFor } from '../model/probe-plan.ts';
import { answerOf, CAPACITY_RESULT, type CapacityAnswer, type CapacityProbe } from './capacity.ts';
import { capacityCost, probeCost } from './capacity-cost.ts';
import type { Culprit } from './probe-judgement.ts';

/** `100+` held, `200-` failed for the stage, `200driver` was invalid for the driver. */
function answer(text: string, end: CapacityAnswer['end'] = 'found'): CapacityAnswer {
  const probes = text.split(' ').filter(Boolean).map(probeOf);
  return answerOf(probes, { end, confirmations: 1 });
}

function probeOf(word: string, index: number): CapacityProbe {
  const [, rate, what] = /^(\d+)(.+)$/.exec(word)!;
  const verdict = what === '+' ? 'held' : what === '~' ? 'not judged' : what === '-' ? 'failed' : 'invalid';
  const limitedBy = verdict === 'held' ? null : verdict === 'failed' ? 'stage' : (what as Culprit);
  const probe = {
    index,
    ratePerSecond: Number(rate),
    verdict,
    limitedBy,
    reasons: limitedBy ? ['it was slow'] : [],
  };
  return probe as unknown as CapacityProbe;
}

test('an answer names the rate, what failed above it, the gap and its probes', () => {
  const found = answer('100~ 100+ 200+ 208- 200+ 208-');
  assert.equal(found.ratePerSecond, 200);
  assert.equal(found.failsAtPerSecond, 208);
  assert.equal(found.precision, 208 / 200 - 1);
  assert.deepEqual([found.confirmedBy, found.isConfirmed, found.isLowerBound], [2, true, false]);
  assert.equal(
    found.sentence,
    'The SLOs hold up to 200 messages/s (2 probes of 2). 208/s do not (it was slow): the limit is the stage’s.',
  );
});

test('a limit of the driver or the machine makes the answer a lower bound', () => {
  for (const culprit of ['driver', 'machine'] as const) {
    const found = answer(`100+ 104${culprit} 100+ 104${culprit}`);
    assert.deepEqual([found.limitedBy, found.isLowerBound], [culprit, true]);
    assert.match(
      found.sentence,
      /^The SLOs hold up to at least 100 messages.* 104\/s could not be judged \(it was slow\): /,
    );
    assert.deepEqual(
      [found.failsAtPerSecond, found.unjudgedAtPerSecond, found.precision],
      [null, 104, null],
      'an invalid probe is no failed one',
    );
  }
});

test('the highest rate allowed is a lower bound', () => {
  const found = answer('100+ 100+', 'max rate');
  assert.deepEqual([found.limitedBy, found.isLowerBound, found.precision], ['max rate', true, null]);
  assert.match(found.sentence, /No higher rate was allowed/);
});

test('a search that ended early says what is known, and on how little it rests', () => {
  const found = answer('100+ 200-', 'budget');
  assert.deepEqual([found.limitedBy, found.isConfirmed], ['search', false]);
  assert.match(found.sentence, /--budget\) was used up; 200\/s did not hold\. It rests on one probe only\./);
});

test('no rate held: whose fault that was', () => {
  assert.equal(answer('100- 100-', 'nothing held').sentence, 'Not even 100 messages/s hold: it was slow.');
  const driver = answer('100driver 100driver', 'nothing held');
  assert.equal(driver.ratePerSecond, null);
  assert.match(
    driver.sentence,
    /^100 messages\/s could not be judged: it was slow; the limit met is the driver’s/,
  );
});

test('an interruption before anything was judged has no answer', () => {
  const found = answer('100~', 'interrupted');
  assert.deepEqual([found.ratePerSecond, found.limitedBy], [null, 'nothing']);
  assert.match(found.sentence, /interrupted before any rate was judged/);
});

test('a search that the stage ended by failing says that, not that it was interrupted', () => {
  const of = (text: string) =>
    answerOf(text.split(' ').map(probeOf), {
      ...{ end: 'stage failed', confirmations: 1, failure: 'ECONNREFUSED 10 times' },
    });
  const found = of('100~ 100+ 200-');
  assert.deepEqual([found.limitedBy, found.isLowerBound, found.evidence], ['stage', true, [found.failure]]);
  assert.match(found.sentence, /at least 100 .* ended there, for the stage failed: ECONNREFUSED 10 times\./);
  assert.equal(of('100~').sentence, 'No rate held before the stage failed: ECONNREFUSED 10 times.');
});

test('probes that disagree are told', () => {
  assert.match(
    answer('100+ 200- 400+ 100+ 200-').sentence,
    /The probes disagree: 200 once failed and 400 held/,
  );
});

test('the cost of a search is that of its probes, and of a round trip that at the rate found', () => {
  const bill = (total: number, perMillion: number | null) => ({
    total,
    perMillionRoundTrips: perMillion,
    perMonth: total * 1000,
    pricesAsOf: '2026-01-15',
    basis: 'billed' as const,
  });
  const costed = (text: string, costs: readonly (ReturnType<typeof bill> | null)[]) =>
    text.split(' ').map((word, index) => ({ ...probeOf(word, index), cost: costs[index] ?? null }));
  const text = '100~ 100+ 200- 100+';
  const costs = [bill(1, 9), bill(2, 4), bill(4, 7), bill(3, 6)];
  assert.deepEqual(capacityCost(costed(text, costs), 100), {
    currency: 'USD',
    total: 10,
    perMillionRoundTrips: 5,
    perMonth: 2500,
    pricesAsOf: '2026-01-15',
    basis: 'billed',
  });
  const { total, perMillionRoundTrips } = capacityCost(costed(text, [null, ...costs.slice(1)]), 100)!;
  assert.deepEqual([total, perMillionRoundTrips], [null, 5], 'the warm-up has none, so there is no sum');
  const unanswered = capacityCost(costed(text, [costs[0]!, bill(2, null), ...costs.slice(2)]), 100)!;
  assert.deepEqual([unanswered.total, unanswered.perMillionRoundTrips], [10, null]);
  assert.equal(capacityCost(costed(text, costs), null)?.perMillionRoundTrips, null, 'no rate was found');
  assert.equal(capacityCost(costed(text, []), 100), null, 'a stage without a template');
  assert.equal(probeCost(null), null);
});

test('a probe is as long as its strictest percentile takes', () => {
  const samples = samplesFor([
    'latency.response.p99 < 250',
    'latency.hops.queue.p999 < 900',
    'messages.lost == 0',
  ]);
  assert.equal(samples, 10_000);
  assert.equal(samplesFor(['messages.lost == 0']), 0);
  assert.equal(probeDurationMs({ ratePerSecond: 100, samples, fixedMs: null }), 110_000);
  assert.equal(probeDurationMs({ ratePerSecond: 5000, samples, fixedMs: null }), 10_000);
  assert.equal(probeDurationMs({ ratePerSecond: 100, samples, fixedMs: 2000 }), 2000);
});

test('the answers to searches that ended one way or another are those of the golden text', () => {
  const searches: readonly (readonly [probes: string, end: CapacityAnswer['end'], failure?: string])[] = [
    ['100~ 100+ 200+ 208- 200+ 208-', 'found'],
    ['100+ 104driver', 'found'],
    ['100+ 104machine 104driver', 'found'],
    ['100+ 104- 104driver', 'found'],
    ['1234+ 1300-', 'found'],
    ['100+ 100+', 'max rate'],
    ['100+ 104driver', 'max rate'],
    ['100+', 'budget'],
    ['100+ 200-', 'budget'],
    ['100+ 200machine', 'budget'],
    ['100+ 200-', 'probes'],
    ['100+ 100+ 200-', 'interrupted'],
    ['100+', 'interrupted'],
    ['100~', 'interrupted'],
    ['', 'budget'],
    ['100-', 'found'],
    ['100- 50-', 'budget'],
    ['100driver', 'found'],
    ['100machine', 'probes'],
    ['100+ 200-', 'stage failed', 'it was gone'],
    ['100-', 'stage failed', 'it was gone'],
    ['100~', 'stage failed', 'it was gone'],
    ['100+ 200- 300+ 300+', 'max rate'],
    ['100+ 200- 250- 300+ 300+', 'found'],
  ];
  const lines = searches.map(([probes, end, failure]) => {
    const found = answerOf(probes.split(' ').filter(Boolean).map(probeOf), {
      end,
      confirmations: 1,
      failure,
    });
    return `${probes || 'nothing'}, ${end}: ${JSON.stringify(found)}`;
  });
  assertGolden('capacity-answers', lines);
});

test('capacity.json holds all of an answer, and nothing else passes for one', () => {
  const capacity = JSON.parse(JSON.stringify(distinctCapacity()));
  const parses = (value: unknown): boolean => CAPACITY_RESULT.safeParse(value).success;
  assert.ok(parses(capacity), JSON.stringify(CAPACITY_RESULT.safeParse(capacity).error?.issues.slice(0, 3)));
  const refused: string[] = [];
  const accepted: string[] = [];
  const tryWithout = (path: string, holder: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(holder)) {
      holder[name] = { neither: 'this nor that' };
      (parses(capacity) ? accepted : refused).push(name);
      delete holder[name];
      (parses(capacity) ? accepted : refused).push(`${path}${name} missing`);
      holder[name] = value;
    }
  };
  tryWithout('', capacity);
  tryWithout('search.', capacity.search);
  tryWithout('answer.', capacity.answer);
  tryWithout('probe.', capacity.probes[1]);
  tryWithout('cost.', capacity.cost);
  tryWithout('probe.cost.', capacity.probes[1].cost);
  assert.deepEqual(accepted, ['cost missing', 'probe.cost missing']);
  assert.ok(refused.length > 80, String(refused.length));
  for (const directory of ['x/probes/1', 'probes/1/..', 'probes/x', 'probes/', 'probes/1 '])
    assert.ok(!parses({ ...capacity, probes: [{ ...capacity.probes[1], directory }] }), directory);
  for (const directory of ['probes/1', 'probes/01-warm_up.2'])
    assert.ok(parses({ ...capacity, probes: [{ ...capacity.probes[1], directory }] }), directory);
  const answer = (changes: object) => parses({ ...capacity, answer: { ...capacity.answer, ...changes } });
  for (const end of ['interrupted', 'stage failed', 'max rate']) assert.ok(answer({ end }), end);
  for (const limitedBy of ['max rate', 'search', 'nothing', 'driver'])
    assert.ok(answer({ limitedBy }), limitedBy);
  const probe = (changes: object) => parses({ ...capacity, probes: [{ ...capacity.probes[1], ...changes }] });
  assert.ok(probe({ phase: 'warm-up', verdict: 'not judged' }));
  for (const changes of [{ phase: '' }, { verdict: '' }, { limitedBy: '' }, { ratePerSecond: 0 }])
    assert.ok(!probe(changes), JSON.stringify(changes));
  for (const changes of [{ end: '' }, { limitedBy: '' }])
    assert.ok(!answer(changes), JSON.stringify(changes));
  const [contradiction] = [{ failedPerSecond: 2, heldPerSecond: 3 }];
  assert.ok(
    answer({ contradictions: [contradiction] }) && !answer({ contradictions: [{ failedPerSecond: 2 }] }),
  );
  for (const changes of [{ kind: '' }, { schema: 2 }, { cost: { ...capacity.cost, currency: '' } }])
    assert.ok(!parses({ ...capacity, ...changes }), JSON.stringify(changes));
});
