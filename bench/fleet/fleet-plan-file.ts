/**
 * Plans on their way to other machines: written as plan files that leave nothing to defaults, named by the hash of that text, and read
 * from a path or a store. Values of headers do not travel; they come from the environment alone.
 */

import { createHash } from 'node:crypto';
import { ConfigurationError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { writtenOf } from '../model/plan-settings.ts';
import { maskedAddress, queryOf } from '../model/secrets.ts';
import { PLAN_FILE_BYTES } from '../node/bounded-file.ts';
import { type Environment, HEADERS_VARIABLE, QUERY_VARIABLE } from '../node/environment-secrets.ts';
import { type ParsedPlan, type PlanInput, parsePlan, planInputOf, readPlanFile } from '../node/plan-file.ts';
import { openStore } from './open-store.ts';

/** The settings of a plan file at a path, a file:// or an s3:// URI. Throws {@link ConfigurationError}. */
export async function readPlanAt(pathOrUri: string): Promise<PlanInput> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(pathOrUri)) return readPlanFile(pathOrUri);
  const cut = pathOrUri.lastIndexOf('/');
  const store = await openStore(pathOrUri.slice(0, cut));
  const bytes = await store.get(pathOrUri.slice(cut + 1));
  if (bytes === null) throw new ConfigurationError([`plan: there is nothing at ${pathOrUri}`]);
  if (bytes.length > PLAN_FILE_BYTES)
    throw new ConfigurationError([`plan: ${pathOrUri} has ${bytes.length} bytes, which no plan has`]);
  return planInputOf(new TextDecoder().decode(bytes), pathOrUri);
}

/**
 * The plan, its headers and the values of its URL's query being those of the environment. Throws {@link ConfigurationError}
 * with every problem.
 */
export function parseFleetPlan(file: PlanInput, flags: PlanInput, environment: Environment): ParsedPlan {
  const { header: inFile, ...settings } = file;
  const { header: inFlags, ...others } = flags;
  const found =
    inFile === undefined && inFlags === undefined
      ? []
      : [
          `header: values don't travel with a plan; put 'Name: value' lines into ${HEADERS_VARIABLE} of the workers' environment, and of this command's`,
        ];
  const stage = flags.stage ?? file.stage;
  const query = typeof stage === 'string' ? queryOf(stage) : '';
  if (maskedAddress(`?${query}`) !== `?${query}`)
    found.push(
      `stage: the values of a URL's query don't travel with a plan; put the query into ${QUERY_VARIABLE} of the workers' environment, and of this command's`,
    );
  return parsePlan(settings, others, { found, environment });
}

/** The plan as settings of a plan file. Only for plans a fleet can drive: see {@link travelProblems}. */
export function settingsOfPlan(plan: Plan): PlanInput {
  return Object.fromEntries(writtenOf(plan, ({ stays }) => stays === undefined));
}

/** SHA-256 of the plan, 64 hexadecimal digits. Header names count, their values don't. */
export function planHashOf(plan: Plan): string {
  const named = { ...settingsOfPlan(plan), headerNames: plan.headerNames };
  return createHash('sha256').update(canonical(named)).digest('hex');
}

/** JSON with the keys of every map in order: equal data gives equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** Why a fleet of this many workers can't drive the plan: a sentence each. */
export function travelProblems(plan: Plan, of: number): string[] {
  const problems: string[] = [];
  if (plan.stage === 'local')
    problems.push(
      "stage: every worker would have a local stage of its own; name a stack or a URL ('bench stage local' serves one)",
    );
  if (plan.faults !== null) problems.push('faults: only a local stage that the run starts itself has any');
  const shares = of * plan.threads;
  if (shares > plan.connections)
    problems.push(
      `workers: ${of} workers of ${plan.threads} threads can't share ${plan.connections} connections; use at most that many threads in all`,
    );
  return problems;
}
