/**
 * Reads the store as CloudWatch is asked: by namespace, name and dimensions. Every metric is there twice: under AWS's
 * namespace in minutes, and under the stage's own in seconds; see {@link minuteReading} for why.
 */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../../bench/ports.ts';
import type { Answer, MetricStore, Percentile, Statistic } from '../metrics.ts';
import type { MetricIdentity } from '../ports.ts';
import { minuteReading, secondReading, type Window } from './period.ts';

const AWS = 'AWS/';
const LOCAL = 'Local/';

/** A metric's names as a request gives them. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

export interface MetricReaderOptions {
  readonly store: MetricStore;
  readonly clock: Clock;
}

export class MetricReader {
  readonly #store: MetricStore;
  readonly #clock: Clock;

  constructor({ store, clock }: MetricReaderOptions) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Every metric there is data of, under each of its namespaces, in an order that new metrics don't change. */
  list(): MetricName[] {
    const found = this.#store.list().flatMap((identity) => {
      const dimensions = Object.entries(identity.dimensions).map(([Name, Value]) => ({ Name, Value }));
      const local = LOCAL + identity.namespace.slice(AWS.length);
      return [identity.namespace, local].map((namespace) => ({ namespace, name: identity.name, dimensions }));
    });
    return found
      .map((metric) => ({ metric, key: keyOf(metric) }))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
      .map(({ metric }) => metric);
  }

  /** The identity behind a name; undefined for one that nothing is counted under. */
  find({ namespace, name, dimensions }: MetricName): MetricIdentity | undefined {
    const own = AWS + namespace.slice(LOCAL.length);
    return this.#store.find({
      namespace: (isLocal(namespace) ? own : namespace) as MetricIdentity['namespace'],
      name,
      dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
    });
  }

  /** Whether a value was recorded within the last `withinMs`. */
  isActive(metric: MetricName, withinMs: number): boolean {
    const identity = this.find(metric);
    return identity !== undefined && this.#store.newestEpochMs(identity) >= this.#nowEpochMs() - withinMs;
  }

  /** The periods of the window that have the statistic, oldest first. */
  read(metric: MetricName, statistic: Statistic | Percentile, window: Window): Answer {
    const identity = this.find(metric);
    const reading = isLocal(metric.namespace)
      ? secondReading(window, this.#nowEpochMs())
      : minuteReading(window);
    if (identity === undefined || reading === null) return { timestamps: [], values: [], unknown: 0 };
    return this.#store.answer(identity, statistic, reading);
  }

  #nowEpochMs(): number {
    return this.#clock.epochAt(this.#clock.now());
  }
}

function isLocal(namespace: string): boolean {
  return namespace.startsWith(LOCAL);
}

/** Sorts and identifies a metric in a list. */
export function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, dimensions.map(({ Name, Value }) => [Name, Value])]);
}
