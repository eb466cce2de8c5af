/**
 * What a worker reports about its share of a run, once a second: counts and histograms *of that second*, as plain data.
 * Reports add: the result of a run is the sum of its workers' reports, so a worker that dies takes only its last second
 * with it, and threads, processes and machines combine the same way.
 */
import type { Details } from '../model/details.ts';
import type { Violation } from '../model/violation.ts';
import type { Health, HealthSum } from './health.ts';
import type { SparseHistogram } from './histogram.ts';
import type { OrderReport } from './ordering-report.ts';
import type { Second } from './second.ts';

/** What is reported with a second but only ever read as a total of the run, so that sums don't keep it by the second. */
interface Totals {
  /** How many measured messages were due, by second: a stalled sender counts them late, but where they belong. */
  readonly due: Readonly<Record<number, number>>;
  readonly order: OrderReport;
  /** Witnesses, limited by whoever recorded them. */
  readonly violations: readonly Violation[];
}

export interface SecondReport extends Second, Totals {
  readonly kind: 'second';
  readonly health: Health | null;
}

/** Counts of opening nothing; the result has them, and says what each is, in `connections`. */
export function emptyOpening() {
  return {
    opened: 0,
    failed: 0,
    attempts: 0,
    failedAttempts: 0,
    throttled: 0,
    reconnects: 0,
    churned: 0,
    reopened: 0,
    churnMissed: 0,
    refusedInChurn: 0,
  };
}
export type OpeningCounts = ReturnType<typeof emptyOpening>;

interface Opening extends Readonly<OpeningCounts> {
  readonly failures: Readonly<Record<string, number>>;
  /** What was said of failures and ends, by their code; left out where nothing was. */
  readonly details?: Details;
  /** Dial to open, microseconds. */
  readonly connect: SparseHistogram | null;
}

/** What was opened, and replaced, since the last such report: every half second while opening, once a second after it. */
export interface OpeningReport extends Opening {
  readonly kind: 'opening';
}

export type ShareEvent = OpeningReport | SecondReport;

/** Everything that a share of a run comes to: the part of a run that machines hand over. Plain data, but for packed histograms. */
export interface SharePart<H = SparseHistogram> extends Totals {
  readonly opening: Opening;
  /** In order. */
  readonly seconds: readonly Second<H>[];
  readonly health: Readonly<HealthSum>;
}
