/**
 * The local stage's CloudWatch: counts what its parts record, in buckets of one period, and answers with the same
 * statistics. Each metric keeps count, sum, minimum and maximum of every period in one ring of numbers, so recording
 * costs a few additions and allocates nothing. The ring covers {@link RETENTION_PERIODS} periods; older ones are
 * forgotten, as CloudWatch forgets its finest resolution. Percentiles are not kept: they can't be had from four numbers.
 */
import type { Clock } from '../../bench/ports.ts';
import type { Meter, MetricIdentity, MetricRegistry } from './ports.ts';

/** Statistics that four numbers per period can answer, named as CloudWatch names them. */
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount';

/** Datapoints: the start of each period in UTC milliseconds, and the statistic's value in it. */
export interface Datapoints {
  readonly timestamps: number[];
  readonly values: number[];
}

/**
 * Three hours of one-second periods, which is how long CloudWatch keeps periods below a minute (GetMetricData API
 * reference). A ring takes 345 kB of address space and only touches the part that has been written.
 */
export const RETENTION_PERIODS = 10_800;

/** Numbers kept per period, in this order: count, sum, minimum, maximum. */
const FIELDS = 4;

export interface MetricStoreOptions {
  readonly clock: Clock;
  /** Length of a period. */
  readonly periodMs: number;
}

class RingMeter implements Meter {
  readonly identity: MetricIdentity;
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #slots = new Float64Array(RETENTION_PERIODS * FIELDS);
  /** Number of the newest period written, counted from 1970; −1 before the first. */
  #newest = -1;

  constructor(identity: MetricIdentity, options: MetricStoreOptions) {
    this.identity = identity;
    this.#clock = options.clock;
    this.#periodMs = options.periodMs;
  }

  get used(): boolean {
    return this.#newest >= 0;
  }

  record(value: number): void {
    const period = Math.floor(this.#clock.epochAt(this.#clock.now()) / this.#periodMs);
    if (period > this.#newest) this.#open(period);
    const at = (this.#newest % RETENTION_PERIODS) * FIELDS;
    const slots = this.#slots;
    const count = slots[at]!;
    slots[at] = count + 1;
    slots[at + 1]! += value;
    if (count === 0 || value < slots[at + 2]!) slots[at + 2] = value;
    if (count === 0 || value > slots[at + 3]!) slots[at + 3] = value;
  }

  /** Datapoints of the periods that overlap the window and have data, oldest first. */
  datapoints(stat: Statistic, startEpochMs: number, endEpochMs: number): Datapoints {
    const timestamps: number[] = [];
    const values: number[] = [];
    const first = Math.max(
      Math.floor(startEpochMs / this.#periodMs),
      this.#newest - RETENTION_PERIODS + 1,
      0,
    );
    const last = Math.min(Math.ceil(endEpochMs / this.#periodMs) - 1, this.#newest);
    for (let period = first; period <= last; period++) {
      const at = (period % RETENTION_PERIODS) * FIELDS;
      if (this.#slots[at] === 0) continue;
      timestamps.push(period * this.#periodMs);
      values.push(this.#read(at, stat));
    }
    return { timestamps, values };
  }

  #read(at: number, stat: Statistic): number {
    const slots = this.#slots;
    switch (stat) {
      case 'SampleCount':
        return slots[at]!;
      case 'Sum':
        return slots[at + 1]!;
      case 'Average':
        return slots[at + 1]! / slots[at]!;
      case 'Minimum':
        return slots[at + 2]!;
      case 'Maximum':
        return slots[at + 3]!;
    }
  }

  /** Makes `period` the newest and empties every slot that the ring reuses for the periods since the last one. */
  #open(period: number): void {
    const since = Math.max(this.#newest + 1, period - RETENTION_PERIODS + 1);
    if (this.#newest >= 0) {
      for (let passed = since; passed <= period; passed++) {
        const at = (passed % RETENTION_PERIODS) * FIELDS;
        this.#slots.fill(0, at, at + FIELDS);
      }
    }
    this.#newest = period;
  }
}

/** One string per identity, whatever the order its dimensions were written in. */
function keyOf(identity: MetricIdentity): string {
  const dimensions = Object.entries(identity.dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([identity.namespace, identity.name, dimensions]);
}

export class MetricStore implements MetricRegistry {
  /** Length of a period in milliseconds. */
  readonly periodMs: number;
  readonly #options: MetricStoreOptions;
  readonly #meters = new Map<string, RingMeter>();

  constructor(options: MetricStoreOptions) {
    this.#options = options;
    this.periodMs = options.periodMs;
  }

  meter(identity: MetricIdentity): Meter {
    const key = keyOf(identity);
    const known = this.#meters.get(key);
    if (known) return known;
    const meter = new RingMeter(identity, this.#options);
    this.#meters.set(key, meter);
    return meter;
  }

  /**
   * One statistic of the periods that overlap [start, end), both UTC milliseconds. Periods without data are absent, as in
   * CloudWatch; an unknown metric has none.
   */
  series(identity: MetricIdentity, stat: Statistic, startEpochMs: number, endEpochMs: number): Datapoints {
    const meter = this.#meters.get(keyOf(identity));
    return meter?.datapoints(stat, startEpochMs, endEpochMs) ?? { timestamps: [], values: [] };
  }

  /** Total of what was recorded in the periods that overlap [start, end). */
  sum(identity: MetricIdentity, startEpochMs: number, endEpochMs: number): number {
    return this.series(identity, 'Sum', startEpochMs, endEpochMs).values.reduce(
      (total, value) => total + value,
      0,
    );
  }

  /** Every metric that has ever recorded a value. */
  list(): MetricIdentity[] {
    return [...this.#meters.values()].filter((meter) => meter.used).map((meter) => meter.identity);
  }
}
