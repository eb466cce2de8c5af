/** capacity.json: the result of a search put together and written down, with its reports where they are wanted. */
import path from 'node:path';
import { answerOf, type CapacityAnswer, type CapacityResult } from '../core/capacity.ts';
import { capacityCost } from '../core/capacity-cost.ts';
import { writeWholeFile } from '../edge/whole-file.ts';
import type { SearchOptions } from './capacity-options.ts';
import { OperatingError } from './exit.ts';

export type Searched = Pick<CapacityResult, 'id' | 'plan' | 'environment' | 'stage' | 'probes'> & {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly search: SearchOptions & { readonly maxProbes: number };
  readonly end: CapacityAnswer['end'];
};

/** The result of a search, its answer included. */
export function capacityResult({
  id,
  plan,
  environment,
  stage,
  probes,
  search,
  end,
  ...times
}: Searched): CapacityResult {
  const answer = answerOf(probes, { end, confirmations: search.confirmations });
  return {
    schema: 1,
    kind: 'capacity',
    id,
    name: plan.name,
    startedAt: new Date(times.startedAtMs).toISOString(),
    endedAt: new Date(times.endedAtMs).toISOString(),
    partial: end === 'interrupted',
    plan,
    environment,
    stage,
    slos: plan.thresholds,
    search: {
      minRatePerSecond: search.minRatePerSecond,
      maxRatePerSecond: search.maxRatePerSecond,
      precision: search.precision,
      confirmations: search.confirmations,
      maxProbes: search.maxProbes,
      budgetMs: search.budgetMs,
      probeDurationMs: search.probeDurationMs,
    },
    probes,
    answer,
    cost: capacityCost(probes, answer.ratePerSecond),
  };
}

/** Writes capacity.json and, where reporting is given, the reports. Throws an OperatingError when the disk can't take it. */
export async function saveCapacity(
  directory: string,
  result: CapacityResult,
  reporting: { writeCapacity(directory: string): Promise<unknown> } | null,
): Promise<void> {
  try {
    writeWholeFile(path.join(directory, 'capacity.json'), `${JSON.stringify(result, null, 2)}\n`);
    await reporting?.writeCapacity(directory);
  } catch (error) {
    throw new OperatingError(
      `results could not all be written to ${directory}: ${(error as Error).message}. What is there is whole.`,
    );
  }
}
