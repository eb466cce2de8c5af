/**
 * `bench stage up`: deploys a template as a stack, or changes the stack to it. Nothing is changed before the change is
 * worked out by AWS and shown, and what is not executed is cleaned away.
 */
import { type Account, identityOf, openAccount } from '../../stack/aws/account.ts';
import {
  destructive,
  diffLines,
  diffSummary,
  parameterDiff,
  type ResourceDiff,
} from '../../stack/aws/change-diff.ts';
import {
  type ChangeSet,
  changesOf,
  createChangeSet,
  discardChangeSet,
  executeChangeSet,
} from '../../stack/aws/change-set.ts';
import { idleCostPerHour } from '../../stack/aws/cost.ts';
import { stackNameProblem, tagObstacle } from '../../stack/aws/obstacles.ts';
import { makerOf, markedTemplate, ownershipObstacle, ownOutputs, tagsOf } from '../../stack/aws/ownership.ts';
import { assertAffordable } from '../../stack/aws/preflight.ts';
import { pricesOf, readPrices } from '../../stack/aws/prices.ts';
import { accountQuotas, stackQuotaWarnings } from '../../stack/aws/quotas.ts';
import {
  afterFailure,
  findStack,
  IN_REVIEW,
  isGood,
  resourcesOf,
  type StackDescription,
  templateTextOf,
  updateObstacle,
} from '../../stack/aws/stack-description.ts';
import {
  EventReader,
  eventPages,
  followOperation,
  LostSightError,
  type OperationEnd,
} from '../../stack/aws/stack-operation.ts';
import { shapeOf } from '../../stack/aws/stack-shape.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import {
  deployedTemplate,
  effectiveParameters,
  keptParameters,
  type ParameterValues,
  parameterProblems,
  shownParameters,
  type Template,
} from '../../stack/aws/template.ts';
import { validateTemplate } from '../../stack/aws/template-validation.ts';
import { capabilitiesOf } from '../../stack/template/known.ts';
import { assertNone, ConfigurationError, Interrupted } from '../model/failure.ts';
import { systemClock } from '../node/clock.ts';
import { packageVersion } from '../node/machine.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import type { Given } from './flags.ts';
import { endSoon, type Interruption, listenForInterruption } from './interruption.ts';
import {
  confirmed,
  identityLine,
  idleCostLine,
  isInteractive,
  pairLines,
  sayEvent,
} from './stage-terminal.ts';
import { type STAGE_UP_FLAGS, type StageUpArguments, stageUpTemplate } from './stage-up-arguments.ts';

/** What is known once AWS has been asked. */
interface Deployment {
  readonly given: StageUpArguments;
  readonly template: Template;
  readonly account: Account;
  /** Null for a stack that does not exist; one in review exists. */
  readonly stack: StackDescription | null;
  readonly interruption: Interruption;
}

/** Deploys, and answers the exit code. */
export async function stageUpCommand(asked: Given<typeof STAGE_UP_FLAGS>): Promise<number> {
  const template = stageUpTemplate(asked);
  const given = asked.flags;
  const interruption = listenForInterruption(() => endSoon('what was not executed is being taken back'));
  try {
    return await up(given, template, interruption);
  } finally {
    interruption.dispose();
  }
}

async function up(given: StageUpArguments, template: Template, interruption: Interruption): Promise<number> {
  if (given.validate) await validate(given, template, interruption);
  const account = await openAccount(given.region);
  const identity = await identityOf(account);
  if (!given.quiet) print(identityLine(identity));
  const stack = await findStack(account, given.name);
  const deployment = { given, template, account, stack, interruption };
  await assertDeployable(deployment);
  await preflight(deployment);
  stopIfInterrupted(interruption);
  const type = isNew(stack) ? 'CREATE' : 'UPDATE';
  const inForce = inForceOn(stack);
  const request = {
    stackName: given.name,
    type,
    templateText: markedTemplate(template, await markFor(account, stack)),
    given: given.parameter,
    kept: keptParameters(template, given.parameter, inForce),
    tags: tagsOf(stack, given.tag),
    capabilities: capabilitiesOf(template.capabilities),
  } as const;
  const changeSet = await createChangeSet(account, request, systemClock);
  if (changeSet !== null && (await agreed(deployment, changeSet))) return execute(deployment, changeSet);
  print(`no changes: ${given.name} is up to date`);
  return EXIT.ok;
}

async function validate(
  { region }: StageUpArguments,
  template: Template,
  interruption: Interruption,
): Promise<void> {
  try {
    // Without a region, what the template is in one will do: the stack's is not known before AWS is asked.
    const somewhere = region ?? process.env.AWS_REGION ?? 'us-east-1';
    const findings = await validateTemplate(template.path, somewhere, interruption.signal);
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new ConfigurationError(findings.map(({ line }) => line));
    for (const { line } of findings) note(`warning: ${line}`);
  } catch (error) {
    stopIfInterrupted(interruption);
    throw error;
  }
}

function stopIfInterrupted({ signal }: Interruption): void {
  if (signal.aborted) throw new Interrupted('interrupted: nothing was changed');
}

/** Whether the stack is yet to be created. */
function isNew(stack: StackDescription | null): boolean {
  return stack === null || stack.status === IN_REVIEW;
}

function inForceOn(stack: StackDescription | null): ParameterValues {
  return isNew(stack) ? {} : (stack?.parameters ?? {});
}

/** An update keeps the mark of the version that made the stack: another would be a change. */
async function markFor(account: Account, stack: StackDescription | null): Promise<string> {
  const maker = stack === null ? null : await makerOf(account, stack);
  return maker ?? packageVersion();
}

/** Throws when the stack is not ours, can't be updated in its state, or lacks a parameter. */
async function assertDeployable({ given, template, account, stack }: Deployment): Promise<void> {
  const missing = parameterProblems(template, given.parameter, inForceOn(stack));
  const parameters = effectiveParameters(template, given.parameter, inForceOn(stack));
  const tooLong = stackNameProblem(given.name, template, parameters);
  const problems = [...missing, ...(tooLong === null ? [] : [tooLong])];
  assertNone(problems);
  if (stack === null) return;
  const remedy = 'take another name, or take it over with --adopt';
  const obstacle =
    (given.adopt ? null : await ownershipObstacle(account, stack, remedy)) ??
    updateObstacle(given.name, stack.status) ??
    (await changeOfTags(account, stack, { given, template }));
  if (obstacle !== null) throw new StageError(obstacle);
}

/** Why the stack can't take the tags that are given; null where it can. */
async function changeOfTags(
  account: Account,
  stack: StackDescription,
  { given, template }: Pick<Deployment, 'given' | 'template'>,
): Promise<string | null> {
  if (isNew(stack) || Object.keys(given.tag).length === 0) return null;
  return tagObstacle({
    name: given.name,
    before: stack.tags,
    given: given.tag,
    resources: await resourcesOf(account, stack.id),
    deployed: deployedTemplate(await templateTextOf(account, stack.id)),
    template,
    parameters: effectiveParameters(template, given.parameter, inForceOn(stack)),
  });
}

/** Says what the stack will cost and which quotas it would hit. Throws when it is too expensive. */
async function preflight({ given, template, account, stack }: Deployment): Promise<void> {
  const parameters = effectiveParameters(template, given.parameter, inForceOn(stack));
  const shape = shapeOf(template, parameters);
  const quotas = await accountQuotas(account);
  if (quotas.note !== null && !given.quiet) print(quotas.note);
  for (const warning of stackQuotaWarnings(shape, account.region, quotas)) note(`warning: ${warning}`);
  const prices = pricesOf(readPrices(), account.region);
  const cost = idleCostPerHour(shape, prices);
  if (!given.quiet) print(idleCostLine(cost, account));
  assertAffordable(
    { usd: cost.total, prices },
    given.maxCost,
    `an hour of ${given.name}, idle, would cost about`,
  );
}

/** Shows the change and gets consent. False, with the change set deleted, where there is nothing to do. */
async function agreed(deployment: Deployment, changeSet: ChangeSet): Promise<boolean> {
  const { account, interruption } = deployment;
  try {
    const wait = { clock: systemClock, signal: interruption.signal };
    const diff = await changesOf(account, changeSet, wait);
    if (diff !== null) {
      show(deployment, diff);
      await consent(deployment, diff);
      stopIfInterrupted(interruption);
      return true;
    }
  } catch (error) {
    await discard(deployment, changeSet);
    stopIfInterrupted(interruption);
    throw error;
  }
  await discard(deployment, changeSet);
  return false;
}

/** What could not be cleaned away is said, with the way to do it by hand. */
async function discard({ account, given }: Deployment, changeSet: ChangeSet): Promise<void> {
  try {
    await discardChangeSet(account, changeSet, systemClock);
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    note(
      `warning: the change set ${changeSet.id} of ${given.name} could not be deleted: ${error.message}; delete it with 'aws cloudformation delete-change-set --change-set-name ${changeSet.id}'`,
    );
  }
}

function show({ given, template, stack }: Deployment, diff: readonly ResourceDiff[]): void {
  if (given.quiet) return;
  const before = inForceOn(stack);
  const after = effectiveParameters(template, given.parameter, before);
  const shown = (values: ParameterValues) => shownParameters(template, values);
  print(`${isNew(stack) ? 'creates' : 'changes'} ${given.name}: ${diffSummary(diff)}`);
  for (const line of diffLines(diff, parameterDiff(shown(before), shown(after)))) print(line);
}

/** Throws unless the change may go ahead. Off a terminal it may, unless it loses resources. */
async function consent({ given, interruption }: Deployment, diff: readonly ResourceDiff[]): Promise<void> {
  if (given.yes) return;
  if (isInteractive()) {
    if (await confirmed(`deploy this to ${given.name}?`, interruption)) return;
    throw new StageError('not deployed: nothing was changed');
  }
  const lost = destructive(diff).map(({ logicalId }) => logicalId);
  if (lost.length === 0) return;
  throw new StageError(
    `${lost.join(', ')} would be removed or replaced, with what they hold: say --yes to do that without a terminal`,
  );
}

async function execute(deployment: Deployment, changeSet: ChangeSet): Promise<number> {
  const { account, given, interruption } = deployment;
  const events = new EventReader(eventPages(account, changeSet.stackId));
  try {
    await events.skipPast();
    await executeChangeSet(account, changeSet);
  } catch (error) {
    await discard(deployment, changeSet);
    throw error;
  }
  try {
    const end = await followOperation({
      events,
      clock: systemClock,
      isLocal: account.isLocal,
      signal: interruption.signal,
      onEvent: given.quiet ? () => {} : sayEvent,
    });
    return await conclude(deployment, changeSet, end);
  } catch (error) {
    const goesOn = `AWS goes on with ${given.name}; look with '${commandLine('status', given)}'`;
    if (interruption.signal.aborted) throw new Interrupted(`interrupted: ${goesOn}`);
    throw error instanceof LostSightError ? new StageError(`${error.message}; ${goesOn}`) : error;
  }
}

async function conclude(
  { account, given }: Deployment,
  { stackId }: ChangeSet,
  { status, failures }: OperationEnd,
): Promise<number> {
  const stack = await findStack(account, stackId);
  if (stack === null || status === null) throw new StageError(`${given.name} is gone: somebody deleted it`);
  if (!isGood(status)) {
    for (const { logicalId, type, reason } of failures) note(`error: ${logicalId} (${type}): ${reason}`);
    throw new StageError(`not deployed: ${afterFailure(given.name, status)}`);
  }
  print(`${given.name} is ${status}`);
  for (const line of pairLines(ownOutputs(stack))) print(line);
  if (!given.quiet && isDrivable(stack)) {
    const region = given.region === null ? '' : ` --region ${given.region}`;
    print(`next: npm run bench -- --stage ${given.name}${region}`);
  }
  return EXIT.ok;
}

/** A command to type next. */
function commandLine(script: string, { name, region }: StageUpArguments): string {
  return `npm run ${script} -- --name ${name}${region === null ? '' : ` --region ${region}`}`;
}

/** Whether the stack says where it can be driven. */
function isDrivable({ outputs }: StackDescription): boolean {
  return Object.values(outputs).some((value) => /^wss?:\/\//.test(value));
}
