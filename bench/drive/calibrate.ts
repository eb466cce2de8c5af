/**
 * What this driver can do on this machine, by its own code against a bare echo server: how late it sends, how long a
 * message takes that nothing delays, and how many a second are too many. A run's figures are read against these; none of
 * them is subtracted from anything.
 */

import { MICROS_PER_MILLI } from '../measure/histogram.ts';
import { Rollup } from '../measure/rollup.ts';
import type { Plan } from '../model/plan.ts';
import type { Calibration } from '../model/result.ts';
import type { Clock, Dialer, NewPacer } from '../ports.ts';
import { ShareDriver } from './share-driver.ts';

/** Sends a second while the pacing is measured: enough for a p99 in a third of a second, far from loading the driver. */
const PACED_PER_SECOND = 3_000;
const PACED_CONNECTIONS = 10;
const PACED_WARMUP_MS = 100;
const PACED_MS = 250;

/** One message at a time, for the floor. */
const FLOOR_WARMUP_MS = 50;
const FLOOR_MS = 100;

/**
 * Connections that keep one message outstanding each, for the ceiling: enough that the driver never waits. One message per
 * connection makes every arrival a read of its own, as it is at the connection counts that runs have.
 */
const CEILING_CONNECTIONS = 100;
const CEILING_WARMUP_MS = 200;
const CEILING_MS = 300;

/** From the order to the start, in which pacers get ready. */
const NOTICE_MS = 40;

const CONNECTS_PER_SECOND = 20_000;

export interface CalibrateOptions {
  /** The plan that is to be run: its message size and pacing are used. */
  readonly plan: Plan;
  /** Of a bare echo server on this machine. */
  readonly url: string;
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly newPacer: NewPacer;
  readonly inForce: () => Calibration['pacing'];
}

/** Measures for about a second. Rejects when the echo server can't be reached. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { clock, inForce } = options;
  const beganMs = clock.now();
  const paced = await driven(options, {
    connections: PACED_CONNECTIONS,
    load: { kind: 'open', ratePerSecond: PACED_PER_SECOND, arrival: 'constant' },
    warmupMs: PACED_WARMUP_MS,
    durationMs: PACED_MS,
  });
  const pacing = inForce();
  const floor = await driven(options, {
    connections: 1,
    load: { kind: 'closed', inFlight: 1 },
    warmupMs: FLOOR_WARMUP_MS,
    durationMs: FLOOR_MS,
  });
  const full = await driven(options, {
    connections: CEILING_CONNECTIONS,
    load: { kind: 'closed', inFlight: 1 },
    warmupMs: CEILING_WARMUP_MS,
    durationMs: CEILING_MS,
  });
  const lagMs = quantileOf(paced.rollup, 'sendLag');
  const floorMs = quantileOf(floor.rollup, 'service');
  return {
    pacing,
    timerLagP50Ms: lagMs(50),
    timerLagP99Ms: lagMs(99),
    loopFloorMs: { p50: floorMs(50), p99: floorMs(99) },
    ceilingPerSecond: Math.round((full.rollup.measured.delivered * 1000) / full.elapsedMs),
    takenMs: Math.round(clock.now() - beganMs),
  };
}

function quantileOf({ histograms }: Rollup, series: 'sendLag' | 'service'): (percentile: number) => number {
  return (percentile) => histograms[series].getValueAtPercentile(percentile) / MICROS_PER_MILLI;
}

/** Drives a plan of a fraction of a second and returns its sums, and how long its measured window was open. */
async function driven(
  { plan, url, clock, dialer, newPacer }: CalibrateOptions,
  load: Partial<Plan>,
): Promise<{ rollup: Rollup; elapsedMs: number }> {
  const rollup = new Rollup();
  const small = { ...plan, ...BARE, ...load };
  const driver = new ShareDriver({
    assignment: { plan: small, share: { index: 0, of: 1 }, url, runId: CALIBRATION_ID, headers: {} },
    clock,
    dialer,
    listener: (event) => rollup.add(event),
    health: null,
    newPacer,
  });
  await driver.open();
  if (rollup.connections.opened < small.connections) throw new Error('the echo server could not be reached');
  const startMs = clock.now() + NOTICE_MS;
  await driver.drive(clock.epochAt(startMs));
  return { rollup, elapsedMs: clock.now() - startMs - small.warmupMs };
}

const CALIBRATION_ID = 'ca11b4a7ca11b4a7';

/** What no calibration has, whatever the plan has. */
const BARE = {
  connectRatePerSecond: CONNECTS_PER_SECOND,
  drainMs: 0,
  trace: false,
  threads: 1,
} as const;
