/**
 * A change set: what CloudFormation would do, worked out by AWS before anything is done. One that is not executed is
 * deleted, and so is the empty stack that AWS makes to hold the first change set of a new name.
 */
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetOutput,
  DescribeEventsCommand,
  type DescribeEventsOutput,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
  type OperationEvent,
  type Parameter,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../bench/ports.ts';
import type { Capability } from '../template/capabilities.ts';
import type { Account } from './account.ts';
import { diffOf, type ResourceDiff } from './change-diff.ts';
import { findStack } from './stack-description.ts';
import { pause } from './stack-operation.ts';
import { IN_REVIEW } from './stack-status.ts';
import { StageError } from './stage-error.ts';

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

export interface WaitOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
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
  const parameters: Parameter[] = [
    ...Object.entries(request.given).map(([key, value]) => ({ ParameterKey: key, ParameterValue: value })),
    ...request.kept.map((key) => ({ ParameterKey: key, UsePreviousValue: true })),
  ];
  const name = `${CHANGE_SET_PREFIX}${Math.floor(clock.epochAt(clock.now()))}`;
  const command = new CreateChangeSetCommand({
    StackName: request.stackName,
    ChangeSetName: name,
    // Makes a retry after a lost answer find the change set that the first attempt made.
    ClientToken: name,
    ChangeSetType: request.type,
    TemplateBody: request.templateText,
    Parameters: parameters,
    Capabilities: [...request.capabilities],
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  });
  let isRefused = false;
  const sending = account.cloudFormation.send(command).catch((error: unknown) => {
    isRefused = isRefusal(error);
    throw error;
  });
  try {
    const { Id, StackId } = await account.call('cloudformation:CreateChangeSet', sending);
    return { id: Id ?? '', stackId: StackId ?? '', type: request.type };
  } catch (error) {
    if (error instanceof StageError && NO_CHANGES.test(error.message)) return null;
    // Where the answer was lost, the change set may be there all the same.
    const lost = { id: name, stackId: request.stackName, type: request.type };
    if (!isRefused) await discardChangeSet(account, lost, clock).catch(() => null);
    throw error;
  }
}

/** Whether AWS answered, and said no. */
function isRefusal(error: unknown): boolean {
  const { httpStatusCode = 0 } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
  return httpStatusCode >= 400 && httpStatusCode < 500;
}

/** Waits until AWS has worked the change set out. Answers its diff, or null where there is nothing to do. */
export async function changesOf(
  account: Account,
  changeSet: ChangeSet,
  wait: WaitOptions,
): Promise<ResourceDiff[] | null> {
  for (;;) {
    wait.signal.throwIfAborted();
    const page = await describe(account, changeSet, undefined);
    if (page.Status === 'CREATE_COMPLETE') return diffOf(await allChanges(account, changeSet, page));
    if (page.Status === 'FAILED') {
      if (NO_CHANGES.test(page.StatusReason ?? '')) return null;
      throw new StageError(await refusalOf(account, changeSet, page.StatusReason));
    }
    await pause({ ...wait, isLocal: account.isLocal });
  }
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
async function failedValidations(account: Account, { id }: ChangeSet): Promise<OperationEvent[]> {
  const found: OperationEvent[] = [];
  let token: string | undefined;
  do {
    const command = new DescribeEventsCommand({
      ChangeSetName: id,
      Filters: { FailedEvents: true },
      NextToken: token,
    });
    const sending = account.cloudFormation.send(command);
    const page = await account.call('cloudformation:DescribeEvents', sending).catch(noneIfRefused);
    found.push(...(page.OperationEvents ?? []));
    token = page.NextToken || undefined;
  } while (token !== undefined);
  return found.filter(
    ({ ValidationStatusReason, HookStatusReason }) =>
      (ValidationStatusReason ?? HookStatusReason) !== undefined,
  );
}

function noneIfRefused(error: unknown): DescribeEventsOutput {
  if (error instanceof StageError) return {};
  throw error;
}

async function allChanges(account: Account, changeSet: ChangeSet, first: DescribeChangeSetOutput) {
  const changes = [...(first.Changes ?? [])];
  for (let token = first.NextToken; token !== undefined && token !== ''; ) {
    const page = await describe(account, changeSet, token);
    changes.push(...(page.Changes ?? []));
    token = page.NextToken;
  }
  return changes;
}

function describe(account: Account, { id, stackId }: ChangeSet, token: string | undefined) {
  const command = new DescribeChangeSetCommand({
    ChangeSetName: id,
    StackName: stackId,
    IncludePropertyValues: true,
    NextToken: token,
  });
  return account.call('cloudformation:DescribeChangeSet', account.cloudFormation.send(command));
}

/** Starts what the change set says. */
export async function executeChangeSet(account: Account, { id, stackId }: ChangeSet): Promise<void> {
  const command = new ExecuteChangeSetCommand({ ChangeSetName: id, StackName: stackId });
  await account.call('cloudformation:ExecuteChangeSet', account.cloudFormation.send(command));
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
    const removal = new DeleteStackCommand({ StackName: stack.id });
    await account.call('cloudformation:DeleteStack', account.cloudFormation.send(removal));
    return;
  }
  const wait = { clock, isLocal: account.isLocal, signal: AbortSignal.timeout(DISCARD_MS) };
  for (;;) {
    const deletion = new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId });
    const sending = account.cloudFormation.send(deletion);
    const refusal = await account.call('cloudformation:DeleteChangeSet', sending).then(() => null, being);
    if (refusal === null) return;
    await pause(wait).catch(() => Promise.reject(refusal));
  }
}

/** AWS deletes no change set that it is still making: that is waited for. Any other refusal is thrown. */
function being(error: unknown): StageError {
  if (error instanceof StageError && /IN_PROGRESS|CREATE_PENDING/.test(error.message)) return error;
  throw error;
}

/** Names of the change sets of a stack: those that this tool made, and others. */
export interface WaitingChangeSets {
  readonly own: readonly string[];
  readonly foreign: readonly string[];
}

/** The change sets that wait on a stack. */
export async function waitingChangeSets(account: Account, stackId: string): Promise<WaitingChangeSets> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const command = new ListChangeSetsCommand({ StackName: stackId, NextToken: token });
    const sending = account.cloudFormation.send(command);
    const { Summaries, NextToken } = await account.call('cloudformation:ListChangeSets', sending);
    names.push(...(Summaries ?? []).flatMap(({ ChangeSetName }) => ChangeSetName || []));
    token = NextToken || undefined;
  } while (token !== undefined);
  const isOwn = (name: string) => name.startsWith(CHANGE_SET_PREFIX);
  return { own: names.filter(isOwn), foreign: names.filter((name) => !isOwn(name)) };
}
