/**
 * The ledger's trivial twin: it keeps the whole history of a stream and computes everything from the definitions, in
 * quadratic time – RFC 4737's reordered (section 3), extent (4.2), late time (4.3), gaps (4.5), runs (4.6) and n (5), and
 * RFC 5560's duplicates. The property that the ledger agrees with it on random histories is a function of the ledger, so
 * that a broken one can be put to it too.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addCounts } from '../../model/counts.ts';
import type { Arrival } from '../arrival.ts';
import type { StreamLedger } from '../ledger.ts';
import { assertConserved, emptyTally, type Tally } from '../tally.ts';

type NewLedger = typeof StreamLedger;

interface Sent {
  readonly intendedMs: number;
  readonly sentMs: number;
  readonly measured: boolean;
}

interface FirstArrival {
  readonly sequence: number;
  readonly atMs: number;
  /** Index of the earliest arrival with a higher number; -1 when it was in order. */
  readonly overtakenAt: number;
  /** Whether it left unsettled numbers below it that were above all before. */
  readonly isJump: boolean;
}

/** What an arrival was, and the fields of the ledger that describe it. */
interface Judgement {
  readonly kind: Arrival;
  readonly fields: Readonly<Record<string, unknown>>;
}

const FIRST_CAPACITY = 8;

/** Bytes of a place in the window, and of one on the stack of arrivals. */
const SLOT_BYTES = 41;
const STACK_BYTES = 16;

/** A stream by the definitions, over the full lists of what was sent and what arrived. */
class Twin {
  readonly sent: Sent[] = [];
  readonly first: FirstArrival[] = [];
  readonly givenUp: number[] = [];
  readonly warmup = emptyTally();
  readonly measured = emptyTally();
  readonly unanswered: unknown[][] = [];
  shortestWaitMs = Number.POSITIVE_INFINITY;
  readonly #maxWindow: number;
  /** Messages that the ledger has room for, and the first of them since it last took more. */
  #capacity = 0;
  #keptFrom = 0;

  constructor(maxWindow: number) {
    this.#maxWindow = maxWindow;
  }

  tally(sequence: number): Tally {
    return this.sent[sequence]!.measured ? this.measured : this.warmup;
  }

  arrivalOf(sequence: number): FirstArrival | undefined {
    return this.first.find((arrival) => arrival.sequence === sequence);
  }

  isSettled(sequence: number): boolean {
    return this.givenUp.includes(sequence) || this.arrivalOf(sequence) !== undefined;
  }

  /** The oldest number that is not settled; the next one when all are. */
  base(): number {
    const oldest = this.sent.findIndex((_, sequence) => !this.isSettled(sequence));
    return oldest === -1 ? this.sent.length : oldest;
  }

  send(message: Sent): void {
    const base = this.base();
    if (this.sent.length - base === this.#capacity) {
      if (this.#capacity < this.#maxWindow) {
        this.#capacity = Math.max(FIRST_CAPACITY, 2 * this.#capacity);
        this.#keptFrom = base;
      } else {
        const { sentMs, measured } = this.sent[base]!;
        if (measured) this.shortestWaitMs = Math.min(this.shortestWaitMs, message.sentMs - sentMs);
        this.giveUp(base, 'lost');
      }
    }
    this.sent.push(message);
    const tally = message.measured ? this.measured : this.warmup;
    tally.sent++;
    tally.scheduled++;
  }

  giveUp(sequence: number, as: 'lost' | 'indeterminate'): void {
    const { intendedMs, sentMs, measured } = this.sent[sequence]!;
    this.givenUp.push(sequence);
    this.tally(sequence)[as]++;
    this.unanswered.push([as, 7, sequence, intendedMs, sentMs, measured]);
  }

  close(as: 'lost' | 'indeterminate'): void {
    for (let base = this.base(); base < this.sent.length; base = this.base()) this.giveUp(base, as);
  }

  arrive(sequence: number, atMs: number): Judgement {
    if (sequence >= this.sent.length) return { kind: 'unsent', fields: {} };
    if (sequence <= Math.max(-1, ...this.givenUp)) return { kind: 'expired', fields: {} };
    const { measured } = this.sent[sequence]!;
    const earlier = this.arrivalOf(sequence);
    if (earlier !== undefined) {
      this.tally(sequence).duplicated++;
      const isKept = sequence >= this.#keptFrom && this.sent.length - sequence <= this.#capacity;
      const sentMs = isKept ? this.sent[sequence]!.sentMs : Number.NaN;
      const fields = { measured, sentMs, firstArrivedMs: isKept ? earlier.atMs : Number.NaN };
      return { kind: 'duplicated', fields };
    }
    return this.#arriveFirst(sequence, atMs);
  }

  #arriveFirst(sequence: number, atMs: number): Judgement {
    const { measured, intendedMs, sentMs } = this.sent[sequence]!;
    const common = { measured, intendedMs, sentMs };
    const overtakenAt = this.first.findIndex((arrival) => arrival.sequence > sequence);
    const highest = Math.max(-1, ...this.first.map((arrival) => arrival.sequence));
    const jumped = this.sent.some(
      (_, other) => other > highest && other < sequence && !this.isSettled(other),
    );
    const before = [...this.first];
    this.first.push({ sequence, atMs, overtakenAt, isJump: jumped });
    this.tally(sequence).delivered++;
    if (overtakenAt === -1) return { kind: 'delivered', fields: { ...common, jumped } };
    this.tally(sequence).reordered++;
    const overtaker = before[overtakenAt]!;
    const lower = before.findLastIndex((arrival) => arrival.sequence < sequence);
    const reordered = before.findLastIndex((arrival) => arrival.overtakenAt !== -1);
    const fields = {
      ...common,
      extent: before.length - overtakenAt,
      lateTimeMs: atMs - overtaker.atMs,
      nReordering: before.length - 1 - lower,
      run: before.length - 1 - reordered,
      overtakerSequence: overtaker.sequence,
      overtakerSentMs: this.sent[overtaker.sequence]!.sentMs,
      overtakerArrivedMs: overtaker.atMs,
    };
    return { kind: 'reordered', fields };
  }

  /** The least and the most that the ledger may take: nothing for order before anything was jumped over. */
  bytes(): { readonly least: number; readonly most: number } {
    const slots = SLOT_BYTES * this.#capacity;
    if (!this.first.some(({ isJump }) => isJump)) return { least: slots, most: slots };
    const places = Math.max(FIRST_CAPACITY, this.#capacity);
    return { least: slots + STACK_BYTES * FIRST_CAPACITY, most: slots + STACK_BYTES * places };
  }

  /**
   * As 4.5.4 puts it, along the reordered arrivals: s[i'] finds out s[j']; of the discontinuities that reordered arrivals before it have
   * found out the nearest before s[j'] is s[j], if in the end none lies between the two. Where s[j'] is measured, by place.
   */
  gaps(): number[] {
    const places = this.first.map((arrival) => arrival.overtakenAt);
    const gaps = new Map<number, number>();
    for (const [i, place] of places.entries()) {
      if (place === -1 || places.indexOf(place) < i) continue;
      const detected = places.slice(0, i).filter((other) => other !== -1 && other < place);
      const nearest = Math.max(...detected);
      const isNext = !places.some((other) => nearest < other && other < place);
      const { measured } = this.sent[this.first[place]!.sequence]!;
      if (detected.length > 0 && isNext && measured) gaps.set(place, place - nearest);
    }
    return [...gaps].sort(([one], [other]) => one - other).map(([, gap]) => gap);
  }
}

type Step =
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: 'refuse' }
  /** The message arrives that is so many back from the newest. */
  | { readonly kind: 'arrive'; readonly back: number }
  /** All that is outstanding but the newest arrives at once, every so manieth not at all. */
  | {
      readonly kind: 'release';
      readonly isReversed: boolean;
      readonly keep: number;
      readonly dropEvery: number;
    }
  | { readonly kind: 'foreign'; readonly ahead: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.constant(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 2, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('arrive' as const), back: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('arrive' as const), back: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      isReversed: fc.boolean(),
      keep: fc.nat(3),
      dropEvery: fc.integer({ min: 2, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('foreign' as const), ahead: fc.nat(3) }) },
);

const history = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 70, size: 'max' }),
  /** Steps before measurement. */
  warmup: fc.nat(40),
  maxWindow: fc.constantFrom(8, 16, 32, 65_536),
  as: fc.constantFrom('lost' as const, 'indeterminate' as const),
});

/** Numbers that the step makes arrive. */
function arrivalsOf(action: Step, twin: Twin): number[] {
  const newest = twin.sent.length - 1;
  if (action.kind === 'foreign') return [newest + 1 + action.ahead];
  if (action.kind === 'arrive') return newest < action.back ? [] : [newest - action.back];
  if (action.kind !== 'release') return [];
  const outstanding = twin.sent.flatMap((_, sequence) => (twin.isSettled(sequence) ? [] : [sequence]));
  const released = outstanding
    .slice(0, Math.max(0, outstanding.length - action.keep))
    .filter((_, index) => (index + 1) % action.dropEvery !== 0);
  return action.isReversed ? released.reverse() : released;
}

/** Ledger and twin side by side. */
class Comparison {
  readonly twin: Twin;
  readonly ledger: StreamLedger;
  readonly #tallies = { warmup: emptyTally(), measured: emptyTally() };
  readonly #unanswered: unknown[][] = [];
  readonly #gaps: number[] = [];
  #arrivals = 0;
  #unexpected = 0;

  constructor(Ledger: NewLedger, maxWindow: number) {
    this.twin = new Twin(maxWindow);
    this.ledger = new Ledger({
      stream: 7,
      tallies: this.#tallies,
      listener: {
        unanswered: (...what) => this.#unanswered.push(what),
        gap: (messages) => this.#gaps.push(messages),
      },
      maxWindow,
    });
  }

  send(message: Sent): void {
    const sequence = this.ledger.send(message.intendedMs, message.sentMs, message.measured);
    assert.equal(sequence, this.twin.sent.length);
    this.twin.send(message);
  }

  refuse(measured: boolean): void {
    this.ledger.refuse(measured);
    const tally = measured ? this.twin.measured : this.twin.warmup;
    tally.scheduled++;
    tally.refused++;
  }

  arrive(sequence: number, atMs: number): void {
    this.#arrivals++;
    const { kind, fields } = this.twin.arrive(sequence, atMs);
    assert.equal(this.ledger.arrive(sequence, atMs), kind);
    if (kind === 'unsent' || kind === 'expired') this.#unexpected++;
    for (const [name, value] of Object.entries(fields)) {
      assert.ok(
        Object.is((this.ledger.last as unknown as Record<string, unknown>)[name], value),
        `${kind} ${sequence}: ${name}`,
      );
    }
  }

  /** What holds between any two steps. */
  check(): void {
    const { twin, ledger } = this;
    assert.equal(ledger.outstanding, twin.sent.length - twin.first.length - twin.givenUp.length);
    assert.equal(ledger.answered, twin.first.length);
    assert.equal(ledger.measuredAnswered, twin.measured.delivered);
    assert.equal(ledger.nextSequence, twin.sent.length);
    assert.equal(ledger.shortestWaitMs, twin.shortestWaitMs);
    const { least, most } = twin.bytes();
    assert.ok(ledger.bytes >= least && ledger.bytes <= most, `${ledger.bytes} bytes`);
  }

  close(as: 'lost' | 'indeterminate'): void {
    this.ledger.close(as);
    this.twin.close(as);
    this.check();
    assert.deepEqual(this.#tallies, { warmup: this.twin.warmup, measured: this.twin.measured });
    assert.deepEqual(this.#unanswered, this.twin.unanswered);
    assert.deepEqual(this.#gaps, this.twin.gaps());
    const all = emptyTally();
    addCounts(all, this.#tallies.warmup);
    addCounts(all, this.#tallies.measured);
    assertConserved(all, this.#arrivals, this.#unexpected);
  }
}

/** Throws unless the ledger agrees with its twin on so many random histories. */
export function assertAgreesWithTwin(
  Ledger: NewLedger,
  parameters: { readonly numRuns: number; readonly seed?: number; readonly endOnFailure?: boolean },
): void {
  const property = fc.property(history, ({ steps, warmup, maxWindow, as }) => {
    const comparison = new Comparison(Ledger, maxWindow);
    steps.forEach((action, index) => {
      const nowMs = index * index + 0.25;
      const measured = index >= warmup;
      if (action.kind === 'refuse') comparison.refuse(measured);
      if (action.kind === 'send') {
        for (let sent = 0; sent < action.count; sent++)
          comparison.send({ intendedMs: nowMs - 0.5, sentMs: nowMs + sent / 64, measured });
      }
      for (const [place, sequence] of arrivalsOf(action, comparison.twin).entries())
        comparison.arrive(sequence, nowMs + place / 64);
      comparison.check();
    });
    comparison.close(as);
  });
  fc.assert(property, parameters);
}
