/** Compares this machine's clock with the store's: see measure/fleet/clock-bound.ts. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ClockOffset, type ClockProbe, clockOffset } from '../measure/fleet/clock-bound.ts';
import type { Clock } from '../ports.ts';
import type { Store } from './store.ts';

/** Spread over the store's resolution, as many probes narrow the interval to a part of it. */
const PROBES = 5;

/**
 * The offset, or null where the store contradicts itself. Throws when the very first probe fails: a store that can't be written
 * takes no result either. After that it never throws: a run is worth more.
 */
export async function probeClock(store: Store, clock: Clock, name: string): Promise<ClockOffset | null> {
  const probes: ClockProbe[] = [];
  try {
    for (let probe = 0; probe < PROBES; probe++) {
      if (probe > 0) await wait(store.resolutionMs / PROBES);
      const beforeMs = clock.epochAt(clock.now());
      const storeMs = await store.clock(name);
      const afterMs = clock.epochAt(clock.now());
      probes.push({ beforeMs, storeMs, afterMs, resolutionMs: store.resolutionMs });
    }
  } catch (error) {
    if (probes.length === 0) throw error;
  }
  return clockOffset(probes);
}
