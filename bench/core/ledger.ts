/**
 * The ledger of one stream: what was sent on it and what became of every message, in O(1) per message.
 *
 * Attempts and arrivals each partition exactly, and {@link assertConserved} holds both laws whenever a ledger closes:
 *   scheduled = delivered + lost + refused + indeterminate
 *   arrivals  = delivered + duplicated + unexpected
 * `refused` never left the driver; `indeterminate` was outstanding when the connection died; `lost` was sent on a
 * connection that stayed open and had not arrived when the drain ended.
 *
 * Order is judged as RFC 4737 does: a first arrival is reordered when a higher sequence number arrived before it
 * (section 3.3). Its extent and late time are taken against the *earliest* such arrival (4.2.1, 4.2.2). That one is
 * always the arrival that first jumped over the number, so it is noted down in the skipped slots when it jumps, and each
 * slot is written at most once. A duplicate is counted as one and never also as reordered.
 *
 * Warm-up messages take part in the stream's order like any other, but are counted apart.
 */

/** Counts of one class of messages (warm-up or measured). Counts of streams, threads and machines add. */
export interface Tally {
  scheduled: number;
  sent: number;
  refused: number;
  indeterminate: number;
  delivered: number;
  lost: number;
  duplicated: number;
  reordered: number;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    scheduled: 0,
    sent: 0,
    refused: 0,
    indeterminate: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
  };
}

/** Adds `other` into `tally`. */
export function addTally(tally: Tally, other: Readonly<Tally>): void {
  tally.scheduled += other.scheduled;
  tally.sent += other.sent;
  tally.refused += other.refused;
  tally.indeterminate += other.indeterminate;
  tally.delivered += other.delivered;
  tally.lost += other.lost;
  tally.duplicated += other.duplicated;
  tally.reordered += other.reordered;
}

/** The tallies that a ledger counts into; streams of one worker share them. */
export interface Tallies {
  readonly warmup: Tally;
  readonly measured: Tally;
}

/** What an arrival was, seen by the ledger. */
export type Arrival =
  /** First arrival, in order. */
  | 'delivered'
  /** First arrival, overtaken by a higher number. Also counted as delivered. */
  | 'reordered'
  | 'duplicated'
  /** A number that was never sent on this stream. */
  | 'unsent'
  /** So late that its slot was given up and its message counted as lost: whether it is a duplicate can't be known. */
  | 'expired';

/**
 * Most messages of a stream that may lie between the oldest unanswered and the newest. Beyond it the oldest is given up
 * as lost, so that a stream that loses messages for hours does not grow for hours. 65,536 messages at 100/s are 11 min.
 */
export const MAX_WINDOW = 65_536;

const FIRST_WINDOW = 8;
const NO_NUMBERS = new Float64Array(0);
const NO_STATES = new Uint8Array(0);

/** Fields of a slot in the ring of numbers. */
const INTENDED = 0;
const SENT = 1;
/** The arrival that jumped over this number: its index among the first arrivals, its time, and its own number. */
const JUMP_ARRIVAL = 2;
const JUMP_MS = 3;
const JUMPER = 4;
const FIELDS = 5;

/** States of a slot; the measured bit is added to them. */
const OUTSTANDING = 1;
const DELIVERED = 2;
const STATE = 3;
const MEASURED = 4;

/** Hears of every message that ended without an answer. Times are those of the worker's clock. */
export type UnansweredListener = (
  as: 'lost' | 'indeterminate',
  stream: number,
  sequence: number,
  intendedMs: number,
  sentMs: number,
  measured: boolean,
) => void;

export class StreamLedger {
  /** Of the last arrival that was `delivered`, `reordered` or `duplicated`: whether it belongs to the measured window. */
  measured = false;
  /** Of the last `delivered` or `reordered` arrival, in milliseconds of the worker's clock. */
  intendedMs = 0;
  sentMs = 0;
  /** Of the last `delivered` arrival: whether it left a gap below it. */
  jumped = false;
  /** Of the last `reordered` arrival: extent in messages, late time in milliseconds, and the number that overtook it. */
  extent = 0;
  lateTimeMs = 0;
  overtakerSequence = 0;
  overtakerSentMs = 0;
  overtakerArrivedMs = 0;

  readonly stream: number;
  readonly #tallies: Tallies;
  readonly #unanswered: UnansweredListener;
  readonly #maxWindow: number;
  /** A stream that sends nothing takes no memory for it: thousands may do nothing but stay open. */
  #capacity = 0;
  #numbers = NO_NUMBERS;
  #states = NO_STATES;
  /** Every number below is settled. */
  #base = 0;
  #next = 0;
  #highest = -1;
  #firstArrivals = 0;
  /** Numbers below this were given up, so an arrival below it can't be told from a duplicate. */
  #expiredBelow = 0;
  /** A stream's warm-up messages all come before its measured ones. */
  #firstMeasured = Number.POSITIVE_INFINITY;
  #outstanding = 0;

  constructor(options: {
    stream: number;
    tallies: Tallies;
    unanswered: UnansweredListener;
    maxWindow?: number;
  }) {
    this.stream = options.stream;
    this.#tallies = options.tallies;
    this.#unanswered = options.unanswered;
    this.#maxWindow = options.maxWindow ?? MAX_WINDOW;
  }

  /** Messages sent and not yet answered, given up ones excluded. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** First arrivals so far. */
  get answered(): number {
    return this.#firstArrivals;
  }

  /** The number the next message sent will have. */
  get nextSequence(): number {
    return this.#next;
  }

  /** A message was due and could not be sent: the connection is closed, or its backlog is full. */
  refuse(measured: boolean): void {
    const tally = this.#tallyOf(measured);
    tally.scheduled++;
    tally.refused++;
  }

  /** A message was due at `intendedMs` and handed to the connection at `sentMs`. Answers its sequence number. */
  send(intendedMs: number, sentMs: number, measured: boolean): number {
    if (this.#next - this.#base === this.#capacity) this.#makeRoom();
    const slot = this.#next & (this.#capacity - 1);
    this.#numbers[slot * FIELDS + INTENDED] = intendedMs;
    this.#numbers[slot * FIELDS + SENT] = sentMs;
    this.#states[slot] = measured ? OUTSTANDING | MEASURED : OUTSTANDING;
    if (measured && this.#next < this.#firstMeasured) this.#firstMeasured = this.#next;
    const tally = this.#tallyOf(measured);
    tally.scheduled++;
    tally.sent++;
    this.#outstanding++;
    return this.#next++;
  }

  /** A message of this stream arrived. The fields above describe it until the next call. */
  arrive(sequence: number, nowMs: number): Arrival {
    if (sequence >= this.#next) return 'unsent';
    if (sequence < this.#base) return this.#arriveSettled(sequence);
    const slot = sequence & (this.#capacity - 1);
    const state = this.#states[slot]!;
    this.measured = (state & MEASURED) !== 0;
    if ((state & STATE) === DELIVERED) return this.#duplicate();
    this.#states[slot] = DELIVERED | (state & MEASURED);
    return this.#arriveFirst(sequence, slot * FIELDS, nowMs);
  }

  /** Settles what is outstanding: as lost when the connection stayed open, as indeterminate when it died. */
  close(as: 'lost' | 'indeterminate'): void {
    while (this.#base < this.#next) this.#giveUpOldest(as);
  }

  #tallyOf(measured: boolean): Tally {
    return measured ? this.#tallies.measured : this.#tallies.warmup;
  }

  #arriveFirst(sequence: number, at: number, nowMs: number): Arrival {
    const numbers = this.#numbers;
    this.intendedMs = numbers[at + INTENDED]!;
    this.sentMs = numbers[at + SENT]!;
    const tally = this.#tallyOf(this.measured);
    tally.delivered++;
    this.#outstanding--;
    const arrival = this.#firstArrivals++;
    if (sequence > this.#highest) {
      this.jumped = this.#jump(sequence, arrival, nowMs);
      this.#highest = sequence;
      this.#settle();
      return 'delivered';
    }
    tally.reordered++;
    this.#describeReorder(at, arrival, nowMs);
    this.#settle();
    return 'reordered';
  }

  #describeReorder(at: number, arrival: number, nowMs: number): void {
    const numbers = this.#numbers;
    this.extent = arrival - numbers[at + JUMP_ARRIVAL]!;
    this.overtakerArrivedMs = numbers[at + JUMP_MS]!;
    this.lateTimeMs = nowMs - this.overtakerArrivedMs;
    this.overtakerSequence = numbers[at + JUMPER]!;
    this.overtakerSentMs = numbers[(this.overtakerSequence & (this.#capacity - 1)) * FIELDS + SENT]!;
  }

  /** Notes in every slot that this arrival jumped over that it did; answers whether there was one. */
  #jump(sequence: number, arrival: number, nowMs: number): boolean {
    const from = Math.max(this.#highest + 1, this.#base);
    for (let skipped = from; skipped < sequence; skipped++) {
      const at = (skipped & (this.#capacity - 1)) * FIELDS;
      this.#numbers[at + JUMP_ARRIVAL] = arrival;
      this.#numbers[at + JUMP_MS] = nowMs;
      this.#numbers[at + JUMPER] = sequence;
    }
    return from < sequence;
  }

  /** Moves the base over what is settled. */
  #settle(): void {
    while (
      this.#base < this.#next &&
      (this.#states[this.#base & (this.#capacity - 1)]! & STATE) === DELIVERED
    ) {
      this.#base++;
    }
  }

  #duplicate(): Arrival {
    this.#tallyOf(this.measured).duplicated++;
    return 'duplicated';
  }

  /** Below the window, what was not given up was delivered. */
  #arriveSettled(sequence: number): Arrival {
    if (sequence < this.#expiredBelow) return 'expired';
    this.measured = sequence >= this.#firstMeasured;
    return this.#duplicate();
  }

  #makeRoom(): void {
    if (this.#capacity < this.#maxWindow) this.#grow();
    else this.#giveUpOldest('lost');
  }

  /** Settles the oldest message of the window without an answer, and whatever answered ones follow it. */
  #giveUpOldest(as: 'lost' | 'indeterminate'): void {
    const sequence = this.#base++;
    const slot = sequence & (this.#capacity - 1);
    const measured = (this.#states[slot]! & MEASURED) !== 0;
    this.#tallyOf(measured)[as]++;
    this.#outstanding--;
    this.#expiredBelow = this.#base;
    this.#settle();
    const at = slot * FIELDS;
    const intendedMs = this.#numbers[at + INTENDED]!;
    this.#unanswered(as, this.stream, sequence, intendedMs, this.#numbers[at + SENT]!, measured);
  }

  #grow(): void {
    const capacity = Math.max(FIRST_WINDOW, this.#capacity * 2);
    const numbers = new Float64Array(capacity * FIELDS);
    const states = new Uint8Array(capacity);
    for (let sequence = this.#base; sequence < this.#next; sequence++) {
      const from = sequence & (this.#capacity - 1);
      const to = sequence & (capacity - 1);
      numbers.set(this.#numbers.subarray(from * FIELDS, (from + 1) * FIELDS), to * FIELDS);
      states[to] = this.#states[from]!;
    }
    this.#capacity = capacity;
    this.#numbers = numbers;
    this.#states = states;
  }
}

/**
 * Asserts both conservation laws over one or more ledgers that are closed. A violation is a programming error: no figure
 * of the run can be trusted, so it throws.
 */
export function assertConserved(tally: Readonly<Tally>, arrivals: number, unexpected: number): void {
  const settled = tally.delivered + tally.lost + tally.refused + tally.indeterminate;
  if (tally.scheduled !== settled) {
    throw new Error(`attempts are not conserved: ${tally.scheduled} scheduled, ${settled} settled`);
  }
  if (tally.scheduled !== tally.sent + tally.refused) {
    throw new Error(
      `attempts are not conserved: ${tally.sent} sent and ${tally.refused} refused of ${tally.scheduled}`,
    );
  }
  const accounted = tally.delivered + tally.duplicated + unexpected;
  if (arrivals !== accounted) {
    throw new Error(`arrivals are not conserved: ${arrivals} arrived, ${accounted} accounted for`);
  }
}
