/** The search against stages whose capacity is known: how close it comes, how long it takes, what noise can do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../measure/random.ts';
import {
  nextProbe,
  type Probed,
  type ProbeVerdict,
  type SearchEnd,
  type SearchSettings,
  searchBounds,
} from './search.ts';

const SETTINGS: SearchSettings = {
  minRatePerSecond: 50,
  maxRatePerSecond: 1_000_000,
  precision: 0.05,
  confirmations: 2,
  maxProbes: 60,
  budgetMs: Infinity,
  expectedMs: () => 10_000,
};

interface Searched {
  readonly history: readonly Probed[];
  readonly reason: SearchEnd;
  readonly found: number;
}

/** Searches a stage that answers by rate and by the number of the probe. */
function search(
  stage: (ratePerSecond: number, index: number) => ProbeVerdict,
  settings = SETTINGS,
): Searched {
  const history: Probed[] = [];
  for (;;) {
    const step = nextProbe(history, settings);
    if (step.kind === 'done') {
      return { history, reason: step.reason, found: searchBounds(history).low?.ratePerSecond ?? 0 };
    }
    assert.ok(history.length < settings.maxProbes, 'more probes than allowed');
    const { ratePerSecond } = step;
    history.push({ ratePerSecond, verdict: stage(ratePerSecond, history.length), tookMs: 10_000 });
  }
}

const upTo =
  (capacity: number) =>
  (rate: number): ProbeVerdict =>
    rate <= capacity ? 'held' : 'failed';

const capacities = fc.double({ min: 50, max: 500_000, noNaN: true });
const precisions = fc.double({ min: 0.01, max: 0.5, noNaN: true });

test('a stage that does not waver is found within the precision, never above, in few probes', () => {
  fc.assert(
    fc.property(capacities, precisions, (capacity, precision) => {
      const { found, reason, history } = search(upTo(capacity), { ...SETTINGS, precision });
      assert.equal(reason, 'found');
      assert.ok(found <= capacity, `${found} is above ${capacity}`);
      // The second factor: rates have three digits.
      assert.ok(found * (1 + precision) * 1.01 >= capacity, `${found} is too far below ${capacity}`);
      assert.ok(history.length <= 30, `${history.length} probes`);
    }),
  );
});

test('a stage that wavers is found within what it wavers by and the precision', () => {
  fc.assert(
    fc.property(
      capacities,
      fc.double({ min: 0, max: 0.1, noNaN: true }),
      fc.nat(),
      (capacity, noise, seed) => {
        const random = seededRandom(seed);
        const { found, reason } = search((rate) =>
          upTo(capacity * (1 + noise * (2 * random.next() - 1)))(rate),
        );
        if (capacity * (1 - noise) < 50) return;
        assert.equal(reason, 'found');
        assert.ok(found <= capacity * (1 + noise), `${found} is above ${capacity} by more than it wavers`);
        assert.ok(found * 1.05 * 1.01 >= capacity * (1 - noise), `${found} is too far below ${capacity}`);
      },
    ),
  );
});

test('one disturbed probe, whichever it is, costs at most one more step of the precision', () => {
  fc.assert(
    fc.property(capacities, fc.nat({ max: 25 }), (capacity, disturbed) => {
      const { found } = search((rate, index) => (index === disturbed ? 'failed' : upTo(capacity)(rate)));
      assert.ok(found <= capacity, `${found} is above ${capacity}`);
      if (capacity > 60)
        assert.ok(found * 1.05 ** 2 * 1.02 >= capacity, `${found} is too far below ${capacity}`);
    }),
  );
});

test('invalid probes, however many, never lift the answer', () => {
  fc.assert(
    fc.property(capacities, fc.array(fc.boolean(), { minLength: 1 }), (capacity, isDisturbed) => {
      const { found } = search((rate, index) =>
        isDisturbed[index % isDisturbed.length] ? 'invalid' : upTo(capacity)(rate),
      );
      assert.ok(found <= capacity, `${found} is above ${capacity}`);
    }),
  );
});

test('the same history leads to the same next probe', () => {
  fc.assert(
    fc.property(capacities, (capacity) => {
      assert.deepEqual(search(upTo(capacity)), search(upTo(capacity)));
    }),
  );
});

test('whatever a stage answers, the search ends within its probes, below every rate that failed twice', () => {
  const verdicts = fc.constantFrom<ProbeVerdict>('held', 'failed', 'invalid');
  fc.assert(
    fc.property(
      fc.array(verdicts, { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      (answers, maxProbes) => {
        const { history, found } = search((_, index) => answers[index % answers.length]!, {
          ...SETTINGS,
          maxProbes,
        });
        const failures = history
          .filter(({ verdict }) => verdict === 'failed')
          .map(({ ratePerSecond }) => ratePerSecond);
        const twice = failures.filter((rate, index) => failures.indexOf(rate) !== index);
        assert.ok(
          twice.every((rate) => found < rate),
          `${found} with ${twice.join(', ')} failed twice`,
        );
      },
    ),
  );
});

test('the time for all probes is kept', () => {
  fc.assert(
    fc.property(capacities, fc.integer({ min: 10_000, max: 300_000 }), (capacity, budgetMs) => {
      const { history } = search(upTo(capacity), { ...SETTINGS, budgetMs });
      assert.ok(history.length * 10_000 <= budgetMs, `${history.length} probes in ${budgetMs} ms`);
    }),
  );
});
