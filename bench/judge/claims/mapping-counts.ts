/**
 * What a service did with the records of the stream, by CloudWatch. Metrics do not all mean what their names say: what was
 * given up is in three of them, and an invocation that threw need not be among FailedInvokeEventCount, so whether a service
 * failed is said by `Errors` of its function ("Types of metrics for Lambda functions", Lambda developer guide). What
 * CloudWatch has not published, or only in part, is null: not known, and not zero. Pure.
 */

const MINUTE_MS = 60_000;

/** What a service did. Null where nobody can tell. */
export interface MappingCounts {
  readonly service: string;
  /** Records that an invocation ended well with. */
  readonly processed: number | null;
  /** Records that nobody will try again; at least, where deliveries to a destination failed, which are counted by call. */
  readonly givenUp: number | null;
  /** Invocations that failed. */
  readonly errors: number | null;
}

/** A sum by minute: UTC milliseconds and value. Null where CloudWatch gave only part of it. */
export type Minutes = ReadonlyMap<number, number> | null;

/** The series that the counts are made of, by the names CloudWatch has for them. */
export const MAPPING_SERIES = [
  'PolledEventCount',
  'InvokedEventCount',
  'FailedInvokeEventCount',
  'DroppedEventCount',
  'OnFailureDestinationDeliveredEventCount',
] as const;
export const FUNCTION_SERIES = ['Invocations', 'Errors', 'DestinationDeliveryFailures'] as const;

export type MappingSeries = Readonly<
  Record<(typeof MAPPING_SERIES)[number] | (typeof FUNCTION_SERIES)[number], Minutes>
>;

/** When the series were asked for. */
export interface Asking {
  /** UTC milliseconds. */
  readonly atEpochMs: number;
  /** After so long without an error none is to come: metrics are late by less, and back-off is shorter than the rest. */
  readonly quietMs: number;
}

/** The counts that the series come to. */
export function mappingCountsOf(service: string, series: MappingSeries, asked: Asking): MappingCounts {
  const errors = totalBeside(series.Errors, series.Invocations);
  const givenUp = added(
    totalBeside(series.DroppedEventCount, series.InvokedEventCount),
    totalBeside(series.OnFailureDestinationDeliveredEventCount, series.InvokedEventCount),
    totalBeside(series.DestinationDeliveryFailures, series.Invocations),
  );
  return { service, processed: processedOf(series, errors, givenUp, asked), givenUp, errors };
}

/**
 * Where failed invocations are counted, what was sent less what failed. Where they are not, each attempt counts as if it
 * had gone well; then it is what was read less what was given up, once no invocation fails any more: until then
 * there may be records that wait for their next attempt.
 */
function processedOf(
  series: MappingSeries,
  errors: number | null,
  givenUp: number | null,
  asked: Asking,
): number | null {
  const invoked = total(series.InvokedEventCount);
  const failed = totalBeside(series.FailedInvokeEventCount, series.InvokedEventCount);
  if (invoked === null || failed === null || errors === null) return null;
  if (failed >= errors) return invoked - failed;
  const polled = total(series.PolledEventCount);
  if (polled === null || givenUp === null || isStillFailing(series, asked)) return null;
  return Math.min(invoked - failed, polled - givenUp);
}

/** Unless invocations went well in a later minute than the last error, or it has been quiet since. */
function isStillFailing({ Invocations, Errors }: MappingSeries, { atEpochMs, quietMs }: Asking): boolean {
  const lastOf = (minutes: Minutes) =>
    Math.max(...[...(minutes ?? [])].filter(([, count]) => count > 0).map(([minute]) => minute));
  const failedMs = lastOf(Errors);
  return lastOf(Invocations) <= failedMs && atEpochMs < failedMs + MINUTE_MS + quietMs;
}

/** Null without any value. */
function total(minutes: Minutes): number | null {
  if (minutes === null || minutes.size === 0) return null;
  return [...minutes.values()].reduce((sum, value) => sum + value, 0);
}

/** A count that has no value where there was nothing to count: zero if its source publishes at all. */
function totalBeside(minutes: Minutes, source: Minutes): number | null {
  if (minutes === null) return null;
  return total(minutes) ?? (total(source) === null ? null : 0);
}

function added(...counts: readonly (number | null)[]): number | null {
  return counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}
