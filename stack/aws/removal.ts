/**
 * Deleting a stack, and the proof that nothing of it is left: AWS is asked again afterwards, by name and by id, and what
 * it kept or could not delete is named.
 */
import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { mappingOf } from '../template/known.ts';
import { API } from '../template/resources/api.ts';
import { FUNCTION } from '../template/resources/function.ts';
import { STAGE } from '../template/resources/stage.ts';
import type { Account } from './account.ts';
import {
  findStack,
  isRemovable,
  resourcesOf,
  type StackDescription,
  type StackResourceState,
} from './stack-description.ts';
import {
  EventReader,
  eventPages,
  followOperation,
  type OperationEnd,
  type OperationOptions,
  until,
  type Waiting,
} from './stack-operation.ts';
import { orNull, UnknownStackError } from './stage-error.ts';
import type { Template } from './template.ts';

export interface Remains {
  /** Whether AWS says that there is no stack of the name any more. */
  readonly isGone: boolean;
  /** What AWS says of the stack's id: `DELETE_COMPLETE`, or null where it no longer knows it. */
  readonly status: string | null;
  /** Resources that AWS lists as deleted; null where it lists none at all. */
  readonly deleted: number | null;
  /** Kept on purpose: `DeletionPolicy: Retain`. */
  readonly kept: readonly StackResourceState[];
  /** Neither deleted nor kept on purpose. */
  readonly left: readonly StackResourceState[];
}

/**
 * Deletes a stack and waits for the end of that, which a failure is too. One that was never deployed goes without events,
 * and the last event of one that was going already may have been before the first look.
 */
export async function followDeletion(
  account: Account,
  { name, id }: StackDescription,
  watched: Pick<OperationOptions, 'clock' | 'signal' | 'onEvent'>,
): Promise<OperationEnd> {
  const events = new EventReader(eventPages(account, id));
  await events.skipPast();
  await account.cloudFormation.send(new DeleteStackCommand({ StackName: id }));
  const isOver = async () => {
    const found = await findStack(account, name);
    return found === null || found.id !== id;
  };
  return followOperation({ ...watched, events, ends: 'DELETE', isOver, isLocal: account.isLocal });
}

/** The stack when AWS is done with what it is at, which no deletion may interrupt; null where there is none. */
export function quietStack(
  account: Account,
  nameOrId: string,
  wait: Omit<Waiting, 'isLocal'>,
): Promise<StackDescription | null> {
  return until({ ...wait, isLocal: account.isLocal }, async () => {
    const stack = await findStack(account, nameOrId);
    return stack === null || isRemovable(stack.status) ? stack : undefined;
  });
}

/** States of resources that a deleted stack does not leave behind against its template's will; what was never created is not there. */
const ENDED_WELL: ReadonlySet<string> = new Set(['DELETE_COMPLETE', 'DELETE_SKIPPED', 'CREATE_FAILED']);

/** Asks AWS what is left of a stack. */
export async function remainsOf(account: Account, name: string, stackId: string): Promise<Remains> {
  const byName = await findStack(account, name);
  const byId = await findStack(account, stackId);
  const listed = await orNull(resourcesOf(account, stackId), UnknownStackError);
  const resources = listed?.length === 0 ? null : listed;
  const isIn = (status: string) => (resource: StackResourceState) => resource.status === status;
  return {
    isGone: byName === null || byName.id !== stackId,
    status: byId?.status ?? null,
    deleted: resources === null ? null : resources.filter(isIn('DELETE_COMPLETE')).length,
    kept: (resources ?? []).filter(isIn('DELETE_SKIPPED')),
    left: (resources ?? []).filter(({ status }) => !ENDED_WELL.has(status)),
  };
}

/**
 * Log groups that services make on their own when a template names none, and that no stack deletes: one per function
 * without `LoggingConfig.LogGroup`, one per API stage with execution logs.
 */
export function logGroupsLeftBehind(template: Template, resources: readonly StackResourceState[]): string[] {
  return resources.flatMap(({ logicalId, physicalId, type }) => {
    const properties = mappingOf(mappingOf(template.resources[logicalId]).Properties);
    if (type === FUNCTION.type) {
      const isNamed = mappingOf(properties.LoggingConfig).LogGroup !== undefined;
      return isNamed ? [] : [`/aws/lambda/${physicalId}`];
    }
    if (type !== STAGE.type) return [];
    const level = mappingOf(properties.DefaultRouteSettings).LoggingLevel;
    const api = resources.find((resource) => resource.type === API.type);
    // YAML 1.1 reads an unquoted OFF as false.
    const isOff = level === undefined || level === 'OFF' || level === false;
    return isOff ? [] : [`API-Gateway-Execution-Logs_${api?.physicalId ?? '…'}/${physicalId}`];
  });
}

/** A resource that outlives its stack, by its names. */
export function leftoverText({ logicalId, type, physicalId }: StackResourceState): string {
  return `${logicalId} (${type}) ${physicalId}`;
}
