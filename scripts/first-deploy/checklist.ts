/** The steps of a first deployment: why each is there, what to type, and what it costs. Pure but for the plans and prices it reads. */

import path from 'node:path';
import { planPath } from '../../bench/command/plan-path.ts';
import { type Plan, STACK_CONNECTS_PER_SECOND } from '../../bench/model/plan.ts';
import { parsePlan, readPlanFile } from '../../bench/node/plan-file.ts';
import { type CostEstimate, dollars, idleCostPerHour } from '../../stack/aws/cost.ts';
import { estimateRun, REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import { shapeOf } from '../../stack/aws/stack-shape.ts';
import type { Template } from '../../stack/aws/template.ts';

export const STEP_IDS = [
  'credentials',
  'region',
  'permissions',
  'gateway-logs',
  'quotas',
  'name',
  'deploy',
  'ready',
  'echo',
  'measure',
  'teardown',
] as const;
export type StepId = (typeof STEP_IDS)[number];

export interface ChecklistStep {
  readonly id: StepId;
  readonly title: string;
  readonly why: string;
  /** To type, one after the other. */
  readonly commands: readonly string[];
  /** In words, with the figure. */
  readonly cost: string;
}

export interface ChecklistOptions {
  readonly name: string;
  /** As it was given; null for the environment's. */
  readonly region: string | null;
  readonly template: Template;
  /** Whose prices; the table's first where the region is not known. */
  readonly pricedIn: string;
}

export interface Checklist {
  readonly steps: readonly ChecklistStep[];
  /** All of it, within the hours that it begins. */
  readonly cost: CostEstimate;
  /** The largest run on the list. */
  readonly plan: Plan;
}

const FREE = 'nothing';

/** A first run, small enough to cost nothing that shows. */
const SMALL = { connections: '10', rate: '10/s', duration: '10s', warmup: '0s' };

export function checklistOf({ name, region, template, pricedIn }: ChecklistOptions): Checklist {
  const plan = plannedOn(name, {});
  const small = plannedOn(name, SMALL);
  const estimated = (runs: readonly Plan[]) =>
    estimateRun({ region: pricedIn, plan: runs[0]!, runs, parameters: {}, templateText: template.text }).cost;
  const idle = idleCostPerHour(shapeOf(template, {}), pricesOf(readPrices(), pricedIn)).total;
  const at = region === null ? '' : ` --region ${region}`;
  const file = path.relative('', template.path);
  const own = template.path === REFERENCE_TEMPLATE_PATH ? '' : ` --template ${file}`;
  const flags = Object.entries(SMALL).map(([flag, value]) => ` --${flag} ${value}`);
  const withHour = (runs: readonly Plan[]) =>
    `about ${dollars(estimated(runs).total)}, the hour included that its shards begin`;
  const steps: readonly ChecklistStep[] = [
    {
      id: 'credentials',
      title: 'credentials of the account',
      why: 'An account of its own is best: what is measured shares its quotas with all that runs there.',
      commands: ['aws configure sso', 'aws sso login', 'aws sts get-caller-identity'],
      cost: FREE,
    },
    {
      id: 'region',
      title: 'the region to measure in',
      why: 'Drive from a machine in the same region: every other place adds its way to each latency.',
      commands: [`export AWS_REGION=${region ?? 'us-east-1'}`],
      cost: FREE,
    },
    {
      id: 'permissions',
      title: 'permissions',
      why: 'Only reading is tried. Deploying needs all that stack/ci-role.yaml lists, or an administrator.',
      commands: [
        `aws cloudformation validate-template --template-body file://${file}${at}`,
        `aws service-quotas list-service-quotas --service-code apigateway${at}`,
      ],
      cost: FREE,
    },
    {
      id: 'gateway-logs',
      title: 'API Gateway’s role for logs',
      why: 'A setting of the account and region, without which AWS refuses a stage that logs.',
      commands: [`aws apigateway get-account --query cloudwatchRoleArn${at}`],
      cost: FREE,
    },
    {
      id: 'quotas',
      title: 'quotas',
      why: `The plan ‘quick’ opens ${plan.connections.toLocaleString('en-US')} connections at ${STACK_CONNECTS_PER_SECOND}/s. New accounts may have less than the defaults.`,
      commands: [`aws service-quotas list-service-quotas --service-code lambda${at}`],
      cost: FREE,
    },
    {
      id: 'name',
      title: 'a name that is free',
      why: 'A stack that this tool did not make is touched by none of its commands.',
      commands: [`npm run status -- --name ${name}${at}`],
      cost: FREE,
    },
    {
      id: 'deploy',
      title: 'deploy',
      why: 'It shows every change and asks before it makes one. AWS takes two to five minutes.',
      commands: [`npm run deploy -- --name ${name}${own}${at} --max-cost ${limitFor(idle)}`],
      cost: `${dollars(idle)} for every hour that is begun, until it is torn down`,
    },
    {
      id: 'ready',
      title: 'ready',
      why: 'Mappings say Enabled before they read, for up to three minutes; every run waits for that by itself.',
      commands: [`npm run status -- --name ${name}${own}${at}`],
      cost: FREE,
    },
    {
      id: 'echo',
      title: 'a first echo',
      why: 'A hundred messages there and back, and their metrics.',
      commands: [
        `npm run bench -- --stage ${name}${at}${flags.join('')} --max-cost ${limitFor(estimated([small]).total)}`,
      ],
      cost: withHour([small]),
    },
    {
      id: 'measure',
      title: 'measure',
      why: 'The plan ‘quick’: half a minute. Yours to judge by its report.',
      commands: [
        `npm run bench -- quick --stage ${name}${at} --max-cost ${limitFor(estimated([plan]).total)}`,
      ],
      cost: withHour([plan]),
    },
    {
      id: 'teardown',
      title: 'tear down',
      why: 'What stands there costs, whether it is used or not.',
      commands: [`npm run teardown -- --name ${name}${at}`],
      cost: 'nothing; it ends what deploying began',
    },
  ];
  return { steps, plan, cost: estimated([small, plan]) };
}

/** The plan 'quick' on the stack, with other settings in some places. */
function plannedOn(stage: string, settings: Readonly<Record<string, string>>): Plan {
  return parsePlan(readPlanFile(planPath('quick')), { stage, ...settings }, { environment: null }).plan;
}

/** A limit that an estimate is well below, in whole ten cents. */
function limitFor(usd: number): string {
  return (Math.ceil(usd * 2 * 10) / 10).toFixed(2);
}
