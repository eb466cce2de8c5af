/**
 * What a server that is stopped for a while must do to the percentiles of an even load, by arithmetic alone: the truth that
 * the self-test holds its measurement against.
 */

/** When the server did not run, UTC milliseconds. */
export interface Freeze {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Messages evenly spaced from the start of measurement. */
export interface EvenLoad {
  readonly measuredFromMs: number;
  readonly ratePerSecond: number;
  readonly messages: number;
  readonly connections: number;
}

/** A message due while the server is stopped is answered when it runs again; any other at once. */
function waitsMs({ measuredFromMs, ratePerSecond, messages }: EvenLoad, freeze: Freeze): number[] {
  return Array.from({ length: messages }, (_, index) => {
    const dueMs = measuredFromMs + (index * 1000) / ratePerSecond;
    return dueMs >= freeze.fromMs && dueMs < freeze.untilMs ? freeze.untilMs - dueMs : 0;
  });
}

/** Rank of the p99 among n samples, from 1. */
const rankOfP99 = (count: number): number => Math.max(1, Math.ceil(count * 0.99));

/** The 99th percentile of response time. */
export function trueP99Ms(load: EvenLoad, freeze: Freeze): number {
  const sorted = waitsMs(load, freeze).sort((left, right) => left - right);
  return sorted[rankOfP99(sorted.length) - 1] ?? 0;
}

/**
 * The 99th percentile that a tool would have reported that sends on a connection only after the answer before: of the
 * messages due in the freeze it sends one per connection and leaves out the rest. `measuredMs` is the response time that was
 * measured at a percentile of all messages.
 */
export function naiveP99Ms(
  load: EvenLoad,
  freeze: Freeze,
  measuredMs: (percentile: number) => number,
): number {
  const frozen = waitsMs(load, freeze).filter((wait) => wait > 0).length;
  const sent = load.messages - frozen + Math.min(frozen, load.connections);
  return measuredMs((rankOfP99(sent) / load.messages) * 100);
}
