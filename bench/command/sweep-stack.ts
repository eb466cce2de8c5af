/**
 * The stacks of a sweep: deployed and changed by the machinery of `bench stage up`, without its questions, and deleted with
 * proof. A sweep touches only names that had no stack when it began.
 */
import type { Account } from '../../stack/aws/account.ts';
import {
  changesOf,
  createChangeSet,
  discardChangeSet,
  executeChangeSet,
} from '../../stack/aws/change-set.ts';
import { makerOf, markedTemplate, ownershipObstacle, tagsOf } from '../../stack/aws/ownership.ts';
import { followDeletion, leftoverText, quietStack, remainsOf } from '../../stack/aws/removal.ts';
import {
  afterFailure,
  DELETED,
  findStack,
  isGood,
  type StackDescription,
} from '../../stack/aws/stack-description.ts';
import {
  EventReader,
  eventPages,
  followOperation,
  type OperationEnd,
} from '../../stack/aws/stack-operation.ts';
import { StageError } from '../../stack/aws/stage-error.ts';
import { effectiveParameters, keptParameters, type Template } from '../../stack/aws/template.ts';
import { capabilitiesOf } from '../../stack/template/known.ts';
import { systemClock } from '../node/clock.ts';
import { packageVersion } from '../node/machine.ts';

export interface StackOrder {
  readonly account: Account;
  readonly name: string;
  /** ARN of the stack that this sweep made by the name; null where it has none. */
  readonly id: string | null;
  /** Told the ARN as soon as AWS has. */
  readonly known: (id: string) => void;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** Ends the wait; what AWS began goes on. */
  readonly signal: AbortSignal;
}

/** A stack that is being made, changed or deleted for longer than this is stuck: AWS's own limit for most resources is an hour. */
const PATIENCE_MS = 3_600_000;

/** Makes the stack, or changes it to the parameters. Rejects with a StageError when AWS would not. */
export async function deployStack(order: StackOrder): Promise<void> {
  const { account, name, known, template, parameters, signal } = order;
  const stack = await ownStack(order);
  const maker = stack === null ? null : await makerOf(account, stack);
  // A parameter that this cell does not set must not keep what the last one set.
  const given = { ...effectiveParameters(template, {}, {}), ...parameters };
  const request = {
    stackName: stack?.id ?? name,
    type: stack === null ? 'CREATE' : 'UPDATE',
    templateText: markedTemplate(template, maker ?? packageVersion()),
    given,
    kept: keptParameters(template, given, stack?.parameters ?? {}),
    tags: tagsOf(stack, {}),
    capabilities: capabilitiesOf(template.capabilities),
  } as const;
  const changeSet = await createChangeSet(account, request, systemClock);
  if (changeSet === null) return;
  known(changeSet.stackId);
  const wait = { clock: systemClock, signal };
  const events = new EventReader(eventPages(account, changeSet.stackId));
  try {
    if ((await changesOf(account, changeSet, wait)) === null)
      return await discardChangeSet(account, changeSet, systemClock);
    await events.skipPast();
    signal.throwIfAborted();
    await executeChangeSet(account, changeSet);
  } catch (error) {
    await discardChangeSet(account, changeSet, systemClock).catch(() => null);
    throw error;
  }
  const end = await followOperation({ events, ...wait, isLocal: account.isLocal, onEvent: () => {} });
  if (end.status !== null && isGood(end.status)) return;
  throw new StageError(
    `not deployed: ${afterFailure(name, end.status ?? 'gone')} ${reasonsOf(end.failures)}`.trim(),
  );
}

/** The stack that the sweep made by the name, as long as it is there. Throws a StageError where somebody else has the name. */
async function ownStack({
  account,
  name,
  id,
}: Pick<StackOrder, 'account' | 'name' | 'id'>): Promise<StackDescription | null> {
  const stack = id === null ? null : await findStack(account, id);
  if (stack !== null && stack.status !== DELETED) return stack;
  const other = await findStack(account, name);
  if (other === null) return null;
  throw new StageError(
    `there is a stack ${name} that this sweep did not make (${other.id}): it is not changed`,
  );
}

/** A stack of a sweep, as sweep.json has it. */
export interface MadeStack {
  readonly name: string;
  /** Null where the sweep ended before AWS had told it. */
  readonly id: string | null;
  /** ISO 8601: one that is older and has the name is not the sweep's. */
  readonly madeAfter: string;
}

/**
 * Deletes the stack, waiting for what AWS is still at, and proves that it is gone. Answers what outlives it, because the
 * template's DeletionPolicy keeps it. Rejects with a StageError when the stack is not gone, left something else, or is not
 * the sweep's: then it is not touched.
 */
export async function removeStack(account: Account, { name, id, madeAfter }: MadeStack): Promise<string[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const wait = { clock: systemClock, signal, onEvent: () => {} };
  try {
    const stack = await quietStack(account, id ?? name, wait);
    if (stack === null || stack.status === DELETED) return [];
    await assertOwn(account, stack, id === null ? madeAfter : null);
    const { failures } = await followDeletion(account, stack, wait);
    const { isGone, status, left, kept } = await remainsOf(account, name, stack.id);
    if (isGone && left.length === 0) return kept.map(leftoverText);
    const reasons = reasonsOf(failures) || left.map(leftoverText).join(', ') || 'it is still there';
    throw new StageError(
      `stack ${name} is not deleted (${status ?? 'its state is not known'}): ${reasons}; ${remedyFor(name)}`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    const hours = PATIENCE_MS / 3_600_000;
    throw new StageError(
      `stack ${name} is not deleted: AWS was still at work on it after ${hours} h; ${remedyFor(name)}`,
    );
  }
}

/** Throws a StageError unless the stack bears our mark, and was made since the sweep began where only its name is known. */
async function assertOwn(account: Account, stack: StackDescription, madeAfter: string | null): Promise<void> {
  const { name, id, createdAt } = stack;
  const isOlder = madeAfter !== null && Date.parse(createdAt ?? '') < Date.parse(madeAfter);
  const obstacle = await ownershipObstacle(account, stack, 'it is not deleted');
  if (!isOlder && obstacle === null) return;
  throw new StageError(
    obstacle ??
      `there is a stack ${name} that this sweep did not make (${id}, ${createdAt ?? 'of unknown age'}): it is not deleted; go on when it is gone`,
  );
}

function remedyFor(name: string): string {
  return `remove what holds it, then run 'npm run teardown -- --name ${name}'`;
}

function reasonsOf(failures: OperationEnd['failures']): string {
  return failures.map(({ logicalId, type, reason }) => `${logicalId} (${type}): ${reason}`).join('; ');
}
