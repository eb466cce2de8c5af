/** What a service did, by metrics that leave things out, mean something else than they say, or are not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MappingSeries, mappingCountsOf } from './mapping-counts.ts';

const NOTHING: ReadonlyMap<number, number> = new Map();
const minutes = (...values: readonly number[]) =>
  new Map(values.map((value, index) => [index * 60_000, value]));

/** 1,000 records in two minutes; 40 of them were tried twice, by four invocations that failed. */
const SERIES: MappingSeries = {
  PolledEventCount: minutes(500, 500),
  InvokedEventCount: minutes(540, 500),
  FailedInvokeEventCount: minutes(40, 0),
  DroppedEventCount: NOTHING,
  OnFailureDestinationDeliveredEventCount: NOTHING,
  Invocations: minutes(54, 50),
  Errors: minutes(4, 0),
  DestinationDeliveryFailures: NOTHING,
};
/** A minute after the second. */
const ASKED = { atEpochMs: 180_000, quietMs: 240_000 };
const countsOf = (change: Partial<MappingSeries> = {}, atEpochMs = ASKED.atEpochMs) => {
  const { service, ...counts } = mappingCountsOf('audit', { ...SERIES, ...change }, { ...ASKED, atEpochMs });
  assert.equal(service, 'audit');
  return counts;
};

test('a count without values is zero where its source publishes', () => {
  assert.deepEqual(countsOf(), { processed: 1000, givenUp: 0, errors: 4 });
});

test('given up is what was dropped, what a destination was told of, and what could not be told', () => {
  const givenUp = (change: Partial<MappingSeries>) => countsOf(change).givenUp;
  assert.equal(givenUp({ DroppedEventCount: minutes(3) }), 3);
  assert.equal(givenUp({ OnFailureDestinationDeliveredEventCount: minutes(0, 5) }), 5);
  assert.equal(givenUp({ DestinationDeliveryFailures: minutes(2) }), 2);
  assert.equal(
    givenUp({
      DroppedEventCount: minutes(3),
      OnFailureDestinationDeliveredEventCount: minutes(5),
      DestinationDeliveryFailures: minutes(2),
    }),
    10,
  );
});

test('where errors are no failed invocations, processed is what was read and not given up, and no attempt counts twice', () => {
  const uncounted = { FailedInvokeEventCount: NOTHING };
  assert.deepEqual(countsOf(uncounted), { processed: 1000, givenUp: 0, errors: 4 });
  const poisoned = { ...uncounted, OnFailureDestinationDeliveredEventCount: minutes(1) };
  assert.deepEqual(countsOf(poisoned), { processed: 999, givenUp: 1, errors: 4 });
});

test('where errors are no failed invocations and go on, nobody knows what waits for another attempt', () => {
  const failing = { FailedInvokeEventCount: NOTHING, Errors: minutes(0, 4) };
  assert.equal(countsOf(failing).processed, null);
  assert.equal(countsOf(failing, 359_999).processed, null);
  assert.equal(countsOf(failing, 360_000).processed, 1000, 'quiet for longer than metrics are late');
  assert.equal(countsOf({ ...failing, PolledEventCount: NOTHING, Errors: minutes(4, 0) }).processed, null);
});

test('what CloudWatch has not published, or only in part, is not known', () => {
  const none = Object.fromEntries(
    Object.keys(SERIES).map((name) => [name, NOTHING]),
  ) as unknown as MappingSeries;
  assert.deepEqual(countsOf(none), { processed: null, givenUp: null, errors: null });
  assert.equal(countsOf({ InvokedEventCount: null }).processed, null);
  assert.equal(countsOf({ DroppedEventCount: null }).givenUp, null);
  assert.deepEqual(countsOf({ Errors: null }), { processed: null, givenUp: 0, errors: null });
});
