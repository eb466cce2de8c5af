/** What `bench fleet run` was asked beyond its plan, checked together with it: every problem at once. */

import { ENGINES, PRICED_ENGINES } from '../fleet/engine.ts';
import { parseFleetPlan, travelProblems } from '../fleet/fleet-plan-file.ts';
import { attempted, ConfigurationError } from '../model/failure.ts';
import { isStackStage } from '../model/stage-name.ts';
import { type ParsedPlan, type PlanInput, readPlanFile } from '../node/plan-file.ts';
import {
  DOLLARS,
  DURATION,
  flag,
  flagOr,
  type Given,
  list,
  neededFlag,
  oneOf,
  output,
  TEXT,
  type Values,
  wholeFrom,
} from './flags.ts';
import { planPath } from './plan-path.ts';
import { DEFAULT_PLAN, metricsProblems, RUN_FLAGS } from './run-options.ts';
import { FLEET_PATIENCE, MAX_WORKERS } from './worker-options.ts';

export const FLEET_FLAGS = {
  engine: neededFlag(
    `must be one of ${ENGINES.join(', ')}`,
    oneOf(ENGINES),
    `what runs the workers: ${ENGINES.join(', ')}`,
  ),
  engineArg: list(
    'option for the engine: a flag of sbatch; queue=…, definition=…; image=…, namespace=…, cpu=…, memory=…',
  ),
  workers: neededFlag(
    `must be a number from 1 to ${MAX_WORKERS}`,
    wholeFrom(1, MAX_WORKERS),
    'how many machines',
  ),
  store: neededFlag(
    'say where plan and partials go: file:///shared/directory or s3://bucket/prefix',
    TEXT,
    'where plan and partials go: file:///shared/directory or s3://bucket/prefix',
  ),
  patience: flagOr(FLEET_PATIENCE, DURATION, 'how long to wait for the workers to come'),
  maxCost: flag(DOLLARS, 'a fleet whose workers and run are estimated to cost more is not submitted'),
  metrics: RUN_FLAGS.metrics,
  metricsWait: RUN_FLAGS.metricsWait,
  ...output('result.json'),
};

type FleetFlags = Values<typeof FLEET_FLAGS>;

/** What was asked, with the plan. */
export interface FleetOptions extends ParsedPlan {
  readonly flags: FleetFlags;
}

/** The flags and the plan. Throws {@link ConfigurationError}. */
export function parseFleet({
  words,
  settings,
  flags,
  problems: found,
}: Given<typeof FLEET_FLAGS>): FleetOptions {
  const problems = [...found];
  const parsed = attempted(() => fleetPlan(words, settings), problems);
  if (parsed !== null) {
    problems.push(...metricsProblems('threshold', parsed.plan.thresholds, flags.metrics));
    problems.push(...stageProblems(flags, parsed));
    if (flags.workers !== null) problems.push(...travelProblems(parsed.plan, flags.workers));
  }
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return { ...parsed, flags };
}

/** The plan of a fleet, as `fleet run` and `fleet plan` read it. Throws {@link ConfigurationError}. */
export function fleetPlan(words: readonly string[], settings: PlanInput): ParsedPlan {
  return parseFleetPlan(readPlanFile(planPath(words[0] ?? DEFAULT_PLAN)), settings, process.env);
}

function stageProblems({ metricsWait, maxCost, engine }: FleetFlags, { plan }: ParsedPlan): string[] {
  if (isStackStage(plan)) return [];
  const problems: string[] = [];
  if (metricsWait !== null)
    problems.push('metrics-wait: only the metrics of a stack come late; a URL has none');
  if (maxCost !== null && !PRICED_ENGINES.includes(engine))
    problems.push(`max-cost: neither the machines of ${engine} nor a stage given by its URL have a price`);
  return problems;
}
