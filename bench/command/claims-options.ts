/** What `bench claims` was asked. Every problem is told at once. */

import type { Ground } from '../judge/claims/definitions.ts';
import { DEFAULT_CLAIM_SLOS } from '../judge/claims/latency.ts';
import { CLAIM_IDS, type ClaimId } from '../model/claim.ts';
import { ConfigurationError, renamed } from '../model/failure.ts';
import { isStackStage, regionOfStackArn } from '../model/stage-name.ts';
import { type ParsedPlan, parsePlan } from '../node/plan-file.ts';
import { DOLLARS, flag, type Given, list, output, TEXT, toggle, typed, type Values } from './flags.ts';

const CLAIMS = typed('claims', `claims with commas between: ${CLAIM_IDS.join(', ')}`, (text) => {
  const names = text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const isKnown = names.length > 0 && names.every((name) => CLAIM_IDS.some((id) => id === name));
  return isKnown ? CLAIM_IDS.filter((id) => names.includes(id)) : null;
});

export const CLAIMS_FLAGS = {
  stage: flag(TEXT, "'local', or the name or ARN of a stack deployed with --parameter FaultInjection=true"),
  region: flag(TEXT, 'AWS region of the stack (default: that of the environment)'),
  only: flag(CLAIMS, `claims to try, with commas between: ${CLAIM_IDS.join(', ')} (default: all)`),
  slo: list(
    `what low latency means, as a --threshold of run (default: '${DEFAULT_CLAIM_SLOS.join("' and '")}')`,
  ),
  quick: toggle('runs of seconds, to try it out: most answers will be "not shown"'),
  seed: flag(TEXT, 'seed of everything that is left to chance'),
  maxCost: flag(DOLLARS, 'experiments on a stack that are estimated to cost more do not begin'),
  ...output('claims.json', 'new or empty directory (default reports/runs/TIME-claims-ID)'),
};

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
export function parseClaims({ flags, problems: found }: Given<typeof CLAIMS_FLAGS>): ClaimsOptions {
  const problems = [...found];
  const parsed = renamed('threshold', 'slo', () => planOf(flags), problems);
  if (parsed !== null) problems.push(...stageProblems(parsed, flags));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  const { stage, region, seed, thresholds } = parsed.plan;
  return {
    stage,
    region: region ?? regionOfStackArn(stage),
    ground: stage === 'local' ? 'own' : 'stack',
    only: flags.only ?? CLAIM_IDS,
    slos: thresholds,
    seed,
    maxCostUsd: flags.maxCost,
    isQuick: flags.quick,
  };
}

/** What a claim's run shares with any run goes through the plan's schema. */
function planOf({ stage, region, slo, seed }: Values<typeof CLAIMS_FLAGS>): ParsedPlan {
  const given = { stage, region, threshold: slo ?? DEFAULT_CLAIM_SLOS, seed };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  return parsePlan({}, settings, { environment: null });
}

function stageProblems({ plan }: ParsedPlan, { maxCost }: Values<typeof CLAIMS_FLAGS>): string[] {
  const problems: string[] = [];
  if (plan.stage !== 'local' && !isStackStage(plan))
    problems.push(
      "stage: a bare URL tells nothing of its stream and services; name 'local' or the stack behind it",
    );
  if (plan.thresholds.some((slo) => !slo.trimStart().startsWith('latency.')))
    problems.push("slo: the claim is of latency; begin with 'latency.', as 'latency.hops.ingest.p99 < 50'");
  if (maxCost !== null && !isStackStage(plan))
    problems.push('max-cost: only a stack costs anything that is known');
  return problems;
}
