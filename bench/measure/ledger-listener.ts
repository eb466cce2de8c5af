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
