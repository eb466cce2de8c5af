/**
 * The recorder of a worker: tallies and histograms of the second that is running. At the end of each second its content
 * becomes a report and it starts from nothing, so whatever was recorded is reported exactly once.
 */

import type { Violation } from '../model/violation.ts';
import type { LastArrival } from './arrival.ts';
import type { Health } from './health.ts';
import {
  HIGHEST_VALUE,
  type Histogram,
  MICROS_PER_MILLI,
  newHistogram,
  type SparseHistogram,
  sparseOf,
} from './histogram.ts';
import type { HopStamps } from './message.ts';
import { OrderSum, type StreamViolation } from './ordering-report.ts';
import { emptyCounts, SERIES, type Series, type UnexpectedKind } from './second.ts';
import type { SecondReport } from './share.ts';
import type { Tallies } from './tally.ts';

/** Time stamps of the stream and of functions are whole milliseconds: a hop this far below zero may be zero. */
export const STAMP_RESOLUTION_MS = 1;

/** What the ledger says of a reordered message. */
type Reorder = Readonly<Pick<LastArrival, 'extent' | 'lateTimeMs' | 'nReordering' | 'run'>>;

export class Recorder {
  readonly #counts = emptyCounts();
  readonly #histograms: Record<Series, Histogram>;
  readonly #violationLimit: number;
  #violationsKept = 0;
  #violations: Violation[] = [];
  #due: Record<number, number> = {};
  #order = new OrderSum();

  /** Keeps at most `violationLimit` witnesses over the whole run; the counts have no limit. */
  constructor(options: { violationLimit: number }) {
    this.#violationLimit = options.violationLimit;
    this.#histograms = Object.fromEntries(SERIES.map((series) => [series, newHistogram(32)])) as Record<
      Series,
      Histogram
    >;
  }

  /** Given to the worker's ledgers, which count into it. */
  get tallies(): Tallies {
    return this.#counts;
  }

  /** Records a time in milliseconds. */
  time(series: Series, milliseconds: number): void {
    this.#record(series, Math.round(milliseconds * MICROS_PER_MILLI));
  }

  /** Records what the ledger says of a reordered message, and where it was overtaken. */
  reorder(reorder: Reorder, where: 'ingest' | 'delivery' | 'unknown'): void {
    this.#record('extent', reorder.extent);
    this.time('lateTime', reorder.lateTimeMs);
    this.#record('nReordering', reorder.nReordering);
    this.#record('runs', reorder.run);
    this.#counts.where[where]++;
  }

  /** Records the distance between two discontinuities of a stream, in messages. */
  gap(messages: number): void {
    this.#record('gaps', messages);
  }

  /**
   * Records the hops of a traced message from its stamps and the UTC times of its send and arrival. Its service time, read
   * from the driver's clock alone, is what they must add up to.
   */
  hops(stamps: HopStamps, sentEpochMs: number, arrivedEpochMs: number, serviceMs: number): void {
    const ingestMs = stamps.arrivedMs - sentEpochMs;
    const queueMs = stamps.startedMs - stamps.arrivedMs;
    const processMs = stamps.postedMs - stamps.startedMs;
    const deliverMs = arrivedEpochMs - stamps.postedMs;
    this.#hop('ingest', ingestMs);
    this.#hop('queue', queueMs);
    this.#hop('process', processMs);
    this.#hop('deliver', deliverMs);
    if (Math.min(ingestMs, queueMs, processMs, deliverMs) < 0) return;
    const sums = this.#order.hops;
    sums.samples++;
    sums.ingest += Math.round(ingestMs * MICROS_PER_MILLI);
    sums.queue += Math.round(queueMs * MICROS_PER_MILLI);
    sums.process += Math.round(processMs * MICROS_PER_MILLI);
    sums.deliver += Math.round(deliverMs * MICROS_PER_MILLI);
    sums.service += Math.round(serviceMs * MICROS_PER_MILLI);
  }

  /** Counts a violation on its stream; `isFirst` when the stream had none before. */
  streamViolation(stream: number, violation: StreamViolation, isFirst: boolean): void {
    if (isFirst) this.#order.affected++;
    const counts = this.#order.stream(stream);
    if (counts !== null) counts[violation]++;
  }

  /** The ledger of a stream that had violations is closed: what was delivered on it, and the shortest it waited in vain. */
  streamClosed(stream: number, delivered: number, shortestWaitMs: number): void {
    const counts = this.#order.stream(stream);
    if (counts !== null) counts.delivered += delivered;
    this.#order.shortestWaitMs = Math.min(this.#order.shortestWaitMs, shortestWaitMs);
  }

  /** Counts a traced arrival in its shard. */
  shard(shard: string, arrival: 'delivered' | 'reordered' | 'duplicated'): void {
    const counts = this.#order.shard(shard);
    if (arrival === 'reordered') counts.delivered++;
    counts[arrival]++;
  }

  /** Counts a lost message by the second of the measured window in which it was due. */
  lost(dueSecond: number): void {
    this.#order.lostDue[dueSecond] = (this.#order.lostDue[dueSecond] ?? 0) + 1;
  }

  /** Counts a measured message as due in a second of the measured window. */
  due(second: number): void {
    this.#due[second] = (this.#due[second] ?? 0) + 1;
  }

  /** Counts an arrival at the socket, whatever it turns out to be. */
  arrival(measured: boolean): void {
    this.#counts.arrivals[measured ? 'measured' : 'warmup']++;
  }

  unexpected(kind: UnexpectedKind, measured: boolean): void {
    const counter = this.#counts[measured ? 'unexpected' : 'unexpectedInWarmup'];
    counter[kind] = (counter[kind] ?? 0) + 1;
  }

  /** Counts an end before the run's, by its code. */
  closedEarly(code: string): void {
    const { closedEarly } = this.#counts;
    closedEarly[code] = (closedEarly[code] ?? 0) + 1;
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
      ...this.#counts,
      connections,
      histograms: this.#sparse(),
      due: this.#due,
      order: this.#order.toReport(),
      violations: this.#violations,
      health,
    };
    this.#reset();
    return report;
  }

  #record(series: Series, value: number): void {
    if (value < 0) {
      this.#counts.anomalies.negative++;
    } else if (value > HIGHEST_VALUE) {
      this.#counts.anomalies.clipped++;
      this.#histograms[series].recordValue(HIGHEST_VALUE);
    } else {
      this.#histograms[series].recordValue(value);
    }
  }

  #hop(series: Series, milliseconds: number): void {
    if (milliseconds < -STAMP_RESOLUTION_MS) this.#counts.anomalies.negativeHops++;
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
    Object.assign(this.#counts, emptyCounts());
    for (const series of SERIES)
      if (this.#histograms[series].totalCount > 0) this.#histograms[series].reset();
    this.#violations = [];
    this.#due = {};
    this.#order = new OrderSum();
  }
}
