/** capacity.json: the result of a search put together and written down, with its reports where they are wanted. */
import path from 'node:path';
import { answerOf, type CapacityAnswer, type CapacityResult } from '../judge/capacity.ts';
import { capacityCost } from '../judge/capacity-cost.ts';
import { writeWholeFile } from '../node/bounded-file.ts';
import type { RunDirectory } from '../node/run-directory.ts';
import type { SearchOptions } from './capacity-options.ts';

export type Searched = Pick<CapacityResult, 'id' | 'plan' | 'environment' | 'stage' | 'probes'> & {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly search: SearchOptions & { readonly maxProbes: number };
  readonly end: CapacityAnswer['end'];
  readonly failure?: string | undefined;
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
  failure,
  ...times
}: Searched): CapacityResult {
  const answer = answerOf(probes, { end, confirmations: search.confirmations, failure });
  return {
    schema: 1,
    kind: 'capacity',
    id,
    name: plan.name,
    startedAt: new Date(times.startedAtMs).toISOString(),
    endedAt: new Date(times.endedAtMs).toISOString(),
    partial: end === 'interrupted' || end === 'stage failed',
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

/** Writes capacity.json and, where reporting is given, the reports; elsewhere when the disk can't take it. */
export function saveCapacity(
  directory: RunDirectory,
  result: CapacityResult,
  reporting: { writeCapacity(directory: string): Promise<unknown> } | null,
): Promise<void> {
  return directory.write((place) => {
    writeWholeFile(path.join(place, 'capacity.json'), `${JSON.stringify(result, null, 2)}\n`);
    return reporting?.writeCapacity(place);
  });
}
