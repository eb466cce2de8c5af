import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamLedger } from './ledger.ts';
import { assertConserved, emptyTally, type Tally } from './tally.ts';

function ledgerWith(maxWindow?: number): {
  ledger: StreamLedger;
  measured: Tally;
  warmup: Tally;
  unanswered: unknown[];
  gaps: number[];
} {
  const tallies = { warmup: emptyTally(), measured: emptyTally() };
  const unanswered: unknown[] = [];
  const gaps: number[] = [];
  const ledger = new StreamLedger({
    stream: 3,
    tallies,
    listener: {
      unanswered: (...what) => unanswered.push(what),
      gap: (messages) => gaps.push(messages),
    },
    ...(maxWindow === undefined ? {} : { maxWindow }),
  });
  return { ledger, ...tallies, unanswered, gaps };
}

function sendMany(ledger: StreamLedger, count: number): void {
  for (let index = 0; index < count; index++) ledger.send(index * 10, index * 10 + 1, true);
}

test('messages that arrive in order are delivered and nothing else', () => {
  const { ledger, measured } = ledgerWith();
  sendMany(ledger, 3);
  for (const sequence of [0, 1, 2]) assert.equal(ledger.arrive(sequence, 100 + sequence), 'delivered');
  assert.deepEqual(measured, { ...emptyTally(), scheduled: 3, sent: 3, delivered: 3 });
});

test('two messages overtaken by the same one are two reorders, with extents as RFC 4737 section 4.2 defines them', () => {
  const { ledger, measured } = ledgerWith();
  sendMany(ledger, 4);
  assert.equal(ledger.arrive(3, 100), 'delivered');
  assert.equal(ledger.last.jumped, true);
  assert.equal(ledger.arrive(1, 130), 'reordered');
  assert.deepEqual([ledger.last.extent, ledger.last.lateTimeMs, ledger.last.overtakerSequence], [1, 30, 3]);
  assert.equal(ledger.arrive(0, 150), 'reordered');
  assert.deepEqual([ledger.last.extent, ledger.last.lateTimeMs, ledger.last.overtakerSequence], [2, 50, 3]);
  assert.equal(measured.reordered, 2);
  assert.equal(measured.delivered, 3);
});

test('a duplicate of a reordered message is a duplicate and not another reorder', () => {
  const { ledger, measured } = ledgerWith();
  sendMany(ledger, 2);
  ledger.arrive(1, 10);
  ledger.arrive(0, 20);
  assert.equal(ledger.arrive(0, 30), 'duplicated');
  assert.equal(ledger.arrive(0, 40), 'duplicated');
  assert.equal(ledger.arrive(1, 50), 'duplicated');
  assert.deepEqual([measured.duplicated, measured.reordered, measured.delivered], [3, 1, 2]);
});

test('a gap needs the earlier discontinuity to be found out before the later one', () => {
  const gapsOf = (arrivals: readonly number[]): number[] => {
    const { ledger, gaps } = ledgerWith();
    sendMany(ledger, Math.max(...arrivals) + 1);
    for (const [at, sequence] of arrivals.entries()) ledger.arrive(sequence, 100 + at);
    ledger.close('lost');
    return gaps;
  };
  // 3 is found out by 2, and only then 1 by 0: RFC 4737, section 4.5.4.
  assert.deepEqual(gapsOf([1, 3, 2, 0]), []);
  assert.deepEqual(gapsOf([1, 0, 3, 2]), [2]);
  assert.deepEqual(gapsOf([1, 3, 0, 2]), [1]);
  // Of three, 5 is found out last, but before it 3 had been, and 1 before that.
  assert.deepEqual(gapsOf([1, 0, 3, 2, 5, 4]), [2, 2]);
  // 3, between the others, is found out last: 5 has no gap to 1, as 3 is between them.
  assert.deepEqual(gapsOf([1, 3, 5, 0, 4, 2]), [1]);
});

test('what never arrives is lost when the connection stayed open, and indeterminate when it died', () => {
  for (const as of ['lost', 'indeterminate'] as const) {
    const { ledger, measured, unanswered } = ledgerWith();
    sendMany(ledger, 4);
    ledger.arrive(1, 15);
    ledger.close(as);
    assert.equal(measured[as], 3);
    assert.deepEqual(unanswered, [
      [as, 3, 0, 0, 1, true],
      [as, 3, 2, 20, 21, true],
      [as, 3, 3, 30, 31, true],
    ]);
  }
});

test('warm-up messages are counted apart, duplicates of them long after included', () => {
  const { ledger, measured, warmup } = ledgerWith();
  ledger.send(0, 0, false);
  ledger.send(1, 1, true);
  ledger.arrive(0, 5);
  ledger.arrive(1, 6);
  assert.equal(ledger.arrive(0, 7), 'duplicated');
  assert.equal(ledger.last.measured, false);
  assert.equal(ledger.arrive(1, 8), 'duplicated');
  assert.equal(ledger.last.measured, true);
  assert.deepEqual([warmup.duplicated, measured.duplicated], [1, 1]);
});

test('a number that was never sent is unsent, whoever sends it', () => {
  const { ledger } = ledgerWith();
  sendMany(ledger, 2);
  assert.equal(ledger.arrive(2, 1), 'unsent');
  assert.equal(ledger.arrive(9_999_999_999, 1), 'unsent');
});

test('a stream that loses a message keeps its order and its memory bounded by the window', () => {
  const { ledger, measured, unanswered } = ledgerWith(16);
  for (let sequence = 0; sequence < 100; sequence++) {
    ledger.send(sequence, sequence, true);
    if (sequence !== 5) ledger.arrive(sequence, sequence);
  }
  assert.equal(measured.lost, 1);
  assert.deepEqual(unanswered, [['lost', 3, 5, 5, 5, true]]);
  assert.equal(ledger.arrive(5, 200), 'expired');
  assert.equal(measured.delivered, 99);
});

test('each conservation law is seen failing', () => {
  const tally = { ...emptyTally(), scheduled: 2, sent: 2, delivered: 2 };
  assertConserved(tally, 2, 0);
  assert.throws(() => assertConserved({ ...tally, lost: 1 }, 2, 0), /attempts are not conserved/);
  assert.throws(() => assertConserved({ ...tally, sent: 1 }, 2, 0), /attempts are not conserved/);
  assert.throws(() => assertConserved(tally, 3, 0), /arrivals are not conserved/);
  assert.throws(() => assertConserved({ ...tally, duplicated: 1 }, 2, 0), /arrivals are not conserved/);
});
