/**
 * The slots of a ledger: what it knows of each message of its window, in a ring of numbers that a message finds its place
 * in by its sequence number. A slot that is settled tells of its message until its place is used again.
 */

const FIRST_CAPACITY = 8;
const NO_NUMBERS = new Float64Array(0);
const NO_STATES = new Uint8Array(0);

/** Fields of a slot. Of the time: when the message was due; once it has arrived, when that was. */
export const TIME = 0;
export const SENT = 1;
/** The arrival that jumped over this number: its index among the first arrivals, its time, and its own number. */
export const JUMP_ARRIVAL = 2;
export const JUMP_MS = 3;
export const JUMPER = 4;
/** Of an arrival that jumped, which nothing jumped over, in the place of JUMP_ARRIVAL: the first arrival of those it jumped over; Infinity before. */
export const FOUND_OUT = 2;
const FIELDS = 5;

/** States of a slot; the other bits are added to them. */
export const OUTSTANDING = 1;
export const DELIVERED = 2;
export const STATE = 3;
export const MEASURED = 4;
/** Delivered after one that jumped over it. */
export const LATE = 8;

export class LedgerSlots {
  /** Zero, or a power of two. A stream that sends nothing takes no memory: thousands may do nothing but stay open. */
  capacity = 0;
  /** By {@link at}. */
  numbers = NO_NUMBERS;
  /** By {@link slot}. */
  states = NO_STATES;
  /** Numbers below this were left behind when the ring grew. */
  #keptFrom = 0;

  get bytes(): number {
    return this.numbers.byteLength + this.states.byteLength;
  }

  slot(sequence: number): number {
    return sequence & (this.capacity - 1);
  }

  /** Where the fields of a number begin. */
  at(sequence: number): number {
    return (sequence & (this.capacity - 1)) * FIELDS;
  }

  /** Whether the slot of a settled number still tells of it, when `next` is the number that comes next. */
  isKept(sequence: number, next: number): boolean {
    return sequence >= this.#keptFrom && next - sequence <= this.capacity;
  }

  /** Doubles the room, and keeps the numbers from `base` to before `next`, which fill it. */
  grow(base: number, next: number): void {
    const { numbers, states } = this;
    const capacity = Math.max(FIRST_CAPACITY, this.capacity * 2);
    this.numbers = new Float64Array(capacity * FIELDS);
    this.states = new Uint8Array(capacity);
    for (let sequence = base; sequence < next; sequence++) {
      const slot = this.slot(sequence);
      const to = sequence & (capacity - 1);
      this.numbers.set(numbers.subarray(slot * FIELDS, (slot + 1) * FIELDS), to * FIELDS);
      this.states[to] = states[slot]!;
    }
    this.capacity = capacity;
    this.#keptFrom = base;
  }
}
