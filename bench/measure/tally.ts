/**
 * Counts of what became of messages, and the laws that they obey. Attempts and arrivals each partition exactly:
 *   scheduled = delivered + lost + refused + indeterminate
 *   arrivals  = delivered + duplicated + unexpected
 * Counts of streams, threads and machines add.
 */

/** Counts of no messages, of one class: warm-up or measured. */
export function emptyTally() {
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

export type Tally = ReturnType<typeof emptyTally>;

/** The tallies that a ledger counts into; streams of one worker share them. */
export interface Tallies {
  readonly warmup: Tally;
  readonly measured: Tally;
}

/** What can become of an attempt: every one has exactly one of these outcomes in the end. */
export const OUTCOMES = ['delivered', 'lost', 'refused', 'indeterminate'] as const satisfies (keyof Tally)[];

/** Attempts whose outcome is known. */
export function settledOf(tally: Readonly<Record<(typeof OUTCOMES)[number], number>>): number {
  return OUTCOMES.reduce((sum, outcome) => sum + tally[outcome], 0);
}

/**
 * Asserts both conservation laws over one or more ledgers that are closed. A violation is a programming error: no figure
 * of the run can be trusted, so it throws.
 */
export function assertConserved(tally: Readonly<Tally>, arrivals: number, unexpected: number): void {
  const settled = settledOf(tally);
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
