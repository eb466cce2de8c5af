/** The budget of a performance job by what it was asked to do. Loaded only where there is a limit, for it takes AWS's SDK. */
import { planPath } from '../bench/command/plan-path.ts';
import { ConfigurationError } from '../bench/model/failure.ts';
import { parsePlan, readPlanFile } from '../bench/node/plan-file.ts';
import { openAccount } from '../stack/aws/account.ts';
import { REFERENCE_TEMPLATE_PATH } from '../stack/aws/preflight.ts';
import { pricesOf, readPrices } from '../stack/aws/prices.ts';
import { shapeOf } from '../stack/aws/stack-shape.ts';
import { StageError } from '../stack/aws/stage-error.ts';
import { readTemplate } from '../stack/aws/template.ts';
import { PerformanceBudget } from './performance-budget.ts';

export interface LimitedJob {
  readonly limitUsd: number;
  /** Name of a bundled plan, or path of a file. */
  readonly plan: string;
  /** Null is the SDK's default. */
  readonly region: string | null;
  /** `Name=value`. */
  readonly parameters: readonly string[];
}

/** The budget, or what keeps it from being worked out, a sentence each. */
export async function budgetOf({ limitUsd, plan, region, parameters }: LimitedJob) {
  try {
    const parsed = parsePlan(readPlanFile(planPath(plan)), { stage: 'performance' });
    const account = await openAccount(region);
    const given = parameters.map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')];
    });
    const shape = shapeOf(readTemplate(REFERENCE_TEMPLATE_PATH), Object.fromEntries(given));
    const prices = pricesOf(readPrices(), account.region);
    return new PerformanceBudget({ limitUsd, plan: parsed.plan, shape, prices });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    if (error instanceof StageError) return [error.message];
    throw error;
  }
}
