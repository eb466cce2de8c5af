import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetOf, workerOf } from '../fleet/testing/fixture.ts';
import { fixture } from '../testing/fixture.ts';
import { attemptCounts, deliveryBase, ratioOrBound, violationCounts } from './counts.ts';

test('every violation class has its own n', () => {
  assert.deepEqual(
    violationCounts(fixture('violations').result).map(({ name, count, of }) => [name, count, of]),
    [
      ['Lost', 3, 30_000],
      ['Duplicated', 41, 29_997],
      ['Reordered', 117, 29_997],
      ['Unexpected', 1, 29_997 + 41 + 1],
    ],
  );
});

test('what a fleet delivered is a share of what was planned, what a cut run did of what it had scheduled', () => {
  const { result } = fixture('valid');
  const fleet = fleetOf(4, [workerOf(0), workerOf(1)]);
  assert.deepEqual(deliveryBase({ result, fleet }), { of: 8_000, ofWhat: 'planned' });
  const closed = { ...fleet, missingShare: { ...fleet.missingShare!, messages: null, messagesOfAll: null } };
  assert.deepEqual(deliveryBase({ result, fleet: closed }), {
    of: 30_000,
    ofWhat: 'scheduled by the workers that reported',
  });
  const all = fleetOf(2, [workerOf(0), workerOf(1)]);
  assert.deepEqual(deliveryBase({ result, fleet: all }), { of: 30_000, ofWhat: 'scheduled' });
  assert.deepEqual(deliveryBase({ result: { ...result, partial: true } }), {
    of: 30_000,
    ofWhat: 'scheduled until it was cut short',
  });
});

test('zero is stated with its bound, some with their ratio, and nothing with nothing', () => {
  const lost = { name: 'Lost', ofWhat: 'sent', upper95: null } as const;
  assert.equal(
    ratioOrBound({ ...lost, count: 0, of: 30_000 }),
    'below 0.01 % (fewer than 3 in 30,000, at 95 %)',
  );
  assert.equal(ratioOrBound({ ...lost, count: 3, of: 30_000 }), '0.01 %');
  assert.equal(
    ratioOrBound({ ...lost, count: 3, of: 30_000, upper95: 0.000292 }),
    '0.01 %, at most 0.029 % at 95 %',
  );
  assert.equal(ratioOrBound({ ...lost, count: 0, of: 2 }), 'too few to say');
  assert.match(ratioOrBound({ ...lost, count: 0, of: 0 }), /nothing to judge by/);
});

test('the outcomes of attempts add up to the scheduled messages', () => {
  const { result } = fixture('partial');
  const sum = attemptCounts(result).reduce((total, { count }) => total + count, 0);
  assert.equal(sum, result.messages.scheduled);
});
