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
export interface Reading {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly periodMs: number;
}

/** What to read for a metric that is published in whole minutes. */
export function minuteReading(window: Window): Reading {
  const roundedMs = roundedStartMs(window);
  // A minute counts if it begins in the window, and then the whole of it.
  const startEpochMs = Math.ceil(roundedMs / MINUTE_MS) * MINUTE_MS;
  const endEpochMs = Math.ceil(window.endEpochMs / MINUTE_MS) * MINUTE_MS;
  return { startEpochMs, endEpochMs, periodMs: Math.max(window.periodSeconds * SECOND_MS, MINUTE_MS) };
}

/** What to read for a metric that is published in seconds, now being `nowEpochMs`. Null if it is no longer kept. */
export function secondReading(window: Window, nowEpochMs: number): Reading | null {
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
