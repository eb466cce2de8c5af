/**
 * Reads the store as CloudWatch is asked: by namespace, name and dimensions. Every metric is there twice: under AWS's
 * namespace in minutes, and under the stage's own in seconds; see {@link minuteReading} for why.
 */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../../bench/ports.ts';
import type { Answer, MetricStore, Percentile, Statistic } from '../metrics.ts';
import type { MetricIdentity } from '../ports.ts';

const AWS = 'AWS/';
const LOCAL = 'Local/';

/** A metric's names as a request gives them. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

interface MetricReaderOptions {
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

/**
 * The lengths of periods, and what a request gets for them. The services of the stage publish a value a minute ("metrics
 * with regular resolution": MetricStat API reference), so under AWS's own namespaces there are whole minutes only. The
 * stage counts seconds; those are served too, but under namespaces of the stage's own, `Local/Kinesis` for `AWS/Kinesis`,
 * so that nobody can take them for something AWS would answer.
 *
 * Asked for less than a minute of a metric that has only minutes, CloudWatch has nothing "for the attempts that do not
 * correspond to a one-minute data resolution" (PutMetricAlarm API reference, Period). It says so of alarms; that
 * GetMetricData does the same is assumed. So there is one datapoint a minute, the minute's own, at
 * the start of the minute.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Periods below a minute that CloudWatch knows (MetricStat API reference). */
const SHORT_SECONDS = [1, 5, 10, 20, 30];

/** How long periods below a minute are kept: of a start earlier than that, "no data points are returned" (as above). */
const SHORT_RETENTION_MS = 3 * 60 * MINUTE_MS;

/** Whether CloudWatch knows a period of this length. */
export function isPeriod(seconds: number): boolean {
  return SHORT_SECONDS.includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

export interface Window {
  /** UTC milliseconds, inclusive. */
  readonly startEpochMs: number;
  /** UTC milliseconds, exclusive. */
  readonly endEpochMs: number;
  readonly periodSeconds: number;
}

/** The periods of the store that answer a window. */
interface Reading {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly periodMs: number;
}

/** What to read for a metric that is published in whole minutes. */
function minuteReading(window: Window): Reading {
  const roundedMs = roundedStartMs(window);
  // A minute counts if it begins in the window, and then the whole of it.
  const startEpochMs = Math.ceil(roundedMs / MINUTE_MS) * MINUTE_MS;
  const endEpochMs = Math.ceil(window.endEpochMs / MINUTE_MS) * MINUTE_MS;
  return { startEpochMs, endEpochMs, periodMs: Math.max(window.periodSeconds * SECOND_MS, MINUTE_MS) };
}

/** What to read for a metric that is published in seconds, now being `nowEpochMs`. Null if it is no longer kept. */
function secondReading(window: Window, nowEpochMs: number): Reading | null {
  const periodMs = window.periodSeconds * SECOND_MS;
  if (periodMs < MINUTE_MS && window.startEpochMs < nowEpochMs - SHORT_RETENTION_MS) return null;
  const endEpochMs = Math.ceil(window.endEpochMs / SECOND_MS) * SECOND_MS;
  return { startEpochMs: roundedStartMs(window), endEpochMs, periodMs };
}

/**
 * The start, rounded down to the period if that is below a minute, and to the minute if not (GetMetricData API reference,
 * StartTime). Periods of several minutes are counted from there, not from the hour: that is how CloudWatch is known to
 * answer, and not documented. Starts more than 15 days ago are rounded further; nothing is kept that long here.
 */
function roundedStartMs({ startEpochMs, periodSeconds }: Window): number {
  const unitMs = Math.min(periodSeconds * SECOND_MS, MINUTE_MS);
  return Math.floor(startEpochMs / unitMs) * unitMs;
}
