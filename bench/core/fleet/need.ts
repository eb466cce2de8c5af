/**
 * How many workers a plan needs, and which default quotas of an AWS account it meets whoever drives it. Arithmetic on the
 * plan and on what one worker was measured to do; nothing here is a promise of the stage's.
 */
import type { Plan } from '../plan.ts';
import { openingMs } from './worker-share.ts';

/**
 * Connections of one worker: an address has about 28,000 ports for one server (ip(7), ip_local_port_range) and a container
 * often has no more than 65,536 open files, so this many leave room for churn and for connections that are closing.
 */
export const CONNECTIONS_PER_WORKER = 20_000;

/** Of its ceiling a driver is given this much: beyond it a bad moment of the machine is enough to fall behind. */
const CEILING_SHARE = 0.8;

/** API Gateway's WebSocket quotas per account and region (developer guide, "Quotas for configuring and running a WebSocket API"). */
const CONNECTS_PER_SECOND = 500;
const IDLE_MS = 600_000;

/** The account's throttle, shared by messages in and callbacks out: an echo takes two (developer guide, "API Gateway quotas"). */
const REQUESTS_PER_SECOND = 10_000;
const REQUESTS_PER_ECHO = 2;

export interface WorkerNeed {
  readonly workers: number;
  readonly byConnections: number;
  /** Null in a closed loop, whose rate is the stage's to say. */
  readonly byRate: number | null;
  readonly ceilingPerWorker: number;
  readonly openingMs: number;
  /** Quotas that the plan meets or passes, a sentence each with the remedy. */
  readonly quotas: readonly string[];
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
    quotas: quotasMet(plan),
  };
}

function quotasMet(plan: Plan): string[] {
  const met: string[] = [];
  const opening = openingMs(plan);
  const rate = plan.load.kind === 'open' ? plan.load.ratePerSecond : 0;
  if (plan.connectRatePerSecond > CONNECTS_PER_SECOND)
    met.push(
      `API Gateway opens ${CONNECTS_PER_SECOND} connections/s for an account in a region and answers 429 beyond; the plan opens ${plan.connectRatePerSecond}/s: lower connectRate, or have quota L-9ED1E49A raised`,
    );
  if (opening > IDLE_MS)
    met.push(
      `opening takes ${Math.round(opening / 1000)} s, and API Gateway closes connections that are idle for ${IDLE_MS / 1000} s: the first would be gone before the last are open; use fewer, or reconnect`,
    );
  if (rate * REQUESTS_PER_ECHO > REQUESTS_PER_SECOND)
    met.push(
      `an account has ${REQUESTS_PER_SECOND} API Gateway requests/s in a region, and an echo takes ${REQUESTS_PER_ECHO} of them: ${rate} messages/s are ${rate * REQUESTS_PER_ECHO}; lower the rate to ${REQUESTS_PER_SECOND / REQUESTS_PER_ECHO}, or have the throttle quota raised`,
    );
  return met;
}
