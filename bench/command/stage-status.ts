/** `bench stage status`: what is deployed, with what settings, whether it is what the local template says, and what it costs. */
import { type Account, type Identity, openAccountFor } from '../../stack/aws/account.ts';
import { type CostEstimate, idleCostPerHour } from '../../stack/aws/cost.ts';
import { makerOf, markedTemplate, ownOutputs } from '../../stack/aws/ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import {
  findStack,
  resourcesOf,
  type StackDescription,
  templateTextOf,
} from '../../stack/aws/stack-description.ts';
import { type MappingState, mappingStates } from '../../stack/aws/stack-readiness.ts';
import { shapeOf } from '../../stack/aws/stack-shape.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import { deployedTemplate, readTemplate, type Template } from '../../stack/aws/template.ts';
import { assertNone } from '../model/failure.ts';
import { print, printJson } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { type Given, toggle } from './flags.ts';
import { EXISTING_STACK, regionProblems, TEMPLATE } from './stage-flags.ts';
import { identityLine, idleCostLine, pairLines } from './stage-terminal.ts';

export const STAGE_STATUS_FLAGS = {
  ...EXISTING_STACK,
  template: TEMPLATE,
  json: toggle('print JSON and nothing else'),
};

/** What `--json` prints. */
interface StageStatus {
  readonly schema: 1;
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly statusReason: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  /** Version of this tool that made the stack; null where it did not. */
  readonly madeBy: string | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** Resources by status. */
  readonly resources: Readonly<Record<string, number>>;
  readonly template: { readonly path: string; readonly verdict: 'same' | 'differs' | 'unknown' };
  readonly mappings: readonly MappingState[];
  /** Null where the deployed template can't be read. */
  readonly idleCostPerHour: CostEstimate | null;
}

/** Prints the status; exit code 1 where there is no such stack. */
export async function stageStatusCommand({
  flags: given,
  problems,
}: Given<typeof STAGE_STATUS_FLAGS>): Promise<number> {
  assertNone([...problems, ...regionProblems(given)]);
  const local = readTemplate(given.template ?? REFERENCE_TEMPLATE_PATH);
  const { account, identity } = await openAccountFor(given.name, given.region);
  const stack = await findStack(account, given.name);
  if (stack === null) {
    throw new StageError(
      `there is no stack ${given.name} in region ${identity.region} of account ${identity.account}; is it in another --region, or of another AWS_PROFILE?`,
    );
  }
  const found = await statusOf(account, identity, stack, local);
  if (given.json) printJson(found, 2);
  else for (const line of statusLines(found, account, identity)) print(line);
  return EXIT.ok;
}

async function statusOf(
  account: Account,
  identity: Identity,
  stack: StackDescription,
  local: Template,
): Promise<StageStatus> {
  const [deployedText, resources] = await Promise.all([
    templateTextOf(account, stack.id),
    resourcesOf(account, stack.id),
  ]);
  const madeBy = await makerOf(account, stack);
  const counts: Record<string, number> = {};
  for (const resource of resources) counts[resource.status] = (counts[resource.status] ?? 0) + 1;
  const { id, name, status, statusReason, createdAt, updatedAt, parameters } = stack;
  return {
    schema: 1,
    name,
    id,
    status,
    statusReason,
    account: identity.account,
    region: identity.region,
    createdAt,
    updatedAt,
    madeBy,
    outputs: ownOutputs(stack),
    parameters,
    resources: counts,
    template: { path: local.path, verdict: verdictOf(deployedText, local, madeBy) },
    mappings: await mappingStates(account, resources),
    idleCostPerHour: idleCostOf(account, stack, deployedText),
  };
}

/** Line ends, space at the end of the file and the mark of the stack are no difference. */
function verdictOf(
  deployed: string | null,
  local: Template,
  madeBy: string | null,
): StageStatus['template']['verdict'] {
  if (deployed === null) return 'unknown';
  const bare = (text: string) => text.replaceAll('\r\n', '\n').trim();
  const sent = [local.text, ...(madeBy === null ? [] : [markedTemplate(local, madeBy)])];
  return sent.map(bare).includes(bare(deployed)) ? 'same' : 'differs';
}

function idleCostOf(
  { region }: Account,
  { parameters }: StackDescription,
  text: string | null,
): CostEstimate | null {
  const template = deployedTemplate(text);
  return template === null
    ? null
    : idleCostPerHour(shapeOf(template, parameters), pricesOf(readPrices(), region));
}

const TEMPLATE_TEXT = {
  same: 'same as',
  differs: 'differs from',
  unknown: 'can’t be compared with',
} as const;

function statusLines(found: StageStatus, account: Account, identity: Identity): string[] {
  const { createdAt, updatedAt, madeBy, resources, template, mappings, idleCostPerHour } = found;
  const reason = found.statusReason === '' ? '' : `: ${found.statusReason}`;
  const updated = updatedAt === null ? '' : `, updated ${updatedAt}`;
  const made = madeBy === null ? 'not made by this tool' : `made by version ${madeBy}`;
  return [
    `${found.name} is ${found.status}${reason}`,
    identityLine(identity),
    `created ${createdAt ?? 'at an unknown time'}${updated}, ${made}`,
    'outputs',
    ...pairLines(found.outputs),
    'parameters in force',
    ...pairLines(found.parameters),
    'resources',
    ...pairLines(Object.fromEntries(Object.entries(resources).map(([key, count]) => [key, String(count)]))),
    ...(mappings.length === 0 ? [] : ['mappings', ...pairLines(mappingPairs(mappings))]),
    `template ${TEMPLATE_TEXT[template.verdict]} ${template.path}`,
    idleCostPerHour === null
      ? 'idle cost not known: the deployed template can’t be read'
      : idleCostLine(idleCostPerHour, account),
  ];
}

function mappingPairs(mappings: readonly MappingState[]): Record<string, string> {
  return Object.fromEntries(
    mappings.map(({ logicalId, state, detail }) => [
      logicalId,
      `${state ?? 'unknown'}${detail === '' ? '' : ` (${detail})`}`,
    ]),
  );
}
