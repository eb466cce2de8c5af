/**
 * How many workers a plan needs. Arithmetic on the plan and on what one worker was measured to do; nothing here is a promise
 * of the stage's.
 */
import type { Plan } from '../../model/plan.ts';
import { openingMs } from './worker-share.ts';

/**
 * Connections of one worker: an address has about 28,000 ports for one server (ip(7), ip_local_port_range) and a container
 * often has no more than 65,536 open files, so this many leave room for churn and for connections that are closing.
 */
export const CONNECTIONS_PER_WORKER = 20_000;

/** Of its ceiling a driver is given this much: beyond it a bad moment of the machine is enough to fall behind. */
const CEILING_SHARE = 0.8;

export interface WorkerNeed {
  readonly workers: number;
  readonly byConnections: number;
  /** Null in a closed loop, whose rate is the stage's to say. */
  readonly byRate: number | null;
  readonly ceilingPerWorker: number;
  readonly openingMs: number;
}

/** The need of a plan whose workers drive `ceilingPerThread` messages/s on each of its threads. */
export function workerNeed(plan: Plan, ceilingPerThread: number): WorkerNeed {
  const ceilingPerWorker = ceilingPerThread * plan.threads * CEILING_SHARE;
  const byConnections = Math.ceil(plan.connections / CONNECTIONS_PER_WORKER);
  const byRate = plan.load.kind === 'open' ? Math.ceil(plan.load.ratePerSecond / ceilingPerWorker) : null;
  return {
    workers: Math.max(byConnections, byRate ?? 1),
    byConnections,
    byRate,
    ceilingPerWorker,
    openingMs: openingMs(plan),
  };
}
