/**
 * What a person should know before a run against a deployed stack begins: whose account it is, what the run will cost, and
 * which quotas it would hit. A run that would cost more than allowed does not begin.
 */
import type { RunEstimateOptions } from '../../stack/aws/preflight.ts';
import type { Plan } from '../model/plan.ts';
import { pricesText } from '../model/prices-text.ts';
import type { OpenStage } from './stage.ts';

export interface NoticeOptions extends Pick<RunEstimateOptions, 'runs' | 'waitsMs'> {
  readonly plan: Plan;
  readonly stage: OpenStage;
  readonly maxCostUsd: number | null;
  /** Another price table than the bundled one. */
  readonly pricesPath?: string | null;
}

/** The lines of the notice. Throws an OperatingError when credentials fail, or the run would cost too much. */
export async function stackNotice(options: NoticeOptions): Promise<string[]> {
  const { plan, stage, maxCostUsd, pricesPath, runs = [plan], waitsMs = 0 } = options;
  const { preflight } = await import('../../stack/aws/preflight.ts');
  const { region, parameters, name, kind } = stage.facts;
  const { identity, warnings, cost, quotaNote } = await preflight({
    region,
    plan,
    parameters,
    runs,
    waitsMs,
    maxCostUsd,
    templateText: stage.templateText ?? null,
    ...(pricesPath ? { pricesPath } : {}),
  });
  const where = kind === 'local' ? `local stage at ${identity.endpoint}` : `account ${identity.account}`;
  const dollars = `$${cost.total.toFixed(cost.total < 0.1 ? 4 : 2)}`;
  const price = `${kind === 'local' ? 'on AWS this would cost about' : 'estimated cost of the run'} ${dollars}, ${pricesText(cost)}`;
  return [
    `stack ${name} in ${identity.region}, ${where}: ${price}`,
    ...cost.notes.map((note) => `  ${note}`),
    ...(quotaNote === null ? [] : [`  ${quotaNote}`]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}
