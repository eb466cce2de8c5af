/**
 * The ledger against a twin that keeps the whole history and computes everything by definition, in quadratic time, on
 * random histories of sends, arrivals, duplicates and closings.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Arrival, addTally, assertConserved, emptyTally, StreamLedger, type Tally } from './ledger.ts';

interface Seen {
  readonly sequence: number;
  readonly atMs: number;
}

/** RFC 4737 and RFC 5560 by their definitions, over the full list of arrivals. */
class Twin {
  readonly sent: { intendedMs: number; sentMs: number; measured: boolean }[] = [];
  readonly first: Seen[] = [];
  readonly warmup = emptyTally();
  readonly measured = emptyTally();

  tally(sequence: number): Tally {
    return this.sent[sequence]!.measured ? this.measured : this.warmup;
  }

  arrive(
    sequence: number,
    atMs: number,
  ): { kind: Arrival; extent?: number; lateTimeMs?: number; overtaker?: number } {
    if (sequence >= this.sent.length) return { kind: 'unsent' };
    if (this.first.some((seen) => seen.sequence === sequence)) {
      this.tally(sequence).duplicated++;
      return { kind: 'duplicated' };
    }
    const earliest = this.first.findIndex((seen) => seen.sequence > sequence);
    this.first.push({ sequence, atMs });
    this.tally(sequence).delivered++;
    if (earliest === -1) return { kind: 'delivered' };
    this.tally(sequence).reordered++;
    const overtaker = this.first[earliest]!;
    return {
      kind: 'reordered',
      extent: this.first.length - 1 - earliest,
      lateTimeMs: atMs - overtaker.atMs,
      overtaker: overtaker.sequence,
    };
  }

  close(as: 'lost' | 'indeterminate'): void {
    this.sent.forEach((_, sequence) => {
      if (!this.first.some((seen) => seen.sequence === sequence)) this.tally(sequence)[as]++;
    });
  }
}

type Step =
  | { kind: 'send' }
  | { kind: 'refuse' }
  /** Arrival of the message that many back from the newest. */
  | { kind: 'arrive'; back: number }
  | { kind: 'foreign'; ahead: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ kind: 'send' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'refuse' }) },
  { weight: 6, arbitrary: fc.nat(12).map((back): Step => ({ kind: 'arrive', back })) },
  { weight: 1, arbitrary: fc.nat(3).map((ahead): Step => ({ kind: 'foreign', ahead })) },
);

test('the ledger agrees with a brute-force twin on every history of sends, arrivals and refusals', () => {
  const history = fc.record({
    steps: fc.array(step, { maxLength: 200 }),
    warmup: fc.nat(60),
    as: fc.constantFrom('lost' as const, 'indeterminate' as const),
  });
  fc.assert(
    fc.property(history, ({ steps, warmup, as }) => {
      const tallies = { warmup: emptyTally(), measured: emptyTally() };
      const unanswered: number[] = [];
      const ledger = new StreamLedger({
        stream: 0,
        tallies,
        unanswered: (_as, _stream, sequence) => unanswered.push(sequence),
      });
      const twin = new Twin();
      let arrivals = 0;
      let unexpected = 0;
      steps.forEach((action, index) => {
        const nowMs = index * 7;
        const measured = index >= warmup;
        if (action.kind === 'send') {
          assert.equal(ledger.send(nowMs, nowMs + 1, measured), twin.sent.length);
          twin.sent.push({ intendedMs: nowMs, sentMs: nowMs + 1, measured });
        } else if (action.kind === 'refuse') {
          ledger.refuse(measured);
          const tally = measured ? twin.measured : twin.warmup;
          tally.refused++;
        } else {
          const sequence =
            action.kind === 'foreign' ? twin.sent.length + action.ahead : twin.sent.length - 1 - action.back;
          if (sequence < 0) return;
          arrivals++;
          const expected = twin.arrive(sequence, nowMs);
          const kind = ledger.arrive(sequence, nowMs);
          assert.equal(kind, expected.kind);
          if (kind === 'unsent') unexpected++;
          if (kind === 'reordered') {
            assert.equal(ledger.extent, expected.extent);
            assert.equal(ledger.lateTimeMs, expected.lateTimeMs);
            assert.equal(ledger.overtakerSequence, expected.overtaker);
            assert.equal(ledger.overtakerSentMs, twin.sent[expected.overtaker!]!.sentMs);
          }
          if (kind === 'delivered' || kind === 'reordered') {
            assert.equal(ledger.intendedMs, twin.sent[sequence]!.intendedMs);
            assert.equal(ledger.sentMs, twin.sent[sequence]!.sentMs);
            assert.equal(ledger.measured, twin.sent[sequence]!.measured);
          }
        }
        assert.equal(ledger.outstanding, twin.sent.length - twin.first.length);
      });
      ledger.close(as);
      twin.close(as);
      for (const sent of twin.sent) {
        const tally = sent.measured ? twin.measured : twin.warmup;
        tally.sent++;
        tally.scheduled++;
      }
      twin.warmup.scheduled += twin.warmup.refused;
      twin.measured.scheduled += twin.measured.refused;
      assert.deepEqual(tallies, { warmup: twin.warmup, measured: twin.measured });
      const missing = twin.sent.map((_, sequence) => sequence);
      const arrived = new Set(twin.first.map((seen) => seen.sequence));
      assert.deepEqual(
        unanswered,
        missing.filter((sequence) => !arrived.has(sequence)),
      );
      const all = emptyTally();
      addTally(all, tallies.warmup);
      addTally(all, tallies.measured);
      assertConserved(all, arrivals, unexpected);
    }),
    { numRuns: 2000 },
  );
});

test('with a window limit, messages given up are lost, later answers to them expire, and both laws still hold', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 300 }), (backs) => {
      const tallies = { warmup: emptyTally(), measured: emptyTally() };
      const ledger = new StreamLedger({ stream: 0, tallies, unanswered: () => {}, maxWindow: 16 });
      let unexpected = 0;
      backs.forEach((back, index) => {
        const sequence = ledger.send(index, index, true) - back;
        if (sequence < 0) return;
        if (ledger.arrive(sequence, index) === 'expired') unexpected++;
      });
      ledger.close('lost');
      const arrivals = backs.filter((back, index) => index - back >= 0).length;
      assertConserved(tallies.measured, arrivals, unexpected);
    }),
    { numRuns: 1000 },
  );
});
