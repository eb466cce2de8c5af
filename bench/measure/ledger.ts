/**
 * The ledger of one stream: what was sent on it and what became of every message, in O(1) per message. Its counts obey
 * the laws of tally.ts once it is closed. `refused` never left the driver; `indeterminate` was outstanding when the
 * connection died; `lost` was sent on a connection that stayed open and had not arrived when the drain ended.
 *
 * Order is judged as RFC 4737 does: a first arrival is reordered when a higher sequence number arrived before it
 * (section 3). Its extent (4.2) and late time (4.3) are taken against the *earliest* such arrival. That one is always the
 * arrival that first jumped over the number, so it is noted down in the skipped slots when it jumps, and each slot is
 * written at most once. Its n (section 5) is ordering-stack.ts's matter. The reordering-free run (4.6) that it ends is
 * the number of arrivals in order since the reordered one before it, or since the stream began; the run that is under
 * way when the stream ends has no end and is not counted, as in the RFC.
 *
 * A jump is a reordering discontinuity (4.5) when something that it jumped over arrives after it. Two that follow each other are
 * a gap apart only if the earlier was found out first: a gap (4.5.4) belongs to the reordered arrival that finds out the later one,
 * and asks that an earlier arrival had found out the earlier one by then. Of 1, 3, 2, 0 there is no gap: 2 finds out 3 before 0 does 1.
 * It is told when the base passes the second, because only then is it known that none lies between them.
 *
 * A duplicate is counted as one and is no part of the order. Warm-up messages take part in the stream's order like any
 * other – they are among the arrivals of an extent, an n, a run or a gap – but what happened to them is excluded from the results: a
 * quantity of a reordered message is measured when that message is, a gap when the later discontinuity is.
 * As long as nothing is missing below it, a message costs a few comparisons and no memory beyond its slot.
 */
import { type Arrival, LastArrival, type LedgerListener } from './arrival.ts';
import {
  DELIVERED,
  FOUND_OUT,
  JUMP_ARRIVAL,
  JUMP_MS,
  JUMPER,
  LATE,
  LedgerSlots,
  MEASURED,
  OUTSTANDING,
  SENT,
  STATE,
  TIME,
} from './ledger-slots.ts';
import { ArrivalStack } from './ordering-stack.ts';
import type { Tallies, Tally } from './tally.ts';

/**
 * Most messages of a stream that may lie between the oldest unanswered and the newest. Beyond it the oldest is given up
 * as lost, so that a stream that loses messages for hours does not grow for hours. 65,536 messages at 100/s are 11 min.
 * The slots of the longest window take 2.6 MiB, its stack 1 MiB.
 */
export const MAX_WINDOW = 65_536;

/** Of streams that have sent nothing. */
const NO_SLOTS = new LedgerSlots();

export class StreamLedger {
  readonly stream: number;
  readonly #last = new LastArrival();
  readonly #tallies: Tallies;
  readonly #listener: LedgerListener;
  readonly #maxWindow: number;
  #slots = NO_SLOTS;
  /** Made when the stream first jumps; of use while the base is not above the highest arrival. */
  #stack: ArrivalStack | null = null;
  /** Every number below is settled. */
  #base = 0;
  #next = 0;
  #highest = -1;
  #firstArrivals = 0;
  #warmupArrivals = 0;
  /** Among the first arrivals: the last reordered one, the last discontinuity that the base has passed, what found that out. */
  #lastReordered = -1;
  #lastDiscontinuity = -1;
  #lastFoundOut = -1;
  /** Numbers below this were given up, so an arrival below it can't be told from a duplicate. */
  #expiredBelow = 0;
  /** A stream's warm-up messages all come before its measured ones. */
  #firstMeasured = Number.POSITIVE_INFINITY;
  #outstanding = 0;
  #shortestWaitMs = Number.POSITIVE_INFINITY;

  constructor(options: {
    stream: number;
    tallies: Tallies;
    listener: LedgerListener;
    maxWindow?: number;
  }) {
    this.stream = options.stream;
    this.#tallies = options.tallies;
    this.#listener = options.listener;
    this.#maxWindow = options.maxWindow ?? MAX_WINDOW;
  }

  /** The last arrival, as {@link arrive} judged it. */
  get last(): Readonly<LastArrival> {
    return this.#last;
  }

  /** How long the most hastily given up of the measured messages was waited for: the window was full. Infinity when none was. */
  get shortestWaitMs(): number {
    return this.#shortestWaitMs;
  }

  /** Messages sent and not yet answered, given up ones excluded. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** First arrivals so far. */
  get answered(): number {
    return this.#firstArrivals;
  }

  /** First arrivals of measured messages so far. */
  get measuredAnswered(): number {
    return this.#firstArrivals - this.#warmupArrivals;
  }

  /** The number the next message sent will have. */
  get nextSequence(): number {
    return this.#next;
  }

  /** Memory beside its own fields. */
  get bytes(): number {
    return this.#slots.bytes + (this.#stack?.bytes ?? 0);
  }

  /** A message was due and could not be sent: the connection is closed, or its backlog is full. */
  refuse(measured: boolean): void {
    this.#tallyOf(measured).scheduled++;
    this.#tallyOf(measured).refused++;
  }

  /** A message was due at `intendedMs` and handed to the connection at `sentMs`. Answers its sequence number. */
  send(intendedMs: number, sentMs: number, measured: boolean): number {
    if (this.#next - this.#base === this.#slots.capacity) this.#makeRoom(sentMs);
    const slots = this.#slots;
    const at = slots.at(this.#next);
    slots.numbers[at + TIME] = intendedMs;
    slots.numbers[at + SENT] = sentMs;
    slots.states[slots.slot(this.#next)] = measured ? OUTSTANDING | MEASURED : OUTSTANDING;
    if (measured && this.#next < this.#firstMeasured) this.#firstMeasured = this.#next;
    const tally = this.#tallyOf(measured);
    tally.scheduled++;
    tally.sent++;
    this.#outstanding++;
    return this.#next++;
  }

  /** A message of this stream arrived; {@link last} describes it until the next call. */
  arrive(sequence: number, nowMs: number): Arrival {
    if (sequence >= this.#next) return 'unsent';
    if (sequence < this.#base) return this.#arriveSettled(sequence);
    const state = this.#slots.states[this.#slots.slot(sequence)]!;
    this.#last.measured = (state & MEASURED) !== 0;
    return (state & STATE) === DELIVERED
      ? this.#arriveAgain(this.#slots.at(sequence))
      : this.#arriveFirst(sequence, nowMs);
  }

  /** Settles what is outstanding: as lost when the connection stayed open, as indeterminate when it died. */
  close(as: 'lost' | 'indeterminate'): void {
    while (this.#base < this.#next) this.#giveUpOldest(as);
  }

  #tallyOf(measured: boolean): Tally {
    return measured ? this.#tallies.measured : this.#tallies.warmup;
  }

  #arriveFirst(sequence: number, nowMs: number): Arrival {
    const { numbers } = this.#slots;
    const at = this.#slots.at(sequence);
    this.#last.intendedMs = numbers[at + TIME]!;
    this.#last.sentMs = numbers[at + SENT]!;
    numbers[at + TIME] = nowMs;
    this.#tallyOf(this.#last.measured).delivered++;
    if (!this.#last.measured) this.#warmupArrivals++;
    this.#outstanding--;
    const arrival = this.#firstArrivals++;
    if (sequence < this.#highest) return this.#arriveLate(sequence, at, arrival, nowMs);
    this.#settleSlot(sequence, DELIVERED);
    // Nothing higher has arrived, so with nothing missing below it there is nothing else to settle.
    this.#last.jumped = sequence !== this.#base && this.#arriveAbove(sequence, arrival, nowMs);
    if (sequence === this.#base) this.#base++;
    this.#highest = sequence;
    return 'delivered';
  }

  /** The highest number so far, with others missing below it. Answers whether it jumped over some of them. */
  #arriveAbove(sequence: number, arrival: number, nowMs: number): boolean {
    if (this.#base > this.#highest) {
      this.#stack ??= new ArrivalStack();
      this.#stack.restart(arrival - 1);
    }
    this.#stack!.push(sequence, arrival, this.#base);
    const from = Math.max(this.#highest + 1, this.#base);
    const { numbers } = this.#slots;
    numbers[this.#slots.at(sequence) + FOUND_OUT] = Number.POSITIVE_INFINITY;
    for (let skipped = from; skipped < sequence; skipped++) {
      const at = this.#slots.at(skipped);
      numbers[at + JUMP_ARRIVAL] = arrival;
      numbers[at + JUMP_MS] = nowMs;
      numbers[at + JUMPER] = sequence;
    }
    return from < sequence;
  }

  #arriveLate(sequence: number, at: number, arrival: number, nowMs: number): Arrival {
    const { numbers } = this.#slots;
    this.#settleSlot(sequence, DELIVERED | LATE);
    this.#tallyOf(this.#last.measured).reordered++;
    this.#last.extent = arrival - numbers[at + JUMP_ARRIVAL]!;
    this.#last.overtakerArrivedMs = numbers[at + JUMP_MS]!;
    this.#last.lateTimeMs = nowMs - this.#last.overtakerArrivedMs;
    this.#last.overtakerSequence = numbers[at + JUMPER]!;
    const overtaker = this.#slots.at(this.#last.overtakerSequence);
    this.#last.overtakerSentMs = numbers[overtaker + SENT]!;
    numbers[overtaker + FOUND_OUT] = Math.min(numbers[overtaker + FOUND_OUT]!, arrival);
    this.#last.nReordering = this.#stack!.push(sequence, arrival, this.#base);
    this.#last.run = arrival - this.#lastReordered - 1;
    this.#lastReordered = arrival;
    this.#settle();
    return 'reordered';
  }

  #settleSlot(sequence: number, state: number): void {
    this.#slots.states[this.#slots.slot(sequence)] = this.#last.measured ? state | MEASURED : state;
  }

  /** Moves the base over what is settled. */
  #settle(): void {
    const { states } = this.#slots;
    while (this.#base < this.#next) {
      const state = states[this.#slots.slot(this.#base)]!;
      if ((state & STATE) !== DELIVERED) return;
      if ((state & LATE) !== 0) this.#passLate(this.#slots.at(this.#base));
      this.#base++;
    }
  }

  /** The base passes late messages in the order of the jumps over them. */
  #passLate(at: number): void {
    const { numbers } = this.#slots;
    const discontinuity = numbers[at + JUMP_ARRIVAL]!;
    if (discontinuity === this.#lastDiscontinuity) return;
    const jumper = numbers[at + JUMPER]!;
    const foundOut = numbers[this.#slots.at(jumper) + FOUND_OUT]!;
    if (this.#lastDiscontinuity >= 0 && this.#lastFoundOut < foundOut && jumper >= this.#firstMeasured)
      this.#listener.gap(discontinuity - this.#lastDiscontinuity);
    this.#lastDiscontinuity = discontinuity;
    this.#lastFoundOut = foundOut;
  }

  /** Below the window, what was not given up was delivered. */
  #arriveSettled(sequence: number): Arrival {
    if (sequence < this.#expiredBelow) return 'expired';
    this.#last.measured = sequence >= this.#firstMeasured;
    return this.#arriveAgain(this.#slots.isKept(sequence, this.#next) ? this.#slots.at(sequence) : null);
  }

  #arriveAgain(at: number | null): Arrival {
    const { numbers } = this.#slots;
    this.#last.sentMs = at === null ? Number.NaN : numbers[at + SENT]!;
    this.#last.firstArrivedMs = at === null ? Number.NaN : numbers[at + TIME]!;
    this.#tallyOf(this.#last.measured).duplicated++;
    return 'duplicated';
  }

  #makeRoom(nowMs: number): void {
    const { capacity } = this.#slots;
    if (capacity < this.#maxWindow) {
      if (capacity === 0) this.#slots = new LedgerSlots();
      this.#slots.grow(this.#base, this.#next);
      return;
    }
    const slots = this.#slots;
    const waitMs = nowMs - slots.numbers[slots.at(this.#base) + SENT]!;
    const isMeasured = (slots.states[slots.slot(this.#base)]! & MEASURED) !== 0;
    if (isMeasured) this.#shortestWaitMs = Math.min(this.#shortestWaitMs, waitMs);
    this.#giveUpOldest('lost');
  }

  /** Settles the oldest message of the window without an answer, and whatever answered ones follow it. */
  #giveUpOldest(as: 'lost' | 'indeterminate'): void {
    const { numbers, states } = this.#slots;
    const sequence = this.#base++;
    const at = this.#slots.at(sequence);
    const measured = (states[this.#slots.slot(sequence)]! & MEASURED) !== 0;
    this.#tallyOf(measured)[as]++;
    this.#outstanding--;
    this.#expiredBelow = this.#base;
    this.#settle();
    this.#listener.unanswered(as, this.stream, sequence, numbers[at + TIME]!, numbers[at + SENT]!, measured);
  }
}
