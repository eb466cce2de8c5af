/** The search step by step: each reason to go on, and each reason to end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contradictionsOf, nextProbe, type Probed, type SearchSettings, searchBounds } from './search.ts';

const SETTINGS: SearchSettings = {
  minRatePerSecond: 100,
  maxRatePerSecond: 1000,
  precision: 0.05,
  confirmations: 2,
  maxProbes: 30,
  budgetMs: 600_000,
  expectedMs: () => 10_000,
};

/** `100+` held, `200-` failed, `400!` was invalid. */
function historyOf(text: string): Probed[] {
  const verdicts = { '+': 'held', '-': 'failed', '!': 'invalid' } as const;
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({
      ratePerSecond: Number(word.slice(0, -1)),
      verdict: verdicts[word.slice(-1) as keyof typeof verdicts],
      tookMs: 10_000,
    }));
}

function after(text: string, settings: Partial<SearchSettings> = {}): string {
  const step = nextProbe(historyOf(text), { ...SETTINGS, ...settings });
  return step.kind === 'done' ? step.reason : `${step.phase} ${step.ratePerSecond}`;
}

test('rates double until one fails, then the gap is halved by ratio', () => {
  assert.equal(after(''), 'bracket 100');
  assert.equal(after('100+'), 'bracket 200');
  assert.equal(after('100+ 200+ 400+'), 'bracket 800');
  assert.equal(after('100+ 200-'), 'bisect 141');
  assert.equal(after('100+ 200- 141+'), 'bisect 168');
});

test('the rate found has to hold again, and the one that failed to fail again', () => {
  assert.equal(after('100+ 104-'), 'confirm 100');
  assert.equal(after('100+ 104- 100+'), 'confirm 100');
  assert.equal(after('100+ 104- 100+ 100+'), 'second look 104');
  assert.equal(after('100+ 104- 100+ 100+ 104-'), 'found');
});

test('a rate that fails its confirmation has failed, and the search steps down', () => {
  assert.equal(after('100+ 200+ 208- 200-'), 'bisect 141');
  assert.deepEqual(searchBounds(historyOf('100+ 200+ 208- 200-')).low?.ratePerSecond, 100);
});

test('a failure that does not repeat was a disturbance when two probes in a row hold', () => {
  const seen = '100+ 104- 100+ 100+ 104+';
  assert.equal(after(seen), 'second look 104');
  assert.equal(after(`${seen} 104+`), 'bracket 208');
  assert.equal(after(`${seen} 104-`), 'found');
});

test('the lowest rate has to fail twice before nothing holds', () => {
  assert.equal(after('100-'), 'second look 100');
  assert.equal(after('100- 100-'), 'nothing held');
  assert.equal(after('100- 100+'), 'second look 100');
  assert.equal(after('100- 100+ 100+'), 'bracket 200');
});

test('the highest rate allowed is probed itself, and confirmed', () => {
  assert.equal(after('100+ 200+ 400+ 800+'), 'bracket 1000');
  assert.equal(after('100+ 200+ 400+ 800+ 1000+'), 'confirm 1000');
  assert.equal(after('100+ 200+ 400+ 800+ 1000+ 1000+ 1000+'), 'max rate');
});

test('an invalid probe neither holds nor fails: it is searched below, and then repeated', () => {
  assert.equal(after('100+ 200!'), 'bisect 141');
  assert.equal(after('100+ 104! 100+ 100+'), 'second look 104');
  assert.equal(after('100+ 104! 100+ 100+ 104!'), 'found');
  assert.equal(after('100+ 104! 100+ 100+ 104+'), 'bracket 208');
  assert.equal(after('100!'), 'second look 100');
  assert.equal(after('100! 100!'), 'nothing held');
});

test('an invalid confirmation is repeated, and given up after the second; what held has held', () => {
  assert.equal(after('100+ 104- 100!'), 'confirm 100');
  assert.equal(after('100+ 104- 100! 100!'), 'second look 104');
  assert.equal(after('100+ 104- 100! 100! 104-'), 'found');
  assert.equal(searchBounds(historyOf('100+ 104- 100! 100! 104-')).low?.ratePerSecond, 100);
});

test('a second look that keeps being invalid leaves the failure in force', () => {
  assert.equal(after('100+ 104- 100+ 100+ 104+ 104!'), 'second look 104');
  assert.equal(after('100+ 104- 100+ 100+ 104+ 104! 104!'), 'found');
});

test('before time or probes run out, what was found is confirmed', () => {
  assert.equal(after('100+ 200+', { budgetMs: 45_000 }), 'confirm 200');
  assert.equal(after('100+ 200+ 200+ 200+', { budgetMs: 45_000 }), 'budget');
  assert.equal(after('100+ 200+', { maxProbes: 4 }), 'confirm 200');
  assert.equal(after('100+ 200+ 200+ 200+', { maxProbes: 4 }), 'probes');
  assert.equal(after('', { budgetMs: 5_000 }), 'budget');
});

test('rates too close for their digits are not halved for ever', () => {
  assert.equal(after('100+ 101-', { precision: 0.001 }), 'confirm 100');
});

test('a rate that failed below, or at, one that held is named', () => {
  assert.deepEqual(contradictionsOf(historyOf('100+ 200- 400+ 150! 300-')), [
    { failedPerSecond: 200, heldPerSecond: 400 },
    { failedPerSecond: 300, heldPerSecond: 400 },
  ]);
  assert.deepEqual(contradictionsOf(historyOf('100+ 100-')), [{ failedPerSecond: 100, heldPerSecond: 100 }]);
  assert.deepEqual(contradictionsOf(historyOf('100+ 200-')), []);
});
