/**
 * How far the clocks of machines can be apart, from comparing each with the store's. A probe writes to the store between
 * two readings of the machine's clock; the time that the store gives the writing lies between them, so the offset lies in
 * an interval, and the intervals of several probes intersect. Nothing is assumed of the network but that answers come after
 * questions. No latency is corrected by it: it only says how much "at the same time" is worth.
 */

/** One comparison, UTC milliseconds. `storeMs` is cut off to a multiple of the store's resolution. */
export interface ClockProbe {
  readonly beforeMs: number;
  readonly storeMs: number;
  readonly afterMs: number;
  readonly resolutionMs: number;
}

/** The store's clock less the machine's lies in [low, high]. */
export interface ClockOffset {
  readonly lowMs: number;
  readonly highMs: number;
  readonly probes: number;
}

/** The offset by all probes together; null without any, or when they contradict each other: a clock was set meanwhile. */
export function clockOffset(probes: readonly ClockProbe[]): ClockOffset | null {
  if (probes.length === 0) return null;
  const lowMs = Math.max(...probes.map(({ storeMs, afterMs }) => storeMs - afterMs));
  const highMs = Math.min(
    ...probes.map(({ storeMs, resolutionMs, beforeMs }) => storeMs + resolutionMs - beforeMs),
  );
  return lowMs > highMs ? null : { lowMs, highMs, probes: probes.length };
}

/** The most that any two of the clocks can differ; null when one of them is not known, or there are none. */
export function clockSpreadMs(offsets: readonly (ClockOffset | null)[]): number | null {
  const known = offsets.filter((offset) => offset !== null);
  if (known.length < offsets.length || known.length === 0) return null;
  if (known.length === 1) return 0;
  const [slowest, nextSlowest] = [...known].sort((one, other) => one.lowMs - other.lowMs) as Pair;
  const [fastest, nextFastest] = [...known].sort((one, other) => other.highMs - one.highMs) as Pair;
  if (slowest !== fastest) return fastest.highMs - slowest.lowMs;
  // A clock does not differ from itself, however little is known of it.
  return Math.max(fastest.highMs - nextSlowest.lowMs, nextFastest.highMs - slowest.lowMs);
}

type Pair = [ClockOffset, ClockOffset, ...ClockOffset[]];

/** The least by which the two clocks that are furthest apart differ, whatever lies within the bounds; 0 where they may agree. */
export function clocksApartMs(offsets: readonly (ClockOffset | null)[]): number {
  const known = offsets.filter((offset) => offset !== null);
  const highest = known.reduce((most, { lowMs }) => Math.max(most, lowMs), Number.NEGATIVE_INFINITY);
  const lowest = known.reduce((least, { highMs }) => Math.min(least, highMs), Number.POSITIVE_INFINITY);
  return Math.max(0, highest - lowest);
}
