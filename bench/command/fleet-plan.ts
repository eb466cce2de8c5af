/** `bench fleet plan`: how many workers, how long it takes to open, which quotas are met. Drives nothing. */

import { dollars } from '../../stack/aws/cost.ts';
import { PULL_MS } from '../../stack/aws/fleet-cost.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import type { AccountQuotas } from '../../stack/aws/quotas.ts';
import { travelProblems } from '../fleet/fleet-plan-file.ts';
import { CONNECTIONS_PER_WORKER, type WorkerNeed, workerNeed } from '../measure/fleet/need.ts';
import { parseDuration, parseRate } from '../model/duration.ts';
import { assertNone, attempted, ConfigurationError, OperatingError } from '../model/failure.ts';
import type { FleetCost } from '../model/fleet-facts.ts';
import type { Plan } from '../model/plan.ts';
import { pricesText } from '../model/prices-text.ts';
import { isStackStage } from '../model/stage-name.ts';
import { print, printJson } from '../node/terminal.ts';
import { calibrationFor } from './calibration.ts';
import { EXIT } from './exit.ts';
import { flag, type Given, toggle, typed } from './flags.ts';
import { lifeText, taskMs, workersCost } from './fleet-cost.ts';
import { fleetPlan } from './fleet-options.ts';
import { FLEET_PATIENCE } from './worker-options.ts';

const CEILING = typed('messages/s', 'a number of messages per second', (text) => parseRate(text) || null);

export const FLEET_PLAN_FLAGS = {
  workersCeiling: flag(
    CEILING,
    "messages/s that a worker's thread can drive (default: this machine's, measured)",
  ),
  json: toggle('print it as JSON'),
};

/** Says it and answers the exit code. Throws {@link ConfigurationError} for a plan that no fleet can drive. */
export async function fleetPlanCommand({
  words,
  settings,
  flags,
  problems: found,
}: Given<typeof FLEET_PLAN_FLAGS>): Promise<number> {
  const problems = [...found];
  const parsed = attempted(() => fleetPlan(words, settings), problems);
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  const { plan } = parsed;
  assertTravels(plan, 1);
  const ceiling = flags.workersCeiling ?? (await ceilingOf(plan));
  const need = workerNeed(plan, ceiling);
  assertTravels(plan, need.workers);
  const quotas = await quotasMet(plan);
  const costs = fleetCosts(plan, need.workers);
  if (flags.json) printJson({ ...need, quotas, ceilingPerThread: ceiling, costs });
  else for (const line of lines(plan, { ...need, quotas, costs }, flags.workersCeiling)) print(line);
  return EXIT.ok;
}

/** vCPUs that stack/fleet.yaml offers, and the least memory that Fargate has for each of them (AWS Batch user guide, Fargate). */
const VCPUS = [1, 2, 4, 8, 16];
const MIB_PER_VCPU = 2048;

/** Of the workers on Fargate, with a processor for each thread, for each architecture. */
export function fleetCosts(plan: Plan, workers: number): FleetCost[] {
  const prices = pricesOf(readPrices(), plan.region ?? API_REGION.exec(plan.stage)?.[1] ?? 'us-east-1');
  const vcpus = VCPUS.find((some) => some >= plan.threads) ?? VCPUS.at(-1)!;
  const ms = taskMs(plan, parseDuration(FLEET_PATIENCE)!) + PULL_MS;
  return (['X86_64', 'ARM64'] as const).flatMap((architecture) => {
    const machine = { vcpus, memoryMib: vcpus * MIB_PER_VCPU, architecture, hasPublicAddress: true };
    const cost = workersCost({ machine, prices }, { workers, ms });
    return cost === null ? [] : [cost];
  });
}

function assertTravels(plan: Plan, workers: number): void {
  const problems = travelProblems(plan, workers);
  assertNone(problems);
}

async function ceilingOf(plan: Plan): Promise<number> {
  const calibration = await calibrationFor(plan);
  if (typeof calibration === 'string')
    throw new OperatingError(`${calibration}; say what a worker can do with --workers-ceiling`);
  return calibration.ceilingPerSecond;
}

/** `API.execute-api.REGION.DOMAIN` */
const API_REGION = /\.execute-api\.([a-z0-9-]+)\./;

/** Quotas that the plan meets, a sentence each, whoever drives it; and why they are defaults where the account was to be asked. */
export async function quotasMet(plan: Plan): Promise<string[]> {
  const { planQuotaWarnings } = await import('../../stack/aws/quotas.ts');
  const quotas = await quotasFor(plan);
  return [...(quotas.note === null ? [] : [quotas.note]), ...planQuotaWarnings(plan, null, quotas)];
}

/** Of a stack's account; of the region that an address names, whose account may be anybody's. */
async function quotasFor(plan: Plan): Promise<AccountQuotas> {
  const { accountQuotas, defaultQuotas } = await import('../../stack/aws/quotas.ts');
  const { openAccount } = await import('../../stack/aws/account.ts');
  const { StageError } = await import('../../stack/aws/stage-error.ts');
  const region = plan.region ?? API_REGION.exec(plan.stage)?.[1] ?? null;
  if (!isStackStage(plan)) return defaultQuotas(region ?? 'us-east-1');
  try {
    return await accountQuotas(await openAccount(region));
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return defaultQuotas(region ?? 'us-east-1', `default quotas are assumed: ${error.message}`);
  }
}

function lines(
  plan: Plan,
  need: WorkerNeed & { readonly quotas: readonly string[]; readonly costs: readonly FleetCost[] },
  ceiling: number | null,
): string[] {
  const { workers, byConnections, byRate } = need;
  const perWorker = Math.round(need.ceilingPerWorker);
  const source = ceiling === null ? 'as measured here' : 'as given';
  const rate =
    plan.load.kind === 'open'
      ? `${byRate} for ${plan.load.ratePerSecond} messages/s at ${perWorker}/s each (80 % of the ceiling of ${plan.threads} threads, ${source})`
      : 'its rate is for the stage to say: a closed loop';
  return [
    `${plan.name}: ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    `  ${byConnections} for ${plan.connections} connections at ${CONNECTIONS_PER_WORKER} each`,
    `  ${rate}`,
    `  opening takes ${(need.openingMs / 1000).toFixed(0)} s at ${plan.connectRatePerSecond}/s, then ${(plan.warmupMs + plan.durationMs) / 1000} s are driven`,
    ...need.quotas.map((quota) => `  quota: ${quota}`),
    ...need.costs.map(
      (cost) =>
        `  cost: about ${dollars(cost.total)} for ${lifeText(cost)} at the most, on Fargate as AWS Batch runs them, ${pricesText(cost)}`,
    ),
    '  cost: the machines of Slurm and Kubernetes have no price here; what the stage costs is said by bench fleet run',
  ];
}
