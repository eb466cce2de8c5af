/** What the ledger of a stream tells of an arrival, and of messages that never arrived. */

/** What an arrival was, seen by the ledger of its stream. */
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
 * The arrival that a ledger judged last. Only the ledger writes it, over the one before, so that an arrival costs no memory;
 * fields that don't apply to it are those of an earlier one. Times are milliseconds of the worker's clock.
 */
export class LastArrival {
  /** Of one that was `delivered`, `reordered` or `duplicated`: whether it belongs to the measured window. */
  measured = false;
  /** Of one that was `delivered` or `reordered`. */
  intendedMs = 0;
  /** The same, and of one that was `duplicated`; NaN when that was forgotten. */
  sentMs = 0;
  /** Of one that was `duplicated`: when its message first arrived; NaN when that was forgotten. */
  firstArrivedMs = 0;
  /** Of one that was `delivered`: whether it left a gap below it. */
  jumped = false;
  /** Of one that was `reordered`: extent, n and run in messages, late time, and what overtook it. */
  extent = 0;
  nReordering = 0;
  run = 0;
  lateTimeMs = 0;
  overtakerSequence = 0;
  overtakerSentMs = 0;
  overtakerArrivedMs = 0;
}

/** Hears what a ledger finds out about messages that are not the one that has just arrived. */
export interface LedgerListener {
  /** A message ended without an answer. Times are those of the worker's clock. */
  unanswered(
    as: 'lost' | 'indeterminate',
    stream: number,
    sequence: number,
    intendedMs: number,
    sentMs: number,
    measured: boolean,
  ): void;
  /** A measured gap between discontinuities, as first arrivals from one to the next. */
  gap(messages: number): void;
}
