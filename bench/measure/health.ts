/**
 * The health of workers, summed: times and counts add, worsts stay worst. Seconds of one thread and totals of a machine go
 * through the same addition.
 */
import type { Pacing } from '../model/plan.ts';

/** How the worker's thread fared in the second: the evidence that it could keep up. */
export interface ThreadHealth {
  /** Share of the second in which the event loop was busy, 0 to 1. */
  readonly utilization: number;
  /** Delay of the event loop's turns beyond the sampling interval, milliseconds. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Garbage collections: how many, their time and the longest pause, milliseconds. */
  readonly gcCount: number;
  readonly gcMs: number;
  readonly gcMaxMs: number;
  /** Processor time of the whole process per second: 1 is one core. */
  readonly cpuCores: number;
  /** What wakes the sender at present. */
  readonly pacing: Pacing;
}

/** How the worker fared in the second. */
export interface Health extends ThreadHealth {
  /** Bytes that the share's sockets have waiting at the end of the second. */
  readonly backlogBytes: number;
}

/** The worst and the mean of the workers' health while they measured. */
export interface HealthSum {
  seconds: number;
  /** Mean utilization of the event loops, and that of the busiest worker-second. */
  utilizationSum: number;
  utilizationMax: number;
  loopDelayP99Ms: number;
  loopDelayMaxMs: number;
  gcCount: number;
  gcMs: number;
  gcMaxMs: number;
  cpuCoresMax: number;
  backlogMaxBytes: number;
  /** Whatever woke the senders, each once. */
  readonly pacings: Set<Pacing>;
}

/** Health of nothing. */
export function emptyHealth(): HealthSum {
  return {
    seconds: 0,
    utilizationSum: 0,
    utilizationMax: 0,
    loopDelayP99Ms: 0,
    loopDelayMaxMs: 0,
    gcCount: 0,
    gcMs: 0,
    gcMaxMs: 0,
    cpuCoresMax: 0,
    backlogMaxBytes: 0,
    pacings: new Set(),
  };
}

/** A second of one thread as a sum. */
export function healthOf(second: Health): HealthSum {
  return {
    seconds: 1,
    utilizationSum: second.utilization,
    utilizationMax: second.utilization,
    loopDelayP99Ms: second.loopDelayP99Ms,
    loopDelayMaxMs: second.loopDelayMaxMs,
    gcCount: second.gcCount,
    gcMs: second.gcMs,
    gcMaxMs: second.gcMaxMs,
    cpuCoresMax: second.cpuCores,
    backlogMaxBytes: second.backlogBytes,
    pacings: new Set([second.pacing]),
  };
}

/** Adds `other` into `sum`. */
export function addHealth(sum: HealthSum, other: Readonly<HealthSum>): void {
  sum.seconds += other.seconds;
  sum.utilizationSum += other.utilizationSum;
  sum.utilizationMax = Math.max(sum.utilizationMax, other.utilizationMax);
  sum.loopDelayP99Ms = Math.max(sum.loopDelayP99Ms, other.loopDelayP99Ms);
  sum.loopDelayMaxMs = Math.max(sum.loopDelayMaxMs, other.loopDelayMaxMs);
  sum.gcCount += other.gcCount;
  sum.gcMs += other.gcMs;
  sum.gcMaxMs = Math.max(sum.gcMaxMs, other.gcMaxMs);
  sum.cpuCoresMax = Math.max(sum.cpuCoresMax, other.cpuCoresMax);
  sum.backlogMaxBytes = Math.max(sum.backlogMaxBytes, other.backlogMaxBytes);
  for (const pacing of other.pacings) sum.pacings.add(pacing);
}
