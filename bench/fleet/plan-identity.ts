/**
 * A plan on its way to other machines: written as a plan file that leaves nothing to defaults, so that whoever reads it
 * gets the same plan, and named by the hash of that text. Values of headers do not travel.
 */
import { createHash } from 'node:crypto';
import type { Plan } from '../model/plan.ts';
import { writtenOf } from '../model/plan-settings.ts';
import type { PlanInput } from '../node/plan-file.ts';

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
