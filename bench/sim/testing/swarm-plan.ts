/**
 * What a seed of the swarm stands for: a small plan, drawn from everything a plan can be, faults included, and what kind
 * of functions answer it. Small, because many small runs find more than a few large ones, and are shorter to read.
 */

import { type Random, seededRandom } from '../../measure/random.ts';
import { FAULT_ACTIONS, type Fault, type FaultAction, type FaultSite } from '../../model/fault.ts';
import type { Load, Plan } from '../../model/plan.ts';
import { planWith } from './plan.ts';

export interface SwarmCase {
  readonly plan: Plan;
  readonly functions: 'code' | 'model';
  /** Times, since the world began, at which the network breaks a connection. */
  readonly deathsMs: readonly number[];
}

/** Draws with names. */
class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.#random.next() * (to - from + 1));
  }

  between(from: number, to: number): number {
    return from + this.#random.next() * (to - from);
  }

  one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random.next() * of.length)]!;
  }
}

/** Messages of an open loop at most: enough for windows, batches and retries, little enough for milliseconds. */
const MESSAGES = 300;

/**
 * Per connection and second under the profile `aws`, where each message takes tens of milliseconds and serial dispatch
 * takes one at a time: below this, queues stay short and nothing is lost for being late.
 */
const AWS_RATE_PER_CONNECTION = 8;

/** Everything a fault can be. */
const FAULTS = Object.entries(FAULT_ACTIONS).flatMap(([where, actions]) =>
  actions.map((action) => ({ where: where as FaultSite, do: action as FaultAction })),
);

/** The case of a seed. */
export function swarmCase(seed: number): SwarmCase {
  const draw = new Draw(seededRandom(seed).fork('swarm'));
  const connections = draw.chance(0.2) ? 1 : draw.whole(2, 40);
  const profile = draw.one(['ideal', 'ideal', 'aws'] as const);
  const durationMs = draw.whole(500, 3_000);
  const isAdverse = draw.chance(0.3);
  const shards = draw.whole(1, 4);
  const plan = planWith({
    name: 'swarm',
    seed,
    connections,
    connectRatePerSecond: draw.one([50, 200, 500]),
    profile,
    durationMs,
    warmupMs: draw.chance(0.7) ? 0 : draw.whole(100, 1_000),
    drainMs: draw.whole(8_000, 20_000),
    load: loadOf(draw, { connections, durationMs, isSlow: profile === 'aws' }),
    payloadBytes: draw.one([128, 128, 200, 1_000, 5_000]),
    trace: draw.chance(0.4),
    dispatch: draw.chance(0.8) ? 'serial' : 'concurrent',
    parameters: parametersOf(draw, shards),
    reconnect: isAdverse && draw.chance(0.6),
    churnPerSecond: isAdverse && draw.chance(0.5) ? draw.between(0.5, 10) : 0,
    threads: draw.chance(0.85) ? 1 : 2,
    faults: faultsOf(draw, durationMs, shards),
  });
  const deaths = isAdverse ? draw.whole(0, 4) : 0;
  const deathsMs = Array.from({ length: deaths }, () => draw.between(100, durationMs + 3_000));
  return { plan, functions: draw.chance(0.4) ? 'code' : 'model', deathsMs };
}

function loadOf(
  draw: Draw,
  { connections, durationMs, isSlow }: { connections: number; durationMs: number; isSlow: boolean },
): Load {
  if (draw.chance(0.2) && isSlow) return { kind: 'closed', inFlight: draw.whole(1, 3) };
  const most = (MESSAGES * 1_000) / durationMs;
  const limit = isSlow ? Math.min(most, connections * AWS_RATE_PER_CONNECTION) : most;
  return {
    kind: 'open',
    ratePerSecond: Math.max(1, draw.between(limit / 10, limit)),
    arrival: draw.one(['constant', 'poisson', 'ramp']),
  };
}

function parametersOf(draw: Draw, shards: number): Record<string, string> {
  return {
    ShardCount: String(shards),
    Consumer: draw.one(['EFO', 'EFO', 'POLLING']),
    BatchSize: String(draw.one([1, 2, 7, 100, 1_000])),
    ParallelizationFactor: String(draw.one([1, 1, 2, 5])),
    MaximumBatchingWindowInSeconds: draw.chance(0.9) ? '0' : '1',
    MaximumRetryAttempts: String(draw.one([-1, 0, 1, 10])),
    PostConcurrency: String(draw.one([1, 4, 16])),
    FunctionTimeoutInSeconds: String(draw.one([5, 30])),
    AuditService: String(draw.chance(0.15)),
  };
}

function faultsOf(draw: Draw, durationMs: number, shards: number): Plan['faults'] {
  const count = draw.one([0, 0, 1, 1, 1, 2, 3]);
  if (count === 0) return null;
  return {
    faults: Array.from({ length: count }, (_, index) => faultOf(draw, { index, durationMs, shards })),
  };
}

function faultOf(
  draw: Draw,
  { index, durationMs, shards }: { index: number; durationMs: number; shards: number },
): Fault {
  const kind = draw.one(FAULTS);
  const isOfConnections = kind.where === 'connection';
  const byRate = isOfConnections && draw.chance(0.5);
  const isOfShards = kind.where === 'ingest' || kind.where === 'shard';
  return {
    ...kind,
    name: `fault ${index}`,
    atMs: draw.chance(0.3) ? 0 : draw.whole(0, durationMs),
    // A gateway that never opens again answers nothing for ever: that is known, and waited for in vain.
    forMs: kind.where !== 'gateway' && draw.chance(0.4) ? null : draw.whole(50, durationMs),
    ratio: byRate || kind.where === 'gateway' ? 1 : draw.one([0.02, 0.1, 0.3, 1]),
    ratePerSecond: byRate ? draw.between(0.5, 5) : null,
    delayMs: draw.whole(1, 400),
    functionId: kind.where === 'function' && draw.chance(0.5) ? 'EchoFunction' : null,
    shard: isOfShards && draw.chance(0.3) ? draw.whole(0, shards - 1) : null,
    when: draw.one(['before', 'after']),
    status: kind.where === 'callback' ? draw.one([400, 403, 410, 413, 429, 500, 503]) : 500,
  };
}
