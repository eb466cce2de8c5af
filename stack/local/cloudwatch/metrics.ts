/**
 * Keeps what the stage counts, per period and bounded, and returns CloudWatch's statistics over multiples of a
 * period. A metric can also go by other dimensions, as AWS publishes the same count per stage and per API: that costs
 * nothing when recording.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../../../bench/ports.ts';
import type { Meter, MetricIdentity, MetricRegistry } from '../ports.ts';
import { Distribution } from './distribution.ts';
import { RETENTION_PERIODS, RingMeter, type Totals } from './ring-meter.ts';

export { RETENTION_PERIODS };

/** Statistics of the numbers themselves, named as CloudWatch names them. */
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount';

/** A percentile, from 0 to 100: `{ percentile: 99 }` is CloudWatch's p99. Only metrics in Milliseconds have them. */
export interface Percentile {
  readonly percentile: number;
}

/** Datapoints: the start of each period in UTC milliseconds, and the statistic's value in it. */
export interface Datapoints {
  readonly timestamps: number[];
  readonly values: number[];
}

/** Which periods to read: the first begins at `startEpochMs`, a whole period of the store; the last before the end. */
export interface Periods {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** A multiple of the store's own period. */
  readonly periodMs: number;
}

export interface Answer extends Datapoints {
  /**
   * Periods that have values, but not the statistic asked for: a percentile of a metric that is not in Milliseconds, of
   * negative values, or of a time whose distribution is no longer kept. They are not among the datapoints.
   */
  readonly unknown: number;
}

export interface MetricStoreOptions {
  readonly clock: Clock;
  readonly periodMs: number;
}

/**
 * Meters kept of what is gone, while their three hours last: those of some hundred stacks with traffic. Beyond them the oldest
 * are forgotten early, so that no number of stacks fills the memory.
 */
export const RETIRED_METERS = 5_000;

/** A metric under one of its names, and the meters that count for it. */
interface Metric {
  readonly identity: MetricIdentity;
  readonly meters: Set<RingMeter>;
}

/** One string per identity, whatever the order its dimensions were written in. The unit is no part of it. */
function keyOf({ namespace, name, dimensions }: Omit<MetricIdentity, 'unit'>): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

export class MetricStore implements MetricRegistry {
  /** Length of a period in milliseconds. */
  readonly periodMs: number;
  readonly #options: MetricStoreOptions;
  readonly #meters = new Map<string, RingMeter>();
  readonly #metrics = new Map<string, Metric>();
  /** Keys of meters of what is gone, in the order in which it went. */
  readonly #retired = new Set<string>();
  /** Where percentiles are summed up; cleared before each use. */
  readonly #distribution = new Distribution();

  constructor(options: MetricStoreOptions) {
    this.#options = options;
    this.periodMs = options.periodMs;
  }

  meter(identity: MetricIdentity): Meter {
    return this.#meter(identity);
  }

  /**
   * Makes whatever is recorded for `identity` count for `alsoAs` too: another set of dimensions of the same metric. Several
   * may share it, then it is their sum; it may have a meter of its own besides. Doing it twice changes nothing.
   */
  alias(identity: MetricIdentity, alsoAs: MetricIdentity): void {
    assert.equal(alsoAs.unit, identity.unit, 'a metric has one unit under all its dimensions');
    this.#metric(alsoAs).meters.add(this.#meter(identity));
  }

  /**
   * What has all of these dimensions is gone. Its meters that never counted are forgotten at once, the others when nothing that
   * they counted is kept any more; or from now on counted again, if something new has the same name.
   */
  retire(dimensions: Readonly<Record<string, string>>): void {
    const names = Object.entries(dimensions);
    const forgotten = new Set<RingMeter>();
    for (const [key, meter] of this.#meters) {
      if (!names.every(([name, value]) => meter.identity.dimensions[name] === value)) continue;
      if (meter.used) this.#retired.add(key);
      else forgotten.add(meter);
      meter.rest();
    }
    for (const key of this.#retired) {
      const meter = this.#meters.get(key)!;
      if (this.#retired.size > RETIRED_METERS || this.#isExpired(meter)) forgotten.add(meter);
      if (forgotten.has(meter)) this.#retired.delete(key);
    }
    this.#forget(forgotten);
  }

  /**
   * One statistic of the periods that overlap [start, end), both UTC milliseconds. Periods without data are absent, as in
   * CloudWatch; an unknown metric has none.
   */
  series(
    identity: MetricIdentity,
    stat: Statistic | Percentile,
    startEpochMs: number,
    endEpochMs: number,
  ): Datapoints {
    const firstEpochMs = Math.floor(startEpochMs / this.periodMs) * this.periodMs;
    const periods = { startEpochMs: firstEpochMs, endEpochMs, periodMs: this.periodMs };
    const { timestamps, values } = this.answer(identity, stat, periods);
    return { timestamps, values };
  }

  /** Total of what was recorded in the periods that overlap [start, end). */
  sum(identity: MetricIdentity, startEpochMs: number, endEpochMs: number): number {
    const { values } = this.series(identity, 'Sum', startEpochMs, endEpochMs);
    return values.reduce((total, value) => total + value, 0);
  }

  /** Every metric that has ever recorded a value, under each of its names. */
  list(): MetricIdentity[] {
    return [...this.#metrics.values()]
      .filter(({ meters }) => [...meters].some((meter) => meter.used))
      .map(({ identity }) => identity);
  }

  /** The metric of that name, with the unit it is counted in, if there is one. */
  find(name: Omit<MetricIdentity, 'unit'>): MetricIdentity | undefined {
    return this.#metrics.get(keyOf(name))?.identity;
  }

  /** Start of the newest period with a value, UTC milliseconds; −Infinity if there never was one. */
  newestEpochMs(identity: MetricIdentity): number {
    const newest = Math.max(...this.#metersOf(identity).map((meter) => meter.newest), -1);
    return newest < 0 ? Number.NEGATIVE_INFINITY : newest * this.periodMs;
  }

  /** One statistic of the given periods that have it, oldest first. What lies at or after the end is not in the last one. */
  answer(identity: MetricIdentity, stat: Statistic | Percentile, periods: Periods): Answer {
    const { startEpochMs, endEpochMs, periodMs } = periods;
    const own = this.periodMs;
    // Before 1970 the remainder is -0, which is as good.
    assert.ok(startEpochMs % own === 0, 'a period begins where one of the store does');
    assert.ok(periodMs % own === 0, 'a period is a multiple of that of the store');
    const meters = this.#metersOf(identity).filter((meter) => meter.used);
    const step = periodMs / own;
    const start = startEpochMs / own;
    const end = Math.ceil(endEpochMs / own);
    const oldest = Math.min(...meters.map((meter) => meter.oldest), end);
    const newest = Math.max(...meters.map((meter) => meter.newest), -1);
    const timestamps: number[] = [];
    const values: number[] = [];
    let unknown = 0;
    const first = start + Math.max(0, Math.floor((oldest - start) / step)) * step;
    for (let period = first; period < end && period <= newest; period += step) {
      const value = this.#statistic(meters, stat, period, Math.min(period + step, end));
      if (value === null) unknown += 1;
      if (value === null || value === undefined) continue;
      timestamps.push(period * own);
      values.push(value);
    }
    return { timestamps, values, unknown };
  }

  /** Undefined where nothing was recorded; null when there are values, but not the statistic. */
  #statistic(
    meters: readonly RingMeter[],
    stat: Statistic | Percentile,
    start: number,
    end: number,
  ): number | null | undefined {
    const totals = { count: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
    for (const meter of meters) {
      for (let period = start; period < end; period++) meter.addTo(totals, period);
    }
    if (totals.count === 0) return undefined;
    return typeof stat === 'string'
      ? STATISTICS[stat](totals)
      : this.#percentile(meters, stat.percentile, totals, start, end);
  }

  /**
   * Null when a distribution is missing, and for negative values, of which CloudWatch has no percentiles either
   * (GetMetricStatistics API reference, ExtendedStatistics). The extremes are known exactly and bound the estimate.
   */
  #percentile(
    meters: readonly RingMeter[],
    percent: number,
    totals: Totals,
    start: number,
    end: number,
  ): number | null {
    if (totals.minimum < 0) return null;
    this.#distribution.clear();
    for (const meter of meters) {
      for (let period = start; period < end; period++) {
        if (!meter.distributeTo(this.#distribution, period)) return null;
      }
    }
    if (percent === 0) return totals.minimum;
    if (percent === 100) return totals.maximum;
    const estimate = this.#distribution.percentile(percent);
    return Math.min(Math.max(estimate, totals.minimum), totals.maximum);
  }

  #metersOf(identity: MetricIdentity): RingMeter[] {
    return [...(this.#metrics.get(keyOf(identity))?.meters ?? [])];
  }

  #meter(identity: MetricIdentity): RingMeter {
    const key = keyOf(identity);
    const known = this.#meters.get(key);
    this.#retired.delete(key);
    if (known) return known;
    const meter = new RingMeter(identity, this.#options);
    this.#meters.set(key, meter);
    this.#metric(identity).meters.add(meter);
    return meter;
  }

  #isExpired(meter: RingMeter): boolean {
    const { clock } = this.#options;
    return meter.newest < Math.floor(clock.epochAt(clock.now()) / this.periodMs) - RETENTION_PERIODS;
  }

  #forget(forgotten: ReadonlySet<RingMeter>): void {
    for (const meter of forgotten) this.#meters.delete(keyOf(meter.identity));
    for (const [key, { meters }] of this.#metrics) {
      for (const meter of meters) if (forgotten.has(meter)) meters.delete(meter);
      if (meters.size === 0) this.#metrics.delete(key);
    }
  }

  #metric(identity: MetricIdentity): Metric {
    const key = keyOf(identity);
    const metric = this.#metrics.get(key) ?? { identity, meters: new Set() };
    this.#metrics.set(key, metric);
    return metric;
  }
}

const STATISTICS: Readonly<Record<Statistic, (totals: Totals) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};
