/**
 * The recorder of a worker: tallies and histograms of the second that is running. At the end of each second its content
 * becomes a report and it starts from nothing, so whatever was recorded is reported exactly once.
 */
import {
  HIGHEST_VALUE,
  type Histogram,
  MICROS_PER_MILLI,
  newHistogram,
  type SparseHistogram,
  sparseOf,
} from './histogram.ts';
import { emptyTally, type Tallies } from './ledger.ts';
import type { HopStamps } from './message.ts';
import type { Violation } from './result.ts';
import {
  type Anomalies,
  type Counter,
  type Health,
  SERIES,
  type SecondReport,
  type Series,
  type UnexpectedKind,
} from './share.ts';

/** Time stamps of the stream and of functions are whole milliseconds: a hop this far below zero may be zero. */
export const STAMP_RESOLUTION_MS = 1;

function newAnomalies(): Anomalies {
  return { clipped: 0, negative: 0, negativeHops: 0 };
}

export class Recorder {
  /** Given to the worker's ledgers, which count into it. */
  readonly tallies: Tallies = { warmup: emptyTally(), measured: emptyTally() };
  readonly #histograms: Record<Series, Histogram>;
  readonly #violationLimit: number;
  #violationsKept = 0;
  #violations: Violation[] = [];
  #due: Record<number, number> = {};
  #arrivals = { warmup: 0, measured: 0 };
  #unexpected: { warmup: Counter<UnexpectedKind>; measured: Counter<UnexpectedKind> } = {
    warmup: {},
    measured: {},
  };
  #where = { ingest: 0, delivery: 0, unknown: 0 };
  #anomalies = newAnomalies();
  #closedEarly: Record<string, number> = {};

  /** Keeps at most `violationLimit` witnesses over the whole run; the counts have no limit. */
  constructor(options: { violationLimit: number }) {
    this.#violationLimit = options.violationLimit;
    this.#histograms = Object.fromEntries(SERIES.map((series) => [series, newHistogram(32)])) as Record<
      Series,
      Histogram
    >;
  }

  /** Records a time in milliseconds. */
  time(series: Series, milliseconds: number): void {
    const micros = Math.round(milliseconds * MICROS_PER_MILLI);
    if (micros < 0) {
      this.#anomalies.negative++;
    } else if (micros > HIGHEST_VALUE) {
      this.#anomalies.clipped++;
      this.#histograms[series].recordValue(HIGHEST_VALUE);
    } else {
      this.#histograms[series].recordValue(micros);
    }
  }

  /** Records a reorder's extent in messages and its late time. */
  reorder(extent: number, lateTimeMs: number, where: 'ingest' | 'delivery' | 'unknown'): void {
    this.#histograms.extent.recordValue(extent);
    this.time('lateTime', lateTimeMs);
    this.#where[where]++;
  }

  /** Records the hops of a traced message from its stamps and the UTC times of its send and arrival. */
  hops(stamps: HopStamps, sentEpochMs: number, arrivedEpochMs: number): void {
    this.#hop('ingest', stamps.arrivedMs - sentEpochMs);
    this.#hop('queue', stamps.startedMs - stamps.arrivedMs);
    this.#hop('process', stamps.postedMs - stamps.startedMs);
    this.#hop('deliver', arrivedEpochMs - stamps.postedMs);
  }

  /** Counts a measured message as due in a second of the measured window. */
  due(second: number): void {
    this.#due[second] = (this.#due[second] ?? 0) + 1;
  }

  /** Counts an arrival at the socket, whatever it turns out to be. */
  arrival(measured: boolean): void {
    this.#arrivals[measured ? 'measured' : 'warmup']++;
  }

  unexpected(kind: UnexpectedKind, measured: boolean): void {
    const counter = this.#unexpected[measured ? 'measured' : 'warmup'];
    counter[kind] = (counter[kind] ?? 0) + 1;
  }

  closedEarly(code: number): void {
    const key = `CLOSE_${code}`;
    this.#closedEarly[key] = (this.#closedEarly[key] ?? 0) + 1;
  }

  /** Whether another witness would be kept, so that none is built for nothing. */
  get keepsViolations(): boolean {
    return this.#violationsKept < this.#violationLimit;
  }

  violation(violation: Violation): void {
    this.#violationsKept++;
    this.#violations.push(violation);
  }

  /** Reports the second and starts the next from nothing. */
  flush(second: number, connections: number, health: Health | null): SecondReport {
    const report: SecondReport = {
      kind: 'second',
      second,
      warmup: { ...this.tallies.warmup },
      measured: { ...this.tallies.measured },
      due: this.#due,
      arrivals: this.#arrivals,
      unexpected: this.#unexpected,
      where: this.#where,
      histograms: this.#sparse(),
      anomalies: this.#anomalies,
      violations: this.#violations,
      connections,
      closedEarly: this.#closedEarly,
      health,
    };
    this.#reset();
    return report;
  }

  #hop(series: Series, milliseconds: number): void {
    if (milliseconds < -STAMP_RESOLUTION_MS) this.#anomalies.negativeHops++;
    else this.time(series, Math.max(0, milliseconds));
  }

  #sparse(): Partial<Record<Series, SparseHistogram>> {
    const touched: Partial<Record<Series, SparseHistogram>> = {};
    for (const series of SERIES) {
      const sparse = sparseOf(this.#histograms[series]);
      if (sparse !== null) touched[series] = sparse;
    }
    return touched;
  }

  #reset(): void {
    Object.assign(this.tallies.warmup, emptyTally());
    Object.assign(this.tallies.measured, emptyTally());
    for (const series of SERIES)
      if (this.#histograms[series].totalCount > 0) this.#histograms[series].reset();
    this.#violations = [];
    this.#due = {};
    this.#arrivals = { warmup: 0, measured: 0 };
    this.#unexpected = { warmup: {}, measured: {} };
    this.#where = { ingest: 0, delivery: 0, unknown: 0 };
    this.#anomalies = newAnomalies();
    this.#closedEarly = {};
  }
}
