/**
 * A second of a run: counts and histograms that add. A driver thread's second, a worker's, one of a partial and one of a
 * fleet are the same shape and are added by the same function. A count declared in {@link emptyCounts} is reported, saved in
 * partials and summed without being named anywhere else.
 */
import { addCounts } from '../model/counts.ts';
import type { SparseHistogram } from './histogram.ts';
import { type AnyHistogram, HistogramSum } from './histogram-sum.ts';
import type { ReadingKind } from './message.ts';
import { emptyTally } from './tally.ts';

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

/** Counts of a second in which nothing happened, by group. A group without names counts whatever occurs. */
export function emptyCounts() {
  return {
    warmup: emptyTally(),
    measured: emptyTally(),
    /** Arrivals of every kind, counted at the socket: the other side of the conservation law. */
    arrivals: { warmup: 0, measured: 0 },
    unexpected: {} as Counter<UnexpectedKind>,
    unexpectedInWarmup: {} as Counter<UnexpectedKind>,
    /** Where measured messages were overtaken. */
    where: { ingest: 0, delivery: 0, unknown: 0 },
    /**
     * Samples that are not in a histogram as they were measured. `clipped`: longer than a histogram holds, recorded as its
     * highest value. `negative`: below zero, which a monotonic clock can't give; not recorded. `negativeHops`: hops below
     * zero by more than their time stamps' resolution; not recorded.
     */
    anomalies: { clipped: 0, negative: 0, negativeHops: 0 },
    /** Connections that ended before the run did, by close code. */
    closedEarly: {} as Counter<string>,
  };
}
export type Counts = ReturnType<typeof emptyCounts>;
export type CountGroup = keyof Counts;

/** The groups of counts, in the order of {@link emptyCounts}. */
export const COUNT_GROUPS = Object.keys(emptyCounts()) as CountGroup[];

export interface Second<H = SparseHistogram> extends Readonly<Counts> {
  /** Seconds since the start of measurement; negative in warm-up. */
  readonly second: number;
  /** Connections open at its end. */
  connections: number;
  readonly histograms: Partial<Record<Series, H>>;
}

/** A second that others are added to. */
export type SecondSum = Second<HistogramSum>;

/** A second in which nothing happened. */
export function emptySecond<H = HistogramSum>(second: number): Second<H> {
  return { ...emptyCounts(), second, connections: 0, histograms: {} };
}

/** Shared by seconds for the groups that have nothing in them: most have in most seconds, and a merge adds millions. */
export const NO_COUNTS: Readonly<Counts> = emptyCounts();

/** Adds the counts of `other`, group by group. */
export function addGroups(sum: Counts, other: Readonly<Counts>): void {
  for (const group of COUNT_GROUPS)
    if (other[group] !== NO_COUNTS[group]) addCounts<string>(sum[group], other[group]);
}

/** Adds `other` into `sum`. */
export function addSecond(sum: SecondSum, other: Second<AnyHistogram>): void {
  addGroups(sum, other);
  sum.connections += other.connections;
  for (const name in other.histograms) {
    const series = name as Series;
    sum.histograms[series] ??= new HistogramSum();
    sum.histograms[series].add(other.histograms[series]!);
  }
}

/** The counts of all the seconds together. */
export function countsOf(seconds: readonly Readonly<Counts>[]): Counts {
  const sum = emptyCounts();
  for (const second of seconds) addGroups(sum, second);
  return sum;
}

/** The sum as plain data. */
export function plainSecond(sum: SecondSum): Second {
  const histograms: Partial<Record<Series, SparseHistogram>> = {};
  for (const [series, histogram] of Object.entries(sum.histograms))
    histograms[series as Series] = histogram.toSparse()!;
  return { ...sum, histograms };
}
