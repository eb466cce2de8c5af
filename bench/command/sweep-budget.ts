/**
 * What a sweep on AWS will cost: its runs by their plans, and its stacks for all the time that they stand, which is mostly
 * between runs. Free tiers are ignored, so it costs no more than this unless runs take longer than expected.
 */
import { idleCostPerHour } from '../../stack/aws/cost.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import { runCost } from '../../stack/aws/run-cost.ts';
import { shapeOf } from '../../stack/aws/stack-shape.ts';
import type { Template } from '../../stack/aws/template.ts';
import type { Plan } from '../core/plan.ts';
import { runTookMs } from '../core/sweep/progress.ts';
import type { SweepCell } from '../core/sweep/result.ts';

export interface Budget {
  /** A run of the cell, its stack's time included. */
  runUsd(cell: Pick<SweepCell, 'plan'>): number;
  /** An hour of the cell's stack, idle. */
  idleUsdPerHour(plan: Plan): number;
}

/** The budget of stacks of the template in the region. */
export function budgetOf(template: Template, region: string, pricesPath: string | undefined): Budget {
  const prices = pricesOf(readPrices(pricesPath), region);
  const idleUsdPerHour = (plan: Plan) => idleCostPerHour(shapeOf(template, plan.parameters), prices).total;
  return {
    idleUsdPerHour,
    runUsd: ({ plan }) => {
      const hours = runTookMs(plan, 'stack') / 3_600_000;
      return (
        runCost({ plan, shape: shapeOf(template, plan.parameters), prices }).total +
        hours * idleUsdPerHour(plan)
      );
    },
  };
}
