/**
 * The difference between a stack as it is and as a template would have it, resource by resource. Both are resolved, so a
 * change is exact: what AWS calls a dynamic evaluation, and shows as `Conditional`, is already decided here.
 */

import type { OperationEvent, Tag } from '@aws-sdk/client-cloudformation';
import { changedProperties, customName, isCreateOnly } from '../../template/types.ts';
import type { ResolvedResource, ResolvedStack } from '../../template/value.ts';
import type { Provisioner } from './provisioner.ts';
import type { Change, ChangeSet, Stack, StackSettings, StackVersion } from './stack.ts';

/** Changes in the order in which they are made: additions and modifications as the stack depends, removals at the end. */
export function changesBetween(before: ResolvedStack | null, after: ResolvedStack): Change[] {
  const known = new Map(before?.resources.map((one) => [one.logicalId, one]));
  const made = after.resources.flatMap((resource) => changeOf(known.get(resource.logicalId), resource));
  const kept = new Set(after.resources.map(({ logicalId, type }) => `${type} ${logicalId}`));
  const removed = [...known.values()].filter(({ logicalId, type }) => !kept.has(`${type} ${logicalId}`));
  return [...made, ...removed.reverse().map((resource): Change => ({ action: 'Remove', before: resource }))];
}

function changeOf(before: ResolvedResource | undefined, after: ResolvedResource): Change[] {
  if (before === undefined || before.type !== after.type) return [{ action: 'Add', after }];
  const properties = changedProperties(before.properties, after.properties);
  const replaced = properties.some((name) => isCreateOnly(after.type, name));
  if (properties.length === 0 && before.physicalId === after.physicalId) return [];
  return [{ action: 'Modify', before, after, properties, replaced }];
}

// What CloudFormation checks before anything is made, and tells in the events of the change set's own operation: here,
// whether a name that the template gives is taken.
// Source: CloudFormation User Guide, "Validate stack deployments"; texts as users of rain and the AWS CDK reported them.

/** The reason of a change set that failed so. It says only where to look. */
const EARLY_VALIDATION_FAILED =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';

/** One event for each resource whose name is taken. */
function nameConflicts(changes: readonly Change[], account: Provisioner): OperationEvent[] {
  return changes.flatMap((change): OperationEvent[] => {
    if (change.action === 'Remove' || (change.action === 'Modify' && !change.replaced)) return [];
    const { type, logicalId, physicalId, properties } = change.after;
    const name = customName(type, properties);
    const isSame = change.action === 'Modify' && customName(type, change.before.properties) === name;
    if (name === undefined || isSame || !account.exists(change.after)) return [];
    return [
      {
        EventType: 'VALIDATION_ERROR',
        LogicalResourceId: logicalId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        ValidationName: 'NAME_CONFLICT_VALIDATION',
        ValidationStatus: 'FAILED',
        ValidationFailureMode: 'FAIL',
        ValidationPath: `/Resources/${logicalId}`,
        ValidationStatusReason: `Resource of type '${type}' with identifier '${String(name)}' already exists.`,
      },
    ];
  });
}

const UNCHANGED =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** What a change set finds out: what it would change, or why it can't be executed. */
export function workedOut(
  stack: Stack,
  { type, version, settings }: Pick<ChangeSet, 'type' | 'settings'> & { readonly version: StackVersion },
  account: Provisioner,
): Pick<ChangeSet, 'version' | 'changes' | 'events' | 'status' | 'statusReason' | 'executionStatus'> {
  const isEmpty = type === 'UPDATE' && !differs(stack, version, settings);
  const changes = changesBetween(stack.version?.resolved ?? null, version.resolved);
  const events = isEmpty ? [] : nameConflicts(changes, account);
  const statusReason = isEmpty ? UNCHANGED : events.length > 0 ? EARLY_VALIDATION_FAILED : undefined;
  const isGood = statusReason === undefined;
  return {
    version: isEmpty ? null : version,
    changes,
    events,
    status: isGood ? 'CREATE_COMPLETE' : 'FAILED',
    statusReason,
    executionStatus: isGood ? 'AVAILABLE' : 'UNAVAILABLE',
  };
}

/** Whether the version would change the stack: its resources, its outputs or its tags. */
export function differs(stack: Stack, version: StackVersion, settings: StackSettings): boolean {
  const before = stack.version?.resolved ?? null;
  if (before === null || changesBetween(before, version.resolved).length > 0) return true;
  const outputs = ({ outputs, exports = {} }: ResolvedStack) =>
    JSON.stringify([outputs, exports].map((names) => Object.entries(names).sort()));
  if (outputs(before) !== outputs(version.resolved)) return true;
  const tags = (list: readonly Tag[]) => JSON.stringify(list.map(({ Key, Value }) => [Key, Value]).sort());
  return tags(stack.settings.tags) !== tags(settings.tags);
}
