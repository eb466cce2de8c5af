/** What `bench claims` was asked. Every problem is told at once. */

import type { Ground } from '../judge/claims/definitions.ts';
import { DEFAULT_CLAIM_SLOS } from '../judge/claims/latency.ts';
import { CLAIM_IDS, type ClaimId } from '../model/claim.ts';
import { parseDollars } from '../model/duration.ts';
import { ConfigurationError } from '../model/failure.ts';
import { isStackStage, regionOfStackArn } from '../model/stage-name.ts';
import { type ParsedPlan, parsePlan } from '../node/plan-file.ts';

/** As the command line has them. */
export interface ClaimsFlags {
  readonly stage: string | undefined;
  readonly region: string | undefined;
  readonly only: string | undefined;
  readonly slo: readonly string[] | undefined;
  readonly seed: string | undefined;
  readonly maxCost: string | undefined;
  readonly quick: boolean;
}

export interface ClaimsOptions {
  readonly stage: string;
  readonly region: string | null;
  readonly ground: Ground;
  readonly only: readonly ClaimId[];
  readonly slos: readonly string[];
  readonly seed: number;
  readonly maxCostUsd: number | null;
  readonly isQuick: boolean;
}

/** Throws a {@link ConfigurationError} with every problem. */
export function parseClaims(flags: ClaimsFlags): ClaimsOptions {
  const problems: string[] = [];
  const only = onlyOf(flags.only, problems);
  const parsed = planOf(flags, problems);
  const maxCostUsd = flags.maxCost === undefined ? null : parseDollars(flags.maxCost);
  if (flags.maxCost !== undefined && maxCostUsd === null)
    problems.push(`max-cost: '${flags.maxCost}' is not an amount of US dollars, such as 0.50`);
  if (parsed !== null) problems.push(...stageProblems(parsed, flags));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  const { stage, region, seed, thresholds } = parsed.plan;
  const ground = stage === 'local' ? 'own' : 'stack';
  return {
    stage,
    region: region ?? regionOfStackArn(stage),
    ground,
    only,
    slos: thresholds,
    seed,
    maxCostUsd,
    isQuick: flags.quick,
  };
}

function onlyOf(text: string | undefined, problems: string[]): ClaimId[] {
  if (text === undefined) return [...CLAIM_IDS];
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.filter((name) => !CLAIM_IDS.some((id) => id === name));
  if (names.length === 0 || unknown.length > 0)
    problems.push(
      `only: ${unknown.length === 0 ? 'no claim is named' : `there is no claim '${unknown.join("', '")}'`}; there are ${CLAIM_IDS.join(', ')}`,
    );
  return CLAIM_IDS.filter((id) => names.includes(id));
}

/** What a claim's run shares with any run goes through the plan's schema. */
function planOf({ stage, region, slo, seed }: ClaimsFlags, problems: string[]): ParsedPlan | null {
  const given = { stage, region, threshold: slo ?? DEFAULT_CLAIM_SLOS, seed };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  try {
    return parsePlan({}, settings, { environment: null });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems.map((problem) => problem.replace(/^threshold:/, 'slo:')));
    return null;
  }
}

function stageProblems({ plan }: ParsedPlan, { maxCost }: ClaimsFlags): string[] {
  const problems: string[] = [];
  if (plan.stage !== 'local' && !isStackStage(plan))
    problems.push(
      "stage: a bare URL tells nothing of its stream and services; name 'local' or the stack behind it",
    );
  if (plan.thresholds.some((slo) => !slo.trimStart().startsWith('latency.')))
    problems.push("slo: the claim is of latency; begin with 'latency.', as 'latency.hops.ingest.p99 < 50'");
  if (maxCost !== undefined && !isStackStage(plan))
    problems.push('max-cost: only a stack costs anything that is known');
  return problems;
}
