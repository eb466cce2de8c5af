/**
 * What a worker reported, summed by the second: the part of a run that machines hand over. Parts add to a part, and a part
 * becomes a Rollup by the same `add` that a run on one machine uses, so a merged run is summarised and judged by the very
 * code that judges any other. Whatever a SecondReport holds is kept by the second, but for order, health and witnesses,
 * which are only ever read as totals.
 */
import type { SparseHistogram } from '../histogram.ts';
import { emptyOrder, type OrderReport, OrderSum } from '../ordering-report.ts';
import type { Violation } from '../result.ts';
import { type HealthSum, Rollup } from '../rollup.ts';
import {
  addCounter,
  emptyOpening,
  type OpeningCounts,
  type OpeningReport,
  type SecondReport,
  type Series,
  type ShareEvent,
} from '../share.ts';
import { addTally, emptyTally, type Tally } from '../tally.ts';
import { HistogramSum } from './histogram-sum.ts';

/** A second, summed over threads or machines. */
export type SecondPart = Omit<SecondReport, 'kind' | 'order' | 'violations' | 'health'>;

/** Everything that a share of a run comes to. Plain data. */
export interface SharePart {
  readonly opening: Omit<OpeningReport, 'kind'>;
  /** In order. */
  readonly seconds: readonly SecondPart[];
  readonly order: OrderReport;
  readonly health: Readonly<HealthSum>;
  /** Witnesses, limited by whoever recorded them. */
  readonly violations: readonly Violation[];
}

const OPENING_COUNTS = Object.keys(emptyOpening()) as (keyof OpeningCounts)[];

/** Health of nothing. */
export function emptyHealth(): HealthSum {
  return new Rollup().health;
}

/** Adds `other` into `sum`: times and counts add, worsts stay worst. */
export function addHealthSum(sum: HealthSum, other: Readonly<HealthSum>): void {
  sum.seconds += other.seconds;
  sum.utilizationSum += other.utilizationSum;
  sum.utilizationMax = Math.max(sum.utilizationMax, other.utilizationMax);
  sum.loopDelayP99Ms = Math.max(sum.loopDelayP99Ms, other.loopDelayP99Ms);
  sum.loopDelayMaxMs = Math.max(sum.loopDelayMaxMs, other.loopDelayMaxMs);
  sum.gcCount += other.gcCount;
  sum.gcMs += other.gcMs;
  sum.gcMaxMs = Math.max(sum.gcMaxMs, other.gcMaxMs);
  sum.cpuCoresMax = Math.max(sum.cpuCoresMax, other.cpuCoresMax);
  sum.backlogMaxBytes = Math.max(sum.backlogMaxBytes, other.backlogMaxBytes);
  for (const pacing of other.pacings) sum.pacings.add(pacing);
}

/** Adds without making a list of the entries: mostly there are none, and there are thousands of seconds. */
function addCounts(sum: Record<string, number>, other: Readonly<Record<string, number | undefined>>): void {
  for (const key in other) sum[key] = (sum[key] ?? 0) + (other[key] ?? 0);
}

/** A second that is being summed. */
class SecondTotal {
  readonly #second: number;
  readonly #warmup = emptyTally();
  readonly #measured = emptyTally();
  readonly #due: Record<number, number> = {};
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

  add(part: SecondPart): void {
    addTally(this.#warmup, part.warmup);
    addTally(this.#measured, part.measured);
    addCounts(this.#due, part.due);
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
      due: this.#due,
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
  readonly #connect = new HistogramSum();
  readonly #seconds = new Map<number, SecondTotal>();
  readonly #order = new OrderSum();
  readonly #health = emptyHealth();
  readonly #violations: Violation[] = [];

  /** Adds a report of a thread. Its health is added by whoever sums health: see {@link addHealth}. */
  add(event: ShareEvent): void {
    if (event.kind === 'opening') {
      this.#addOpening(event);
      return;
    }
    this.#second(event.second).add(event);
    this.#order.add(event.order);
    this.#violations.push(...event.violations);
  }

  addHealth(health: Readonly<HealthSum>): void {
    addHealthSum(this.#health, health);
  }

  /** Adds what another sum came to. */
  addPart(part: SharePart): void {
    this.#addOpening(part.opening);
    for (const second of part.seconds) this.#second(second.second).add(second);
    this.#order.add(part.order);
    this.addHealth(part.health);
    for (const violation of part.violations) this.#violations.push(violation);
  }

  toPart(): SharePart {
    const seconds = [...this.#seconds].sort(([left], [right]) => left - right);
    return {
      opening: { ...this.#counts, failures: this.#failures, connect: this.#connect.toSparse() },
      seconds: seconds.map(([, total]) => total.toPart()),
      order: this.#order.toReport(),
      health: this.#health,
      violations: this.#violations,
    };
  }

  #addOpening(report: SharePart['opening']): void {
    for (const name of OPENING_COUNTS) this.#counts[name] += report[name];
    addCounter(this.#failures, report.failures);
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
    rollup.add({ kind: 'second', ...second, order: emptyOrder(), violations: [], health: null });
  }
  rollup.add({ ...NOTHING, order: part.order, violations: part.violations });
  addHealthSum(rollup.health, part.health);
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
export function unbalanced({ seconds }: SharePart): string | null {
  for (const kind of ['warmup', 'measured'] as const) {
    const tally: Tally = emptyTally();
    let arrivals = 0;
    let unexpected = 0;
    for (const second of seconds) {
      addTally(tally, second[kind]);
      arrivals += second.arrivals[kind];
      for (const count of Object.values(second.unexpected[kind])) unexpected += count ?? 0;
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
