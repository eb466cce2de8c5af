/**
 * What a worker reported, summed by the second: the part of a run that machines hand over. Parts add to a part, and a part
 * becomes a Rollup by the same `add` that a run on one machine uses, so a merged run is summarised and judged by the very
 * code that judges any other. Whatever a SecondReport holds is kept by the second, but for order, health, witnesses and
 * what was due, which are only ever read as totals over the seconds that reported them.
 */
import { addCounts } from '../../model/counts.ts';
import { addDetails } from '../../model/details.ts';
import type { Violation } from '../../model/violation.ts';
import { addHealth, emptyHealth, type HealthSum } from '../health-sum.ts';
import type { SparseHistogram } from '../histogram.ts';
import { emptyOrder, type OrderReport, OrderSum } from '../ordering-report.ts';
import { Rollup } from '../rollup.ts';
import {
  emptyOpening,
  type OpeningCounts,
  type OpeningReport,
  type SecondReport,
  type Series,
  type ShareEvent,
} from '../share.ts';
import { addTally, emptyTally, type Tally } from '../tally.ts';
import { type AnyHistogram, HistogramSum } from './histogram-sum.ts';

/** A second, summed over threads or machines. Its histograms may be packed still. */
export interface SecondPart<H = SparseHistogram>
  extends Omit<SecondReport, 'kind' | 'order' | 'violations' | 'health' | 'due' | 'histograms'> {
  readonly histograms: Partial<Readonly<Record<Series, H>>>;
}

/** Everything that a share of a run comes to. Plain data, but for packed histograms. */
export interface SharePart<H = SparseHistogram> {
  readonly opening: Omit<OpeningReport, 'kind'>;
  /** In order. */
  readonly seconds: readonly SecondPart<H>[];
  /** Measured messages by the second in which they were due, whichever second reported them. */
  readonly due: SecondReport['due'];
  readonly order: OrderReport;
  readonly health: Readonly<HealthSum>;
  /** Witnesses, limited by whoever recorded them. */
  readonly violations: readonly Violation[];
}

/**
 * Parts whose seconds are added together. The sums of all seconds are far larger than a processor's cache, those of one
 * second are not: adding this many parts to each second in turn takes a third of the time of adding part after part.
 */
const TOGETHER = 32;

const OPENING_COUNTS = Object.keys(emptyOpening()) as (keyof OpeningCounts)[];

/** A second that is being summed. */
class SecondTotal {
  readonly #second: number;
  readonly #warmup = emptyTally();
  readonly #measured = emptyTally();
  readonly #arrivals = { warmup: 0, measured: 0 };
  readonly #unexpected = { warmup: {}, measured: {} };
  readonly #where = { ingest: 0, delivery: 0, unknown: 0 };
  readonly #anomalies = { clipped: 0, negative: 0, negativeHops: 0 };
  readonly #closedEarly: Record<string, number> = {};
  readonly #histograms = new Map<string, HistogramSum>();
  #connections = 0;

  constructor(second: number) {
    this.#second = second;
  }

  add(part: SecondPart<AnyHistogram>): void {
    addTally(this.#warmup, part.warmup);
    addTally(this.#measured, part.measured);
    this.#arrivals.warmup += part.arrivals.warmup;
    this.#arrivals.measured += part.arrivals.measured;
    addCounts(this.#unexpected.warmup, part.unexpected.warmup);
    addCounts(this.#unexpected.measured, part.unexpected.measured);
    const { where, anomalies } = part;
    this.#where.ingest += where.ingest;
    this.#where.delivery += where.delivery;
    this.#where.unknown += where.unknown;
    this.#anomalies.clipped += anomalies.clipped;
    this.#anomalies.negative += anomalies.negative;
    this.#anomalies.negativeHops += anomalies.negativeHops;
    addCounts(this.#closedEarly, part.closedEarly);
    this.#connections += part.connections;
    for (const series in part.histograms) this.#sumOf(series).add(part.histograms[series as Series]!);
  }

  toPart(): SecondPart {
    const histograms: Partial<Record<Series, SparseHistogram>> = {};
    for (const [series, sum] of this.#histograms) histograms[series as Series] = sum.toSparse()!;
    return {
      second: this.#second,
      warmup: this.#warmup,
      measured: this.#measured,
      arrivals: this.#arrivals,
      unexpected: this.#unexpected,
      where: this.#where,
      anomalies: this.#anomalies,
      closedEarly: this.#closedEarly,
      connections: this.#connections,
      histograms,
    };
  }

  #sumOf(series: string): HistogramSum {
    let sum = this.#histograms.get(series);
    if (sum === undefined) {
      sum = new HistogramSum();
      this.#histograms.set(series, sum);
    }
    return sum;
  }
}

export class ShareSum {
  readonly #counts = emptyOpening();
  readonly #failures: Record<string, number> = {};
  readonly #details: Record<string, string> = {};
  readonly #connect = new HistogramSum();
  readonly #seconds = new Map<number, SecondTotal>();
  readonly #due: Record<number, number> = {};
  readonly #order = new OrderSum();
  readonly #health = emptyHealth();
  readonly #violations: Violation[] = [];
  /** Seconds of parts that are to be added yet. */
  #waiting: SharePart<AnyHistogram>['seconds'][] = [];

  /** Adds a report of a thread. Its health is added by whoever sums health: see {@link ShareSum.addHealth}. */
  add(event: ShareEvent): void {
    if (event.kind === 'opening') {
      this.#addOpening(event);
      return;
    }
    this.#second(event.second).add(event);
    addCounts(this.#due, event.due);
    this.#order.add(event.order);
    this.#violations.push(...event.violations);
  }

  addHealth(health: Readonly<HealthSum>): void {
    addHealth(this.#health, health);
  }

  /** Adds what another sum came to, which may not change any more. */
  addPart(part: SharePart<AnyHistogram>): void {
    this.#addOpening(part.opening);
    this.#waiting.push(part.seconds);
    if (this.#waiting.length === TOGETHER) this.#addWaiting();
    addCounts(this.#due, part.due);
    this.#order.add(part.order);
    this.addHealth(part.health);
    for (const violation of part.violations) this.#violations.push(violation);
  }

  toPart(): SharePart {
    this.#addWaiting();
    const seconds = [...this.#seconds].sort(([left], [right]) => left - right);
    return {
      opening: {
        ...this.#counts,
        failures: this.#failures,
        ...(Object.keys(this.#details).length === 0 ? {} : { details: this.#details }),
        connect: this.#connect.toSparse(),
      },
      seconds: seconds.map(([, total]) => total.toPart()),
      due: this.#due,
      order: this.#order.toReport(),
      health: this.#health,
      violations: this.#violations,
    };
  }

  #addWaiting(): void {
    const bySecond = new Map<number, SecondPart<AnyHistogram>[]>();
    for (const seconds of this.#waiting) {
      for (const part of seconds) {
        const others = bySecond.get(part.second);
        if (others === undefined) bySecond.set(part.second, [part]);
        else others.push(part);
      }
    }
    this.#waiting = [];
    for (const [second, parts] of bySecond) {
      const total = this.#second(second);
      for (const part of parts) total.add(part);
    }
  }

  #addOpening(report: SharePart['opening']): void {
    for (const name of OPENING_COUNTS) this.#counts[name] += report[name];
    addCounts(this.#failures, report.failures);
    addDetails(this.#details, report.details ?? {});
    if (report.connect !== null) this.#connect.add(report.connect);
  }

  #second(second: number): SecondTotal {
    let total = this.#seconds.get(second);
    if (total === undefined) {
      total = new SecondTotal(second);
      this.#seconds.set(second, total);
    }
    return total;
  }
}

/** The part as the sums of a run on one machine. Not closed. */
export function rollupOf(part: SharePart): Rollup {
  const rollup = new Rollup();
  rollup.add({ kind: 'opening', ...part.opening });
  for (const second of part.seconds) {
    rollup.add({ kind: 'second', ...second, due: {}, order: emptyOrder(), violations: [], health: null });
  }
  rollup.add({ ...NOTHING, due: part.due, order: part.order, violations: part.violations });
  addHealth(rollup.health, part.health);
  return rollup;
}

/** A second of warm-up, which is in no second of the result, with nothing in it: what has no second goes with it. */
const NOTHING: SecondReport = {
  kind: 'second',
  second: -1,
  warmup: emptyTally(),
  measured: emptyTally(),
  due: {},
  arrivals: { warmup: 0, measured: 0 },
  unexpected: { warmup: {}, measured: {} },
  where: { ingest: 0, delivery: 0, unknown: 0 },
  order: emptyOrder(),
  histograms: {},
  anomalies: { clipped: 0, negative: 0, negativeHops: 0 },
  violations: [],
  connections: 0,
  closedEarly: {},
  health: null,
};

/** What of a part does not add up by the laws of tally.ts; null when it does. Outstanding messages of a dead thread do. */
export function unbalanced({ seconds }: SharePart<unknown>): string | null {
  for (const kind of ['warmup', 'measured'] as const) {
    const tally: Tally = emptyTally();
    let arrivals = 0;
    let unexpected = 0;
    for (const second of seconds) {
      addTally(tally, second[kind]);
      arrivals += second.arrivals[kind];
      const counts: Readonly<Record<string, number>> = second.unexpected[kind];
      for (const name in counts) unexpected += counts[name] ?? 0;
    }
    const settled = tally.delivered + tally.lost + tally.refused + tally.indeterminate;
    if (settled > tally.scheduled)
      return `${settled} ${kind} messages settled of ${tally.scheduled} scheduled`;
    if (tally.sent + tally.refused !== tally.scheduled)
      return `${tally.sent} ${kind} messages sent and ${tally.refused} refused of ${tally.scheduled}`;
    const accounted = tally.delivered + tally.duplicated + unexpected;
    if (arrivals !== accounted) return `${arrivals} ${kind} arrivals, ${accounted} accounted for`;
  }
  return null;
}
