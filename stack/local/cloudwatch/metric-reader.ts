/**
 * Reads the store as CloudWatch is asked: by namespace, name and dimensions, in periods, and in pages. The services of the
 * stage publish a value a minute ("metrics with regular resolution": MetricStat API reference), so under AWS's own namespaces
 * there are whole minutes only. The stage counts seconds; those are served too, but under namespaces of the stage's own,
 * `Local/Kinesis` for `AWS/Kinesis`, so that nobody takes them for AWS's.
 *
 * Asked for less than a minute of a metric that has only minutes, CloudWatch has nothing "for the attempts that do not
 * correspond to a one-minute data resolution" (PutMetricAlarm API reference, Period). It says so of alarms; that
 * GetMetricData does the same is assumed. So there is one datapoint a minute, the minute's own, at its start.
 */
import { createHash } from 'node:crypto';
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import type { Clock } from '../../../bench/ports.ts';
import type { MetricIdentity } from '../ports.ts';
import type { Answer, MetricStore, Percentile, Periods, Statistic } from './metrics.ts';

const AWS = 'AWS/';
const LOCAL = 'Local/';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Periods below a minute that CloudWatch knows (MetricStat API reference). */
const SHORT_SECONDS = [1, 5, 10, 20, 30];

/** How long periods below a minute are kept: of a start earlier than that, "no data points are returned" (as above). */
const SHORT_RETENTION_MS = 3 * 60 * MINUTE_MS;

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

export interface Window {
  /** UTC milliseconds, inclusive. */
  readonly startEpochMs: number;
  /** UTC milliseconds, exclusive. */
  readonly endEpochMs: number;
  readonly periodSeconds: number;
}

export class MetricReader {
  readonly #store: MetricStore;
  readonly #clock: Clock;

  constructor(store: MetricStore, clock: Clock) {
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
    const byKey = new Map(found.map((metric) => [keyOf(metric), metric]));
    return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, metric]) => metric);
  }

  /** The identity behind a name; undefined for one that nothing is counted under. */
  find({ namespace, name, dimensions }: MetricName): MetricIdentity | undefined {
    const own = isLocal(namespace) ? AWS + namespace.slice(LOCAL.length) : namespace;
    return this.#store.find({
      namespace: own as MetricIdentity['namespace'],
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
    const periods = isLocal(metric.namespace)
      ? secondReading(window, this.#nowEpochMs())
      : minuteReading(window);
    if (identity === undefined || periods === null) return { timestamps: [], values: [], unknown: 0 };
    return this.#store.answer(identity, statistic, periods);
  }

  #nowEpochMs(): number {
    return this.#clock.epochAt(this.#clock.now());
  }
}

function isLocal(namespace: string): boolean {
  return namespace.startsWith(LOCAL);
}

export function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, dimensions.map(({ Name, Value }) => [Name, Value])]);
}

export function isPeriod(seconds: number): boolean {
  return SHORT_SECONDS.includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/** A minute counts if it begins in the window, and then the whole of it. */
export function minuteReading(window: Window): Periods {
  return {
    startEpochMs: Math.ceil(roundedStartMs(window) / MINUTE_MS) * MINUTE_MS,
    endEpochMs: Math.ceil(window.endEpochMs / MINUTE_MS) * MINUTE_MS,
    periodMs: Math.max(window.periodSeconds * SECOND_MS, MINUTE_MS),
  };
}

/** The same of a metric that is published in seconds; null if it is no longer kept. */
function secondReading(window: Window, nowEpochMs: number): Periods | null {
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
export function roundedStartMs({ startEpochMs, periodSeconds }: Window): number {
  const unitMs = Math.min(periodSeconds * SECOND_MS, MINUTE_MS);
  return Math.floor(startEpochMs / unitMs) * unitMs;
}

/** Where a page begins, in words that later data don't change. */
export type Position = readonly (string | number)[];

const tokenSchema = z.tuple([z.string(), z.union([z.string(), z.number()]).array()]);

function fingerprint(request: object): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 16);
}

/** A token carries a fingerprint of its request: one made for another request is refused instead of answering nonsense. */
export function encodeToken(request: object, position: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(request), position])).toString('base64url');
}

/** The position in a token made for this request; null for any other text. */
export function decodeToken(request: object, token: string): Position | null {
  try {
    const [made, position] = tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return made === fingerprint(request) ? position : null;
  } catch {
    return null;
  }
}
