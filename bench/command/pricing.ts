/**
 * Prices a run by the template of its stage. A stage that is given by its URL has no template, so its runs have no cost; a
 * template that can't be read costs the figure, never the run.
 */
import { fileURLToPath } from 'node:url';
import { measuredCost } from '../../stack/aws/measured-cost.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import { type StackShape, shapeOf } from '../../stack/aws/stack-shape.ts';
import { parseTemplate, readTemplate, type Template, TemplateProblems } from '../../stack/aws/template.ts';
import { withCost } from '../judge/priced.ts';
import type { RunResult } from '../model/result.ts';

const REFERENCE_TEMPLATE = fileURLToPath(new URL('../../stack/template.yaml', import.meta.url));

/** Where a stage says no region, prices are those of this one. */
const DEFAULT_REGION = 'us-east-1';

/** Makes a result one with its cost. */
export type Pricing = (result: RunResult) => RunResult;

/** Of runs that cost nothing that is known. */
export const unpriced: Pricing = (result) => result;

interface PricingOptions {
  /** Another price table than the bundled one; null for that. */
  readonly pricesPath: string | null;
  /** Text of a deployed stack's template; null where it has none to tell. */
  readonly templateText: string | null;
}

/** The pricing of runs on one stage. */
export function pricingOf({ pricesPath, templateText }: PricingOptions): Pricing {
  const table = readPrices(pricesPath ?? undefined);
  return (result) => {
    const shape = shapeOfStage(result, templateText);
    if (shape === null) return result;
    const prices = pricesOf(table, result.stage.region ?? DEFAULT_REGION);
    return withCost(result, measuredCost({ run: result, shape, prices }));
  };
}

function shapeOfStage({ plan, stage }: RunResult, deployedText: string | null): StackShape | null {
  if (stage.kind === 'url') return null;
  try {
    const template = templateOf(plan, deployedText);
    return template === null ? null : shapeOf(template, stage.parameters);
  } catch (error) {
    if (error instanceof TemplateProblems) return null;
    throw error;
  }
}

function templateOf(plan: RunResult['plan'], deployedText: string | null): Template | null {
  if (plan.stage === 'local') return readTemplate(plan.template ?? REFERENCE_TEMPLATE);
  return deployedText === null ? null : parseTemplate(deployedText, 'the deployed template');
}
