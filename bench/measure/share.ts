/**
 * What a worker reports about its share of a run, once a second: counts and histograms *of that second*, as plain data.
 * Reports add: the result of a run is the sum of its workers' reports, so a worker that dies takes only its last second
 * with it, and threads, processes and machines combine the same way.
 */
import type { Details } from '../model/details.ts';
import type { Pacing } from '../model/plan.ts';
import type { Violation } from '../model/violation.ts';
import type { SparseHistogram } from './histogram.ts';
import type { ReadingKind } from './message.ts';
import type { OrderReport } from './ordering-report.ts';
import type { Tally } from './tally.ts';

/** Every distribution that a worker records. Microseconds, except those of order: messages, but for `lateTime`. */
export const SERIES = [
  'response',
  'service',
  'sendLag',
  'ingest',
  'queue',
  'process',
  'deliver',
  'extent',
  'lateTime',
  'nReordering',
  'runs',
  'gaps',
] as const;
export type Series = (typeof SERIES)[number];

/** Kinds of unexpected arrivals: those of the reader, and those that only the ledger can tell. */
export type UnexpectedKind = Exclude<ReadingKind, 'message'> | 'unsent' | 'expired';

export type Counter<Key extends string> = { [K in Key]?: number };

/** Samples that are not in a histogram as they were measured. */
export interface Anomalies {
  /** Longer than a histogram holds; recorded as its highest value. */
  clipped: number;
  /** Below zero, which a monotonic clock can't give; not recorded. */
  negative: number;
  /** Hops that came out below zero by more than their time stamps' resolution; not recorded. */
  negativeHops: number;
}

/** How the worker's thread fared in the second: the evidence that it could keep up. */
export interface ThreadHealth {
  /** Share of the second in which the event loop was busy, 0 to 1. */
  readonly utilization: number;
  /** Delay of the event loop's turns beyond the sampling interval, milliseconds. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Garbage collections: how many, their time and the longest pause, milliseconds. */
  readonly gcCount: number;
  readonly gcMs: number;
  readonly gcMaxMs: number;
  /** Processor time of the whole process per second: 1 is one core. */
  readonly cpuCores: number;
  /** What wakes the sender at present. */
  readonly pacing: Pacing;
}

/** How the worker fared in the second. */
export interface Health extends ThreadHealth {
  /** Bytes that the share's sockets have waiting at the end of the second. */
  readonly backlogBytes: number;
}

export interface SecondReport {
  readonly kind: 'second';
  /** Seconds since the start of measurement; negative in warm-up. */
  readonly second: number;
  readonly warmup: Tally;
  readonly measured: Tally;
  /** How many measured messages were due, by second: a stalled sender counts them late, but where they belong. */
  readonly due: Readonly<Record<number, number>>;
  /** Arrivals of every kind, counted at the socket: the other side of the conservation law. */
  readonly arrivals: { readonly warmup: number; readonly measured: number };
  readonly unexpected: {
    readonly warmup: Counter<UnexpectedKind>;
    readonly measured: Counter<UnexpectedKind>;
  };
  readonly where: { readonly ingest: number; readonly delivery: number; readonly unknown: number };
  readonly order: OrderReport;
  readonly histograms: Partial<Readonly<Record<Series, SparseHistogram>>>;
  readonly anomalies: Readonly<Anomalies>;
  readonly violations: readonly Violation[];
  /** Connections open at the end of the second. */
  readonly connections: number;
  /** Connections that ended before the run did, in this second, by close code. */
  readonly closedEarly: Readonly<Record<string, number>>;
  readonly health: Health | null;
}

/** Counts of opening and replacing connections; the result has them, and says what each is, in `connections`. */
export interface OpeningCounts {
  opened: number;
  failed: number;
  attempts: number;
  failedAttempts: number;
  throttled: number;
  reconnects: number;
  churned: number;
  reopened: number;
  churnMissed: number;
  refusedInChurn: number;
}

/** Counts of nothing. */
export function emptyOpening(): OpeningCounts {
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

/** What was opened, and replaced, since the last such report: every half second while opening, once a second after it. */
export interface OpeningReport extends Readonly<OpeningCounts> {
  readonly kind: 'opening';
  readonly failures: Readonly<Record<string, number>>;
  /** What was said of failures and ends, by their code; left out where nothing was. */
  readonly details?: Details;
  /** Dial to open, microseconds. */
  readonly connect: SparseHistogram | null;
}

export type ShareEvent = OpeningReport | SecondReport;
