/**
 * The sum of what workers report: totals, the seconds in order, and the histograms behind every percentile. It is where
 * "results add" happens, so nothing here depends on which worker said what, or in which order.
 */
import { addCounts } from '../model/counts.ts';
import { addDetails } from '../model/details.ts';
import type { Violation } from '../model/violation.ts';
import { addHealth, emptyHealth, healthOf } from './health-sum.ts';
import { addSparse, type Histogram, newHistogram, type SparseHistogram } from './histogram.ts';
import { OrderSum } from './ordering-report.ts';
import {
  type Anomalies,
  emptyOpening,
  type OpeningCounts,
  type OpeningReport,
  SERIES,
  type SecondReport,
  type Series,
  type ShareEvent,
} from './share.ts';
import { addTally, assertConserved, emptyTally, type Tally } from './tally.ts';

/** Series that are also kept by the second. */
export const LOGGED_SERIES = ['response', 'service', 'sendLag'] as const;
export type LoggedSeries = (typeof LOGGED_SERIES)[number];

/** One second, summed over the workers. */
export interface SecondSum {
  readonly second: number;
  /** Due in this second, as far as the senders have got. */
  due: number;
  /** Of those due in this second: lost, as far as that is known. */
  lost: number;
  readonly measured: Tally;
  unexpected: number;
  connections: number;
  /** The workers' histograms as they came: sparse, because a second's full arrays are a third of a megabyte. */
  readonly histograms: Readonly<Record<LoggedSeries, SparseHistogram[]>>;
}

/** A counted distribution per series. */
export type Histograms = Readonly<Record<Series | 'connect', Histogram>>;

const OPENING_COUNTS = Object.keys(emptyOpening()) as (keyof OpeningCounts)[];

function newHistograms(): Histograms {
  return Object.fromEntries([...SERIES, 'connect'].map((series) => [series, newHistogram()])) as Histograms;
}

export class Rollup {
  readonly warmup = emptyTally();
  readonly measured = emptyTally();
  readonly arrivals = { warmup: 0, measured: 0 };
  readonly unexpected: { warmup: Record<string, number>; measured: Record<string, number> } = {
    warmup: {},
    measured: {},
  };
  readonly where = { ingest: 0, delivery: 0, unknown: 0 };
  readonly order = new OrderSum();
  readonly histograms = newHistograms();
  readonly anomalies: Anomalies = { clipped: 0, negative: 0, negativeHops: 0 };
  readonly connections = { ...emptyOpening(), closedEarly: 0 };
  /** Failures to open, and ends before the run's end, by code. */
  readonly failures: Record<string, number> = {};
  /** What was said of these, by code. */
  readonly details: Record<string, string> = {};
  readonly violations: Violation[] = [];
  readonly health = emptyHealth();

  /** Whether all reports are in: what comes later belongs to nothing. */
  isClosed = false;

  readonly #seconds = new Map<number, SecondSum>();

  /** Adds one report. */
  add(event: ShareEvent): void {
    if (event.kind === 'opening') this.#addOpening(event);
    else this.#addSecond(event);
  }

  /** The seconds of measurement and drain, in order, without gaps. */
  seconds(): SecondSum[] {
    const last = Math.max(-1, ...this.#seconds.keys());
    return Array.from({ length: last + 1 }, (_, second) => this.#second(second));
  }

  /** The second, for a live display; null before anything of it was reported. */
  at(second: number): SecondSum | null {
    return this.#seconds.get(second) ?? null;
  }

  /**
   * Closes the account. Messages of workers that died without settling them are indeterminate. Asserts both conservation
   * laws; a violation is a programming error and throws.
   */
  close(): void {
    this.isClosed = true;
    for (const kind of ['warmup', 'measured'] as const) {
      const tally = this[kind];
      tally.indeterminate +=
        tally.scheduled - tally.delivered - tally.lost - tally.refused - tally.indeterminate;
      assertConserved(tally, this.arrivals[kind], sum(this.unexpected[kind]));
    }
    this.#assertInSeconds();
  }

  /** What was measured was measured from second 0 on: the seconds that are shown leave nothing of it out. */
  #assertInSeconds(): void {
    for (const [second, { measured }] of this.#seconds)
      if (second < 0 && (measured.sent > 0 || measured.refused > 0 || measured.delivered > 0))
        throw new Error(
          `second ${second} is before the measurement and has ${measured.sent} of its messages`,
        );
  }

  #addOpening(report: OpeningReport): void {
    for (const name of OPENING_COUNTS) this.connections[name] += report[name];
    addCounts(this.failures, report.failures);
    addDetails(this.details, report.details ?? {});
    if (report.connect !== null) addSparse(this.histograms.connect, report.connect);
  }

  #addSecond(report: SecondReport): void {
    for (const kind of ['warmup', 'measured'] as const) {
      addTally(this[kind], report[kind]);
      this.arrivals[kind] += report.arrivals[kind];
      addCounts(this.unexpected[kind], report.unexpected[kind]);
    }
    addCounts(this.where, report.where);
    this.order.add(report.order);
    addCounts(this.anomalies, report.anomalies);
    addCounts(this.failures, report.closedEarly);
    this.connections.closedEarly += sum(report.closedEarly);
    this.violations.push(...report.violations);
    for (const [series, sparse] of Object.entries(report.histograms)) {
      addSparse(this.histograms[series as Series], sparse);
    }
    this.#addToSeconds(report);
    if (report.second >= 0 && report.health !== null) addHealth(this.health, healthOf(report.health));
  }

  #addToSeconds(report: SecondReport): void {
    for (const [second, due] of Object.entries(report.due)) this.#second(Number(second)).due += due;
    for (const [second, lost] of Object.entries(report.order.lostDue))
      this.#second(Number(second)).lost += lost;
    const second = this.#second(report.second);
    addTally(second.measured, report.measured);
    second.unexpected += sum(report.unexpected.measured);
    second.connections += report.connections;
    for (const series of LOGGED_SERIES) {
      const sparse = report.histograms[series];
      if (sparse !== undefined) second.histograms[series].push(sparse);
    }
  }

  #second(second: number): SecondSum {
    let found = this.#seconds.get(second);
    if (found === undefined) {
      found = {
        second,
        due: 0,
        lost: 0,
        measured: emptyTally(),
        unexpected: 0,
        connections: 0,
        histograms: { response: [], service: [], sendLag: [] },
      };
      this.#seconds.set(second, found);
    }
    return found;
  }
}

/** Sum of a counter. */
export function sum(counter: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counter).reduce<number>((total, count) => total + (count ?? 0), 0);
}
