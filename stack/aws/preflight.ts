/**
 * What to know before a run against a deployed stack starts to cost money: who calls, what the run will cost, and which
 * default quotas it would hit.
 */
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../bench/model/plan.ts';
import { pricesText } from '../../bench/model/prices-text.ts';
import { type Identity, identityOf, openAccount } from './account.ts';
import { type CostEstimate, dollars } from './cost.ts';
import { pricesOf, type RegionPrices, readPrices } from './prices.ts';
import {
  type AccountQuotas,
  accountQuotas,
  defaultQuotas,
  planQuotaWarnings,
  stackQuotaWarnings,
} from './quotas.ts';
import { runsCost } from './run-cost.ts';
import { shapeOf } from './stack-shape.ts';
import { StageError } from './stage-error.ts';
import { type ParameterValues, parseTemplate, readTemplate, type Template } from './template.ts';

/** The template of the reference stack. */
export const REFERENCE_TEMPLATE_PATH = fileURLToPath(new URL('../template.yaml', import.meta.url));

export interface RunEstimateOptions {
  readonly region: string;
  readonly plan: Plan;
  /** Parameters in force on the stack; the template's defaults stand in for missing ones. */
  readonly parameters: ParameterValues;
  /** Text of the stack's template; the reference stack's where null. */
  readonly templateText?: string | null;
  /** Another price table than the bundled one. */
  readonly pricesPath?: string;
  /** Of the account; the region's defaults where left out. */
  readonly quotas?: AccountQuotas;
  /** Plans of all runs that the stack is to take, one after the other; that of the one where left out. */
  readonly runs?: readonly Plan[];
  /** Time that the stack stands for them beyond what runs take by themselves, ms. */
  readonly waitsMs?: number;
}

export interface RunEstimate {
  /** Default quotas that the run would hit, one sentence each. */
  readonly warnings: readonly string[];
  readonly cost: CostEstimate;
  readonly prices: RegionPrices;
}

/** What a run will cost and hit, without asking AWS anything. */
export function estimateRun(options: RunEstimateOptions): RunEstimate {
  const { region, plan, parameters, templateText, pricesPath, quotas = defaultQuotas(region) } = options;
  const shape = shapeOf(templateOf(templateText ?? null), parameters);
  const prices = pricesOf(readPrices(pricesPath), region);
  const { runs = [plan], waitsMs = 0 } = options;
  return {
    warnings: [...stackQuotaWarnings(shape, region, quotas), ...planQuotaWarnings(plan, shape, quotas)],
    cost: runsCost({ runs, shape, prices, waitsMs }),
    prices,
  };
}

function templateOf(text: string | null): Template {
  return text === null ? readTemplate(REFERENCE_TEMPLATE_PATH) : parseTemplate(text, 'the deployed template');
}

export interface PreflightOptions extends Omit<RunEstimateOptions, 'region'> {
  /** Null is the SDK's default. */
  readonly region: string | null;
  /** The most that the run may cost by the estimate; null for no limit. */
  readonly maxCostUsd: number | null;
}

export interface Preflight extends RunEstimate {
  readonly identity: Identity;
  /** Why quotas are the defaults, a sentence; null where the account was asked. */
  readonly quotaNote: string | null;
}

/** Checks credentials and estimates the run. Throws a StageError where there are none, or the run would cost too much. */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const account = await openAccount(options.region);
  const identity = await identityOf(account);
  const quotas = await accountQuotas(account);
  const estimate = estimateRun({ ...options, region: identity.region, quotas });
  const { cost, prices } = estimate;
  assertAffordable({ usd: cost.total, prices }, options.maxCostUsd, 'the run would cost about');
  return { identity, quotaNote: quotas.note, ...estimate };
}

/** An amount and the prices that it was worked out by. */
export interface Estimated {
  readonly usd: number;
  readonly prices: RegionPrices;
}

/** As {@link assertAffordable} of amounts together, each by its own prices. */
export function assertAllAffordable(
  estimates: readonly Estimated[],
  maxCostUsd: number | null,
  what: string,
): void {
  const usd = estimates.reduce((sum, estimate) => sum + estimate.usd, 0);
  // The dearest's factor is taken for all: it is the others that are overstated then.
  const dearest = estimates.reduce<Estimated | null>(
    (most, one) => (most === null || one.prices.guardFactor > most.prices.guardFactor ? one : most),
    null,
  );
  if (dearest !== null) assertAffordable({ usd, prices: dearest.prices }, maxCostUsd, what);
}

/** Throws a StageError when an estimate may be above the limit. `what` begins the sentence. */
export function assertAffordable({ usd, prices }: Estimated, maxCostUsd: number | null, what: string): void {
  const { guardFactor, region, asOf } = prices;
  const mostUsd = usd * guardFactor;
  if (maxCostUsd === null || mostUsd <= maxCostUsd) return;
  const most =
    guardFactor === 1
      ? ''
      : ` at the prices of ${region}, and up to ${guardFactor} times that, ${dollars(mostUsd)}, where it is, for the table has no prices of there`;
  throw new StageError(
    `${what} ${dollars(usd)}${most}, which is more than --max-cost ${dollars(maxCostUsd)} (${pricesText({ pricesAsOf: asOf, pricesRegion: region })})`,
  );
}
