/**
 * A run on virtual time: the production driver drives the production core of the local stage, in one process, from one
 * seed. The same plan gives the same record, byte for byte, on the same version of the code: time starts at a fixed
 * moment, identities come from the seed, and nothing is asked of the machine.
 */

import { run } from '../drive/run.ts';
import { ShareDriver } from '../drive/share-driver.ts';
import { worstOf } from '../judge/validity.ts';
import { type Random, seededRandom } from '../measure/random.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunResult } from '../model/result.ts';
import type { RunObserver } from '../ports.ts';
import { type RunLimits, VirtualClock } from './virtual-clock.ts';
import { World, type WorldOptions } from './world.ts';

/** When simulated time starts: the first second of 2020, UTC. */
export const EPOCH_MS = Date.UTC(2020, 0, 1);

export interface SimulationOptions extends WorldOptions {
  /** Of this package, and its commit: what the record's figures depend on beside the plan. */
  readonly version: string;
  readonly commit: string | null;
  readonly interrupted: AbortSignal;
  readonly observer?: RunObserver;
  readonly limits?: RunLimits;
  /** Told of the world before anything is driven, for faults of a test’s own; waited for where it takes time. */
  readonly opened?: (world: World, clock: VirtualClock) => unknown;
}

export interface Simulation {
  readonly record: RunRecord;
  /** Virtual time from the start of the world to its end. */
  readonly virtualMs: number;
  readonly world: World;
}

const SILENT: RunObserver = { phase: () => {} };

/** Runs the plan. Rejects as a run does, and when the simulation can't go on (deadlock, standstill, limit). */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const clock = new VirtualClock(EPOCH_MS);
  const { record, world } = await clock.runUntil(simulateOn(clock, options), options.limits);
  return { record, world, virtualMs: clock.now() };
}

async function simulateOn(
  clock: VirtualClock,
  options: SimulationOptions,
): Promise<{ record: RunRecord; world: World }> {
  const { plan, interrupted, observer = SILENT } = options;
  const world = await World.open(clock, options);
  await options.opened?.(world, clock);
  try {
    const record = await run({
      plan,
      stage: world.stage,
      sharesMachine: false,
      id: idOf(options),
      runId: runIdOf(seededRandom(plan.seed).fork('run id')),
      headers: {},
      environment: environmentOf(options),
      clock,
      dialer: world.dialer,
      newWorker: (assignment, listener) =>
        new ShareDriver({ assignment, clock, dialer: world.dialer, listener, health: null }),
      hostMeter: () => null,
      observer,
      interrupted,
    });
    return { record, world };
  } finally {
    await world.stage.close();
  }
}

/** Identity of the result: simulations that differ in anything are not the same run, and a repeated one is. */
function idOf({ plan, functions, templateText, version, commit }: SimulationOptions): string {
  const random = seededRandom(plan.seed).fork(
    JSON.stringify([plan, functions, templateText, version, commit]),
  );
  return `simulated-${plan.name}-${runIdOf(random)}`;
}

/** Identity of the messages: 16 hexadecimal digits. */
function runIdOf(random: Random): string {
  return Array.from({ length: 16 }, () => Math.floor(random.next() * 16).toString(16)).join('');
}

function environmentOf({ plan, version, commit }: SimulationOptions): RunRecord['environment'] {
  return {
    node: 'simulated',
    os: 'simulated',
    cpus: 'simulated',
    version,
    commit,
    threads: plan.threads,
    seed: plan.seed,
  };
}

/** Checks that ask about a machine. There is none here, so they could only say something untrue. */
const MACHINE_CHECKS = ['loop delay', 'driver utilization', 'garbage collection', 'shared machine'];

/** The result with what virtual time makes of its validity: one check in place of those about the machine. */
export function asSimulated(result: RunResult): RunResult {
  const checks = [
    ...result.validity.checks.filter(({ name }) => !MACHINE_CHECKS.includes(name)),
    {
      name: 'virtual time',
      verdict: 'valid' as const,
      evidence: 'simulated: computing takes no time, so neither driver nor stage can have been saturated',
    },
  ];
  return { ...result, validity: { verdict: worstOf(checks), checks } };
}
