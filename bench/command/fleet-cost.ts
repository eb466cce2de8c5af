/**
 * What a fleet's run costs: its workers, where their machines have a price, for all the time that they may live, and what
 * the stage is sent. Said before anything is submitted, and held against --max-cost.
 */
import { type CostEstimate, dollars, estimateOf } from '../../stack/aws/cost.ts';
import { fleetItems, type Machine, machineText, PULL_MS } from '../../stack/aws/fleet-cost.ts';
import { pricesOf, type RegionPrices, readPrices } from '../../stack/aws/prices.ts';
import type { Engine } from '../fleet/engine.ts';
import { leadMs } from '../measure/fleet/worker-share.ts';
import { OperatingError } from '../model/failure.ts';
import type { FleetCost } from '../model/fleet-facts.ts';
import type { Plan } from '../model/plan.ts';
import { pricesText } from '../model/prices-text.ts';
import type { FleetOptions } from './fleet-options.ts';
import type { OpenStage } from './stage.ts';
import { workerPatienceMs } from './worker-options.ts';

/** After the drain: to write the partial, and for a store to show it. */
export const COLLECT_MS = 60_000;

/** From the moment when all are told to start until the last of them has drained. */
export function drivenMs(plan: Plan): number {
  return leadMs(plan) + plan.warmupMs + plan.durationMs + plan.drainMs;
}

/** The longest that a task has a use, waiting for the others included. Engines end one that lives longer. */
export function taskMs(plan: Plan, patienceMs: number): number {
  return workerPatienceMs(patienceMs) + drivenMs(plan) + COLLECT_MS;
}

/** What workers run on, and what it costs them there. */
export interface PricedMachine {
  readonly machine: Machine;
  readonly prices: RegionPrices;
}

/** The machine's cost for so many workers that each live so long; null where the table has no prices of it. */
export function workersCost(
  { machine, prices }: PricedMachine,
  life: { readonly workers: number; readonly ms: number },
): FleetCost | null {
  const items = fleetItems(machine, life, prices);
  if (items === null) return null;
  const { notes: _, ...cost } = estimateOf(items, prices, []);
  return { ...cost, machine: machineText(machine), workers: life.workers, lifeMs: life.ms };
}

/** `8 workers of 1 vCPU, 2 GB, X86_64 for 14 min each`. */
export function lifeText({ workers, machine, lifeMs }: FleetCost): string {
  return `${workers} ${workers === 1 ? 'worker' : 'workers'} of ${machine} for ${Math.ceil(lifeMs / 60_000)} min${workers === 1 ? '' : ' each'}`;
}

export interface Foreseen {
  readonly options: Pick<FleetOptions, 'plan'> & {
    readonly flags: Pick<FleetOptions['flags'], 'workers' | 'patience' | 'maxCost' | 'engine'>;
  };
  readonly engine: Engine;
  /** Null for one that is given by its URL. */
  readonly stage: OpenStage | null;
}

/** What a run will cost. */
export interface ForeseenCost {
  /** Null where the machines have no price. */
  readonly priced: PricedMachine | null;
  /** What there is to say of it. */
  readonly lines: readonly string[];
}

/**
 * What the run will cost, and what its machines do where they have a price. Throws an OperatingError where
 * that is more than --max-cost, or can't be held against it.
 */
export async function foreseenCost({ options, engine, stage }: Foreseen): Promise<ForeseenCost> {
  const lines: string[] = [];
  const { plan, flags } = options;
  const { workers, patience: patienceMs, maxCost: maxCostUsd } = flags;
  const machine = (await engine.machine?.()) ?? null;
  const priced = await pricedMachine(machine, engine);
  const ms = taskMs(plan, patienceMs) + PULL_MS;
  const fleet = priced === null ? null : workersCost(priced, { workers, ms });
  const run = stage === null ? null : await runEstimate(plan, stage, taskMs(plan, patienceMs));
  if (fleet === null) {
    const reason = machine === null || typeof machine !== 'string' ? '' : ` (${machine})`;
    lines.push(
      `the machines of ${flags.engine} have no price that is known${reason}: they are not in any cost here`,
    );
    if (maxCostUsd !== null && engine.machine !== undefined)
      throw new OperatingError(`--max-cost can't be held: what the workers cost is not known${reason}`);
  } else {
    lines.push(
      `estimated cost of the workers ${dollars(fleet.total)}: ${lifeText(fleet)} at the most, ${pricesText(fleet)}${noteOf(priced)}`,
    );
  }
  if (run !== null)
    lines.push(
      `estimated cost of the run on ${stage!.facts.name} ${dollars(run.cost.total)}, ${pricesText(run.cost)}`,
    );
  const parts = [
    ...(fleet === null || priced === null ? [] : [{ usd: fleet.total, prices: priced.prices }]),
    ...(run === null ? [] : [{ usd: run.cost.total, prices: run.prices }]),
  ];
  const { assertAllAffordable } = await import('../../stack/aws/preflight.ts');
  assertAllAffordable(parts, maxCostUsd, 'the fleet’s run would cost about');
  return { priced, lines };
}

function noteOf(priced: PricedMachine | null): string {
  return priced?.prices.note ? `; ${priced.prices.note}` : '';
}

async function pricedMachine(
  machine: Machine | string | null,
  engine: Engine,
): Promise<PricedMachine | null> {
  if (machine === null || typeof machine === 'string') return null;
  const region = (await engine.region?.()) ?? 'us-east-1';
  return { machine, prices: pricesOf(readPrices(), region) };
}

/** The stack stands while workers are waited for, too. */
async function runEstimate(
  plan: Plan,
  { facts, templateText }: OpenStage,
  waitsMs: number,
): Promise<{ readonly cost: CostEstimate; readonly prices: RegionPrices }> {
  const { estimateRun } = await import('../../stack/aws/preflight.ts');
  const { region, parameters } = facts;
  return estimateRun({
    ...{ region: region ?? 'us-east-1', plan, parameters, waitsMs },
    templateText: templateText ?? null,
  });
}
