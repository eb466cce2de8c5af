/**
 * The sum of what workers report: totals, the seconds in order, and the histograms behind every percentile. It is where
 * "results add" happens, for the threads of a machine and the partials of a fleet alike, so nothing here depends on which
 * worker said what, or in which order; and a merged run is summarised and judged by the very code that judges any other.
 */
import { addCounts } from '../model/counts.ts';
import { addDetails } from '../model/details.ts';
import type { Violation } from '../model/violation.ts';
import { addHealth, emptyHealth, healthOf } from './health.ts';
import { addSparse, type Histogram, newHistogram } from './histogram.ts';
import { type AnyHistogram, HistogramSum } from './histogram-sum.ts';
import { OrderSum } from './ordering-report.ts';
import { PackedHistogram } from './packed-histogram.ts';
import {
  addGroups,
  addSecond,
  type Counts,
  countsOf,
  emptyCounts,
  emptySecond,
  plainSecond,
  SERIES,
  type Second,
  type SecondSum,
  type Series,
} from './second.ts';
import { emptyOpening, type OpeningCounts, type ShareEvent, type SharePart } from './share.ts';
import { assertConserved, settledOf } from './tally.ts';

/** A second of the run with what is known of the messages that were due in it. */
export interface RunSecond extends SecondSum {
  /** Due in this second, as far as the senders have got. */
  readonly due: number;
  /** Of those due in this second: lost, as far as that is known. */
  readonly lost: number;
}

/** A counted distribution per series. */
export type Histograms = Readonly<Record<Series | 'connect', Histogram>>;

const OPENING_COUNTS = Object.keys(emptyOpening()) as (keyof OpeningCounts)[];

export class Rollup {
  readonly #counts = emptyCounts();
  readonly warmup = this.#counts.warmup;
  readonly measured = this.#counts.measured;
  readonly arrivals = this.#counts.arrivals;
  readonly unexpected = { warmup: this.#counts.unexpectedInWarmup, measured: this.#counts.unexpected };
  readonly where = this.#counts.where;
  readonly anomalies = this.#counts.anomalies;
  readonly order = new OrderSum();
  readonly connections = { ...emptyOpening(), closedEarly: 0 };
  /** Failures to open, and ends before the run's end, by code. */
  readonly failures: Record<string, number> = {};
  /** What was said of these, by code. */
  readonly details: Record<string, string> = {};
  readonly violations: Violation[] = [];
  readonly health = emptyHealth();

  /** Whether all reports are in: what comes later belongs to nothing. */
  isClosed = false;

  readonly #connect = new HistogramSum();
  readonly #due: Record<number, number> = {};
  readonly #failuresToOpen: Record<string, number> = {};
  readonly #seconds = new Map<number, SecondSum>();
  #histograms: Histograms | null = null;

  /** Adds a report of a thread. */
  add(event: ShareEvent): void {
    if (event.kind === 'opening') {
      this.#addOpening(event);
      return;
    }
    this.#addCounts(event);
    this.#addSecond(event);
    this.#addTotals(event);
    if (event.second >= 0 && event.health !== null) addHealth(this.health, healthOf(event.health));
  }

  /** Adds what another sum came to, which may not change any more. `counts` are those of all its seconds. */
  addPart(part: SharePart<AnyHistogram>, counts = countsOf(part.seconds)): void {
    this.#addOpening(part.opening);
    this.#addCounts(counts);
    for (const second of part.seconds) this.#addSecond(second);
    this.#addTotals(part);
    addHealth(this.health, part.health);
  }

  /** All of it as data: a partial's. */
  toPart(): SharePart {
    const { closedEarly: _, ...opened } = this.connections;
    const seconds = [...this.#seconds.values()].sort((left, right) => left.second - right.second);
    return {
      opening: {
        ...opened,
        failures: this.#failuresToOpen,
        ...(Object.keys(this.details).length === 0 ? {} : { details: this.details }),
        connect: this.#connect.toSparse(),
      },
      seconds: seconds.map(plainSecond),
      due: this.#due,
      order: this.order.toReport(),
      health: this.health,
      violations: this.violations,
    };
  }

  /** Totals of all seconds. They are summed when first asked for, and kept up from then on. */
  get histograms(): Histograms {
    if (this.#histograms === null) {
      this.#histograms = Object.fromEntries(
        [...SERIES, 'connect'].map((series) => [series, newHistogram()]),
      ) as Histograms;
      const connect = this.#connect.toSparse();
      if (connect !== null) addSparse(this.#histograms.connect, connect);
      for (const second of this.#seconds.values()) addHistograms(this.#histograms, plainSecond(second));
    }
    return this.#histograms;
  }

  /** The seconds of measurement and drain, in order, without gaps. */
  seconds(): RunSecond[] {
    const inDue = [this.#due, this.order.lostDue].flatMap((counts) => Object.keys(counts).map(Number));
    const last = [...this.#seconds.keys(), ...inDue].reduce((most, second) => Math.max(most, second), -1);
    return Array.from({ length: last + 1 }, (_, second) => this.at(second) ?? this.#runSecond(second));
  }

  /** The second, for a live display; null before anything of it was reported. */
  at(second: number): RunSecond | null {
    const isKnown = this.#seconds.has(second) || second in this.#due || second in this.order.lostDue;
    return isKnown ? this.#runSecond(second) : null;
  }

  /**
   * Closes the account. Messages of workers that died without settling them are indeterminate. Asserts both conservation
   * laws; a violation is a programming error and throws.
   */
  close(): void {
    this.isClosed = true;
    for (const kind of ['warmup', 'measured'] as const) {
      const tally = this[kind];
      tally.indeterminate += tally.scheduled - settledOf(tally);
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

  #addOpening(opening: SharePart['opening']): void {
    for (const name of OPENING_COUNTS) this.connections[name] += opening[name];
    addCounts(this.failures, opening.failures);
    addCounts(this.#failuresToOpen, opening.failures);
    addDetails(this.details, opening.details ?? {});
    if (opening.connect === null) return;
    this.#connect.add(opening.connect);
    if (this.#histograms !== null) addSparse(this.#histograms.connect, opening.connect);
  }

  #addCounts(counts: Readonly<Counts>): void {
    addGroups(this.#counts, counts);
    addCounts(this.failures, counts.closedEarly);
    this.connections.closedEarly += sum(counts.closedEarly);
  }

  #addSecond(second: Second<AnyHistogram>): void {
    if (this.#histograms !== null) addHistograms(this.#histograms, second);
    let found = this.#seconds.get(second.second);
    if (found === undefined) {
      found = emptySecond(second.second);
      this.#seconds.set(second.second, found);
    }
    addSecond(found, second);
  }

  #addTotals({ due, order, violations }: Pick<SharePart, 'due' | 'order' | 'violations'>): void {
    addCounts(this.#due, due);
    this.order.add(order);
    for (const violation of violations) this.violations.push(violation);
  }

  #runSecond(second: number): RunSecond {
    const counted = this.#seconds.get(second) ?? emptySecond(second);
    return { ...counted, due: this.#due[second] ?? 0, lost: this.order.lostDue[second] ?? 0 };
  }
}

function addHistograms(totals: Histograms, { histograms }: Second<AnyHistogram>): void {
  for (const [series, histogram] of Object.entries(histograms))
    addSparse(
      totals[series as Series],
      histogram instanceof PackedHistogram ? histogram.toSparse() : histogram,
    );
}

/** Sum of a counter. */
export function sum(counter: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counter).reduce<number>((total, count) => total + (count ?? 0), 0);
}
