/** What the probes of a search come to, in figures and in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeDurationMs, samplesFor } from '../model/probe-plan.ts';
import { answerOf, type CapacityAnswer, type CapacityProbe } from './capacity.ts';
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
