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
