/** `bench stage down`: deletes a stack that this tool made, and proves that nothing of it is left but what its template keeps. */
import { type Account, openAccountFor } from '../../stack/aws/account.ts';
import { ownershipObstacle } from '../../stack/aws/ownership.ts';
import {
  followDeletion,
  leftoverText,
  logGroupsLeftBehind,
  quietStack,
  type Remains,
  remainsOf,
} from '../../stack/aws/removal.ts';
import {
  DELETED,
  findStack,
  isRemovable,
  resourcesOf,
  type StackDescription,
  type StackResourceState,
  templateTextOf,
} from '../../stack/aws/stack-description.ts';
import { LostSightError, type OperationEnd } from '../../stack/aws/stack-operation.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import { deployedTemplate } from '../../stack/aws/template.ts';
import { assertNone, Interrupted } from '../model/failure.ts';
import { systemClock } from '../node/clock.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { DURATION, flagOr, type Given, toggle, type Values } from './flags.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import { EXISTING_STACK, QUIET, regionProblems } from './stage-flags.ts';
import { confirmed, identityLine, isInteractive, sayEvent } from './stage-terminal.ts';

export const STAGE_DOWN_FLAGS = {
  ...EXISTING_STACK,
  yes: toggle('do not ask'),
  wait: flagOr(
    '0s',
    DURATION,
    'how long to wait for what AWS is doing to the stack, such as 15m; a stack that it is at work on is refused after that',
  ),
  quiet: QUIET,
};

type StageDownArguments = Values<typeof STAGE_DOWN_FLAGS>;

/**
 * Deletes, and answers the exit code: 1 where resources outlive the stack that the template does not keep. A stack that is
 * gone already is no error.
 */
export async function stageDownCommand({
  flags,
  problems,
}: Pick<Given<typeof STAGE_DOWN_FLAGS>, 'flags' | 'problems'>): Promise<number> {
  assertNone([...problems, ...regionProblems(flags)]);
  const interruption = listenForInterruption(null);
  try {
    return await down(flags, interruption);
  } finally {
    interruption.dispose();
  }
}

async function down(given: StageDownArguments, interruption: Interruption): Promise<number> {
  const { account, identity } = await openAccountFor(given.name, given.region);
  if (!given.quiet) print(identityLine(identity));
  const stack = await foundStack(account, given, interruption);
  if (stack === null || stack.status === DELETED) {
    print(
      `there is no stack ${given.name} in region ${identity.region} of account ${identity.account}: nothing to do`,
    );
    return EXIT.ok;
  }
  await assertRemovable(account, stack);
  const resources = await resourcesOf(account, stack.id);
  const logGroups = await logGroupsOf(account, stack, resources);
  await consent(given, resources, interruption);
  const end = await remove(given, account, stack, interruption);
  const remains = await remainsOf(account, stack.name, stack.id);
  return conclude(stack, end, remains, logGroups);
}

async function foundStack(
  account: Account,
  { name, wait: waitMs }: StageDownArguments,
  { signal }: Interruption,
): Promise<StackDescription | null> {
  const timeout = AbortSignal.timeout(waitMs);
  try {
    return await quietStack(account, name, {
      clock: systemClock,
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    if (signal.aborted) throw new Interrupted('interrupted: nothing was deleted');
    // What AWS is still at is said when the stack is looked at.
    if (timeout.aborted) return findStack(account, name);
    throw error;
  }
}

async function assertRemovable(account: Account, stack: StackDescription): Promise<void> {
  const remedy = `delete it with 'aws cloudformation delete-stack --stack-name ${stack.name}' if you mean it`;
  const obstacle = await ownershipObstacle(account, stack, remedy);
  if (obstacle !== null) throw new StageError(obstacle);
  if (!isRemovable(stack.status)) {
    throw new StageError(
      `${stack.name} is ${stack.status}: AWS is still at work on it; try again when it is done, or let this wait with --wait 15m`,
    );
  }
}

async function logGroupsOf(
  account: Account,
  { id }: StackDescription,
  resources: readonly StackResourceState[],
): Promise<string[]> {
  const template = deployedTemplate(await templateTextOf(account, id));
  return template === null ? [] : logGroupsLeftBehind(template, resources);
}

/** Off a terminal the command itself is the consent: it names the stack, and touches only stacks of this tool. */
async function consent(
  { name, yes }: StageDownArguments,
  resources: readonly StackResourceState[],
  interruption: Interruption,
): Promise<void> {
  if (yes || !isInteractive()) return;
  const isSure = await confirmed(`delete ${name} and its ${resources.length} resources?`, interruption).catch(
    (error: unknown) => {
      if (interruption.signal.aborted) throw new Interrupted('interrupted: nothing was deleted');
      throw error;
    },
  );
  if (!isSure) throw new StageError('not deleted: nothing was changed');
}

async function remove(
  { name, quiet }: StageDownArguments,
  account: Account,
  stack: StackDescription,
  { signal }: Interruption,
): Promise<OperationEnd> {
  if (signal.aborted) throw new Interrupted('interrupted: nothing was deleted');
  const watched = { clock: systemClock, signal, onEvent: quiet ? () => {} : sayEvent };
  return followDeletion(account, stack, watched).catch((error: unknown) => {
    const goesOn = `AWS goes on deleting ${name}; look with 'npm run status -- --name ${name}'`;
    if (signal.aborted) throw new Interrupted(`interrupted: ${goesOn}`);
    throw error instanceof LostSightError ? new StageError(`${error.message}; ${goesOn}`) : error;
  });
}

/** Says what became of it, and answers the exit code. */
export function conclude(
  { name, id }: StackDescription,
  { status, failures }: OperationEnd,
  { isGone, status: statusNow, deleted, kept, left }: Remains,
  logGroups: readonly string[],
): number {
  for (const { logicalId, type, reason } of failures) note(`error: ${logicalId} (${type}): ${reason}`);
  for (const resource of left) note(`error: ${leftoverText(resource)} is still there (${resource.status})`);
  if (status === 'DELETE_FAILED' || !isGone)
    throw new StageError(
      `${name} is not deleted (${statusNow ?? status}): remove what the reasons name, then run this again`,
    );
  const number = deleted === null ? 'AWS lists no resources of it any more' : `${deleted} resources deleted`;
  print(`${name} is gone: no stack has the name, ${id} is ${statusNow ?? 'not known any more'}; ${number}`);
  for (const resource of kept)
    print(`kept, as the template's DeletionPolicy says: ${leftoverText(resource)}`);
  for (const group of logGroups)
    print(
      `may remain, as no stack owns it: log group ${group}; delete it with 'aws logs delete-log-group --log-group-name ${group}'`,
    );
  return left.length === 0 ? EXIT.ok : EXIT.operation;
}
