/**
 * A change set: what CloudFormation would do, worked out by AWS before anything is done. One that is not executed is
 * deleted, and so is the empty stack that AWS makes to hold the first change set of a new name.
 */
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  type OperationEvent,
  paginateDescribeChangeSet,
  paginateDescribeEvents,
  paginateListChangeSets,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../bench/ports.ts';
import type { Capability } from '../template/known.ts';
import type { Account } from './account.ts';
import { diffOf, type ResourceDiff } from './change-diff.ts';
import { allOf } from './clients.ts';
import { findStack, IN_REVIEW } from './stack-description.ts';
import { until, type Waiting } from './stack-operation.ts';
import { orNull, StageError } from './stage-error.ts';

export interface ChangeSetRequest {
  readonly stackName: string;
  /** `CREATE` for a name that has no stack, or one that is in review. */
  readonly type: 'CREATE' | 'UPDATE';
  readonly templateText: string;
  readonly given: Readonly<Record<string, string>>;
  /** Names of the template's parameters that keep the value in force. */
  readonly kept: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly Capability[];
}

export interface ChangeSet {
  readonly id: string;
  readonly stackId: string;
  /** Whether the stack was in review when the change set was made, or made for it. */
  readonly type: ChangeSetRequest['type'];
}

/** Change sets of this tool are named so, which tells whose a stack is before it has a mark. */
const CHANGE_SET_PREFIX = 'bench-';

/** A change set of a thousand resources is worked out in less. */
const DISCARD_MS = 120_000;

/** How AWS says that there is nothing to do; it calls the change set failed then. */
const NO_CHANGES = /didn.t contain changes|No updates are to be performed/i;

/** Starts a change set; null where AWS says at once that there is nothing to do. `clock` names it. */
export async function createChangeSet(
  account: Account,
  request: ChangeSetRequest,
  clock: Clock,
): Promise<ChangeSet | null> {
  const name = `${CHANGE_SET_PREFIX}${Math.floor(clock.epochAt(clock.now()))}`;
  const command = new CreateChangeSetCommand({
    StackName: request.stackName,
    ChangeSetName: name,
    // Makes a retry after a lost answer find the change set that the first attempt made.
    ClientToken: name,
    ChangeSetType: request.type,
    TemplateBody: request.templateText,
    Parameters: [
      ...Object.entries(request.given).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      ...request.kept.map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })),
    ],
    Capabilities: [...request.capabilities],
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  });
  try {
    const { Id, StackId } = await account.cloudFormation.send(command);
    return { id: Id ?? '', stackId: StackId ?? '', type: request.type };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    if (NO_CHANGES.test(error.message)) return null;
    // Where the answer was lost, the change set may be there all the same.
    const lost = { id: name, stackId: request.stackName, type: request.type };
    if (!error.isRefusal) await discardChangeSet(account, lost, clock).catch(() => null);
    throw error;
  }
}

/** Waits until AWS has worked the change set out. Returns its diff, or null where there is nothing to do. */
export function changesOf(
  account: Account,
  changeSet: ChangeSet,
  wait: Omit<Waiting, 'isLocal'>,
): Promise<ResourceDiff[] | null> {
  const { cloudFormation: client, isLocal } = account;
  const asked = { ChangeSetName: changeSet.id, StackName: changeSet.stackId };
  return until({ ...wait, isLocal }, async () => {
    const { Status, StatusReason } = await client.send(new DescribeChangeSetCommand(asked));
    if (Status === 'CREATE_COMPLETE') {
      const pages = paginateDescribeChangeSet({ client }, { ...asked, IncludePropertyValues: true });
      return diffOf(await allOf(pages, ({ Changes }) => Changes));
    }
    if (Status !== 'FAILED') return undefined;
    if (NO_CHANGES.test(StatusReason ?? '')) return null;
    throw new StageError(await refusalOf(account, changeSet, StatusReason));
  });
}

/** AWS's reason, and what its early validation found, which the reason only points to. */
async function refusalOf(
  account: Account,
  changeSet: ChangeSet,
  reason: string | undefined,
): Promise<string> {
  const found = await failedValidations(account, changeSet);
  const details = found.map(
    ({ LogicalResourceId, ResourceType, ValidationPath, ValidationStatusReason, HookStatusReason }) =>
      `${LogicalResourceId ?? ValidationPath ?? 'the template'} (${ResourceType ?? 'no resource'}): ${ValidationStatusReason ?? HookStatusReason}`,
  );
  return `AWS refuses the change: ${details.join('; ') || (reason ?? 'it gives no reason')}`;
}

/** Events of the operation that say what failed; none where AWS does not show them, which only the message suffers from. */
async function failedValidations(
  { cloudFormation: client }: Account,
  { id }: ChangeSet,
): Promise<OperationEvent[]> {
  const pages = paginateDescribeEvents({ client }, { ChangeSetName: id, Filters: { FailedEvents: true } });
  const found = await orNull(allOf(pages, ({ OperationEvents }) => OperationEvents));
  return (found ?? []).filter(
    ({ ValidationStatusReason, HookStatusReason }) =>
      (ValidationStatusReason ?? HookStatusReason) !== undefined,
  );
}

/** Starts what the change set says. */
export async function executeChangeSet(account: Account, { id, stackId }: ChangeSet): Promise<void> {
  const command = new ExecuteChangeSetCommand({ ChangeSetName: id, StackName: stackId });
  await account.cloudFormation.send(command);
}

/**
 * Deletes a change set that was not executed. An empty stack that holds nothing but change sets of this tool goes as a
 * whole, which leaves nothing half-way.
 */
export async function discardChangeSet(
  account: Account,
  { id, stackId, type }: ChangeSet,
  clock: Clock,
): Promise<void> {
  const stack = type === 'CREATE' ? await findStack(account, stackId) : null;
  if (stack?.status === IN_REVIEW && (await waitingChangeSets(account, stack.id)).foreign.length === 0) {
    await account.cloudFormation.send(new DeleteStackCommand({ StackName: stack.id }));
    return;
  }
  let refusal: StageError | null = null;
  const signal = AbortSignal.timeout(DISCARD_MS);
  // AWS deletes no change set that it is still making.
  await until({ clock, signal, isLocal: account.isLocal }, async () => {
    const deletion = new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId });
    refusal = await account.cloudFormation.send(deletion).then(() => null, beingMade);
    return refusal === null ? true : undefined;
  }).catch((error: unknown) => {
    throw refusal ?? error;
  });
}

function beingMade(error: unknown): StageError {
  if (error instanceof StageError && /IN_PROGRESS|CREATE_PENDING/.test(error.message)) return error;
  throw error;
}

/** Names of the change sets of a stack: those that this tool made, and others. */
export interface WaitingChangeSets {
  readonly own: readonly string[];
  readonly foreign: readonly string[];
}

/** The change sets that wait on a stack. */
export async function waitingChangeSets(
  { cloudFormation: client }: Account,
  StackName: string,
): Promise<WaitingChangeSets> {
  const summaries = await allOf(paginateListChangeSets({ client }, { StackName }), (page) => page.Summaries);
  const names = summaries.flatMap(({ ChangeSetName }) => ChangeSetName || []);
  const isOwn = (name: string) => name.startsWith(CHANGE_SET_PREFIX);
  return { own: names.filter(isOwn), foreign: names.filter((name) => !isOwn(name)) };
}
