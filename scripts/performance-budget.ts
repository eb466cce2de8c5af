/**
 * What a performance job may cost: one budget for its stack, from the deployment until it is gone, and all its repeats. The
 * stack's begun hours are counted once, however many repeats it takes. Pure.
 */
import type { Plan } from '../bench/model/plan.ts';
import { pricesText } from '../bench/model/prices-text.ts';
import type { RunCost } from '../bench/model/result.ts';
import { begunHours, begunItems, dollars, isStanding } from '../stack/aws/cost.ts';
import type { RegionPrices } from '../stack/aws/prices.ts';
import { standsForMs, usageItems } from '../stack/aws/run-cost.ts';
import type { StackShape } from '../stack/aws/stack-shape.ts';

/** What CloudFormation takes to create the stack, and to delete it, at the most that is usual. */
const CREATION_MS = 5 * 60_000;
const DELETION_MS = 5 * 60_000;

export interface BudgetOptions {
  readonly limitUsd: number;
  readonly plan: Plan;
  readonly shape: StackShape;
  readonly prices: RegionPrices;
}

/** A run that is over: its cost, as its result has it; null where it left none, and so is taken to have cost what it could. */
export type Spent = Pick<RunCost, 'items'> | null;

export class PerformanceBudget {
  readonly #options: BudgetOptions;
  /** Of one repeat, without its stack. */
  readonly #runUsd: number;

  constructor(options: BudgetOptions) {
    const { plan, shape, prices } = options;
    this.#options = options;
    this.#runUsd = sumOf(usageItems(plan, shape, prices));
  }

  /** Why a job of so many repeats may not begin; null where it may. */
  ofAll(repeats: number): string | null {
    return this.#problem('the job', [], { runs: repeats, stoodMs: CREATION_MS });
  }

  /** Why another repeat may not begin, on a stack that has stood for so long; null where it may. */
  ofNext(spent: readonly Spent[], stoodMs: number): string | null {
    return this.#problem('with another repeat the job', spent, { runs: 1, stoodMs });
  }

  #problem(
    what: string,
    spent: readonly Spent[],
    ahead: { readonly runs: number; readonly stoodMs: number },
  ): string | null {
    const { limitUsd, plan, shape, prices } = this.#options;
    const ms = ahead.stoodMs + ahead.runs * standsForMs(plan) + DELETION_MS;
    const stackUsd = sumOf(begunItems([{ shape, ms }], prices));
    const spentUsd = spent.reduce((sum, one) => sum + this.#usd(one), 0);
    const runsUsd = ahead.runs * this.#runUsd;
    const usd = spentUsd + runsUsd + stackUsd;
    if (usd * prices.guardFactor <= limitUsd) return null;
    const parts = [
      ...(spent.length === 0 ? [] : [`${dollars(spentUsd)} for what was sent so far`]),
      `${dollars(runsUsd)} for ${ahead.runs} ${ahead.runs === 1 ? 'run' : 'runs'} to come`,
      `${dollars(stackUsd)} for its stack, ${begunHours(ms)} begun ${begunHours(ms) === 1 ? 'hour' : 'hours'} of each shard`,
    ];
    const most =
      prices.note === null ? '' : `, and ${dollars(usd * prices.guardFactor)} where it is (${prices.note})`;
    const named = pricesText({ pricesAsOf: prices.asOf, pricesRegion: prices.region });
    return `${what} would cost about ${dollars(usd)} (${parts.join(', ')})${most}, which is more than --max-cost ${dollars(limitUsd)} (${named})`;
  }

  #usd(cost: Spent): number {
    return cost === null ? this.#runUsd : sumOf(cost.items.filter((item) => !isStanding(item)));
  }
}

function sumOf(items: readonly { readonly cost: number }[]): number {
  return items.reduce((sum, { cost }) => sum + cost, 0);
}
