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
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
  type Parameter,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../bench/ports.ts';
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
    Capabilities: ['CAPABILITY_IAM'],
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  });
  try {
    const sending = account.cloudFormation.send(command);
    const { Id, StackId } = await account.call('cloudformation:CreateChangeSet', sending);
    return { id: Id ?? '', stackId: StackId ?? '', type: request.type };
  } catch (error) {
    if (error instanceof StageError && NO_CHANGES.test(error.message)) return null;
    throw error;
  }
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
      throw new StageError(`AWS refuses the change: ${page.StatusReason ?? 'it gives no reason'}`);
    }
    await pause({ ...wait, isLocal: account.isLocal });
  }
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

/** Deletes a change set that was not executed, and the empty stack that held it. */
export async function discardChangeSet(account: Account, { id, stackId, type }: ChangeSet): Promise<void> {
  const deletion = new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId });
  await account.call('cloudformation:DeleteChangeSet', account.cloudFormation.send(deletion));
  if (type === 'UPDATE') return;
  const stack = await findStack(account, stackId);
  if (stack?.status !== IN_REVIEW || (await waitingChangeSets(account, stackId)).foreign.length > 0) return;
  const removal = new DeleteStackCommand({ StackName: stackId });
  await account.call('cloudformation:DeleteStack', account.cloudFormation.send(removal));
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
