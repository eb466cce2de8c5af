/**
 * One metric: count, sum, minimum and maximum of every period in one ring of numbers, so recording costs a few additions
 * and allocates nothing; and for durations the distribution of every period too, from which percentiles are made. The
 * ring covers {@link RETENTION_PERIODS} periods; older ones are forgotten.
 */
import type { Clock } from '../../../bench/ports.ts';
import type { Meter, MetricIdentity } from '../ports.ts';
import { type Distribution, DistributionLog, PAGE_NUMBERS, PagedNumbers } from './distribution.ts';

/**
 * Three hours of one-second periods, which is how long CloudWatch keeps periods below a minute. It keeps minutes for 15
 * days (GetMetricData API reference), this stage only as long as their seconds: three hours. A ring takes up to 345 kB, in
 * pages of a minute that are made when they are first written.
 */
export const RETENTION_PERIODS = 10_800;

/** Numbers kept per period, in this order: count, sum, minimum, maximum. */
const FIELDS = 4;

const NOTHING = new Float64Array(FIELDS);

interface RingMeterOptions {
  readonly clock: Clock;
  readonly periodMs: number;
}

/** What was recorded in some periods. Without values the extremes are infinite. */
export interface Totals {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
}

export class RingMeter implements Meter {
  readonly identity: MetricIdentity;
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #slots = new PagedNumbers();
  readonly #log: DistributionLog | null;
  /** Number of the newest period written, counted from 1970; −1 before the first. */
  #newest = -1;
  #page = NOTHING;
  #at = 0;

  constructor(identity: MetricIdentity, options: RingMeterOptions) {
    this.identity = identity;
    this.#clock = options.clock;
    this.#periodMs = options.periodMs;
    this.#log = identity.unit === 'Milliseconds' ? new DistributionLog() : null;
  }

  get used(): boolean {
    return this.#newest >= 0;
  }

  /** Number of the newest period with a value, −1 if there is none. */
  get newest(): number {
    return this.#newest;
  }

  get oldest(): number {
    return Math.max(0, this.#newest - RETENTION_PERIODS + 1);
  }

  record(value: number): void {
    const period = Math.floor(this.#clock.epochAt(this.#clock.now()) / this.#periodMs);
    if (period > this.#newest) this.#open(period);
    const at = this.#at;
    const page = this.#page;
    const count = page[at]!;
    page[at] = count + 1;
    page[at + 1]! += value;
    if (count === 0 || value < page[at + 2]!) page[at + 2] = value;
    if (count === 0 || value > page[at + 3]!) page[at + 3] = value;
    if (this.#log !== null) this.#log.record(value);
  }

  /** Adds a period to `totals`. Periods that are not kept, or not written yet, add nothing. */
  addTo(totals: Totals, period: number): void {
    if (period < this.oldest || period > this.#newest) return;
    const at = (period % RETENTION_PERIODS) * FIELDS;
    const slots = this.#slots;
    if (slots.get(at) === 0) return;
    totals.count += slots.get(at);
    totals.sum += slots.get(at + 1);
    totals.minimum = Math.min(totals.minimum, slots.get(at + 2));
    totals.maximum = Math.max(totals.maximum, slots.get(at + 3));
  }

  /** Adds a period's distribution to `sum`. False when there are values in it but their distribution is not known. */
  distributeTo(sum: Distribution, period: number): boolean {
    if (period < this.oldest || period > this.#newest) return true;
    const slot = period % RETENTION_PERIODS;
    if (this.#log === null) return this.#slots.get(slot * FIELDS) === 0;
    return this.#log.addTo(sum, slot);
  }

  /** Gives up the room that only a metric in use needs; what was recorded stays. */
  rest(): void {
    this.#log?.rest();
  }

  /** Makes `period` the newest and empties every slot that the ring reuses for the periods since the last one. */
  #open(period: number): void {
    this.#log?.close();
    if (this.#newest >= 0) {
      const since = Math.max(this.#newest + 1, period - RETENTION_PERIODS + 1);
      for (let passed = since; passed <= period; passed++) this.#clear(passed % RETENTION_PERIODS);
    }
    this.#log?.open(period % RETENTION_PERIODS);
    this.#newest = period;
    this.#at = (period % RETENTION_PERIODS) * FIELDS;
    this.#page = this.#slots.page(this.#at);
    this.#at %= PAGE_NUMBERS;
  }

  #clear(slot: number): void {
    this.#slots.clear(slot * FIELDS, FIELDS);
    this.#log?.forget(slot);
  }
}
