/** Health of the thread that calls it, from Node's own instruments: event loop utilization and delay, garbage collection. */
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import type { Health } from '../core/share.ts';

/** Sampling interval of the delay histogram. Below it lies timer noise; it is subtracted from what is reported. */
const RESOLUTION_MS = 10;

const NANOS_PER_MILLI = 1e6;

/** Starts watching this thread. Each call of the answer reports the time since the previous one. */
export function watchHealth(): () => Health {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let gcMs = 0;
  const collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gcMs += entry.duration;
  });
  collections.observe({ entryTypes: ['gc'] });
  let before = performance.eventLoopUtilization();
  const beyond = (nanos: number) => Math.max(0, nanos / NANOS_PER_MILLI - RESOLUTION_MS);
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    const health: Health = {
      utilization,
      loopDelayP99Ms: beyond(delay.percentile(99)),
      loopDelayMaxMs: beyond(delay.max),
      gcMs,
    };
    before = now;
    gcMs = 0;
    delay.reset();
    return health;
  };
}
