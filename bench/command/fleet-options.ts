/** What `bench fleet run` was asked beyond its plan, checked together with it: every problem at once. */
import { parseDuration } from '../edge/duration.ts';
import { ConfigurationError, type ParsedPlan, type PlanInput } from '../edge/plan-file.ts';
import { ENGINES, type EngineName } from '../fleet/engine.ts';
import { parseFleetPlan } from '../fleet/fleet-plan-file.ts';
import { travelProblems } from '../fleet/plan-identity.ts';
import { MAX_WORKERS } from './worker-options.ts';

/** As the command line has them. */
export interface FleetArguments {
  /** Settings of the plan file, and those that the flags say. */
  readonly file: PlanInput;
  readonly settings: PlanInput;
  readonly engine: string | undefined;
  readonly engineArguments: readonly string[];
  readonly workers: string | undefined;
  readonly store: string | undefined;
  /** How long to wait for workers to come. */
  readonly patience: string;
  readonly out: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

export interface FleetOptions extends ParsedPlan {
  readonly engine: EngineName;
  readonly workers: number;
  readonly store: string;
  readonly patienceMs: number;
}

/** The options and the plan. Throws {@link ConfigurationError}. */
export function parseFleet(given: FleetArguments): FleetOptions {
  const problems: string[] = [];
  const engine = ENGINES.find((name) => name === given.engine);
  if (engine === undefined) problems.push(`engine: must be one of ${ENGINES.join(', ')}`);
  const workers = /^\d{1,5}$/.test(given.workers ?? '') ? Number(given.workers) : 0;
  if (workers < 1 || workers > MAX_WORKERS)
    problems.push(`workers: must be a number from 1 to ${MAX_WORKERS}`);
  if (engine === 'aws-batch' && workers === 1)
    problems.push('workers: an array job of AWS Batch has 2 tasks or more');
  if (given.store === undefined)
    problems.push('store: say where plan and partials go: file:///shared/directory or s3://bucket/prefix');
  const patienceMs = parseDuration(given.patience);
  if (patienceMs === null) problems.push(`patience: '${given.patience}' is not a duration such as 10m`);
  const parsed = planOf(given, problems);
  if (parsed !== null && workers > 0) problems.push(...travelProblems(parsed.plan, workers));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return { ...parsed, engine: engine!, workers, store: given.store!, patienceMs: patienceMs! };
}

function planOf({ file, settings }: FleetArguments, problems: string[]): ParsedPlan | null {
  try {
    return parseFleetPlan(file, settings, process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}
