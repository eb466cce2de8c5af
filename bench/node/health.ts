/**
 * Health of the thread that calls it, from Node's own instruments: event loop utilization and delay, garbage collection,
 * and the processor time of the process.
 */
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import type { ThreadHealth } from '../measure/health.ts';
import type { Pacing } from '../model/plan.ts';

/** Sampling interval of the delay histogram. Below it lies timer noise; it is subtracted from what is reported. */
const RESOLUTION_MS = 10;

const NANOS_PER_MILLI = 1e6;
const MICROS_PER_MILLI = 1e3;

interface Collections {
  count: number;
  totalMs: number;
  maxMs: number;
}

/** Garbage collections of this thread; each call of the answer gives those since the previous one. */
function watchCollections(): () => Collections {
  let since: Collections = { count: 0, totalMs: 0, maxMs: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      since.count++;
      since.totalMs += duration;
      since.maxMs = Math.max(since.maxMs, duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    const collections = since;
    since = { count: 0, totalMs: 0, maxMs: 0 };
    return collections;
  };
}

/** Cores that the process kept busy since the previous call, all its threads together. */
function watchProcessor(): () => number {
  let used = process.cpuUsage();
  let sinceMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(used);
    const elapsedMs = performance.now() - sinceMs;
    used = process.cpuUsage();
    sinceMs += elapsedMs;
    return elapsedMs > 0 ? (user + system) / MICROS_PER_MILLI / elapsedMs : 0;
  };
}

/** Starts watching this thread. Each call of the answer reports the time since the previous one. */
export function watchHealth(pacing: () => Pacing): () => ThreadHealth {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const collections = watchCollections();
  const processor = watchProcessor();
  let before = performance.eventLoopUtilization();
  const beyond = (nanos: number) => Math.max(0, nanos / NANOS_PER_MILLI - RESOLUTION_MS);
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    const { count, totalMs, maxMs } = collections();
    const health: ThreadHealth = {
      utilization,
      loopDelayP99Ms: beyond(delay.percentile(99)),
      loopDelayMaxMs: beyond(delay.max),
      gcCount: count,
      gcMs: totalMs,
      gcMaxMs: maxMs,
      cpuCores: processor(),
      pacing: pacing(),
    };
    before = now;
    delay.reset();
    return health;
  };
}
