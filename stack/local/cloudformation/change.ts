/**
 * The difference between a stack as it is and as a template would have it, resource by resource. Both are resolved, so a
 * change is exact: what AWS calls a dynamic evaluation, and shows as `Conditional`, is already decided here.
 */

import type { OperationEvent, Change as SdkChange } from '@aws-sdk/client-cloudformation';
import { changedProperties, customName, isCreateOnly } from '../../template/types.ts';
import type { ResolvedResource, ResolvedStack } from '../../template/value.ts';
import type { Provisioner } from './provisioner.ts';

export type Change =
  | { readonly action: 'Add'; readonly after: ResolvedResource }
  | { readonly action: 'Remove'; readonly before: ResolvedResource }
  | {
      readonly action: 'Modify';
      readonly before: ResolvedResource;
      readonly after: ResolvedResource;
      /** Properties that differ, by name; empty when only a policy of the resource does. */
      readonly properties: readonly string[];
      /** Whether another resource takes its place. */
      readonly replaced: boolean;
    };

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

/** A change as DescribeChangeSet shows it, with the values of properties if they are asked for. */
export function shownChange(change: Change, withValues: boolean): SdkChange {
  const resource = change.action === 'Remove' ? change.before : change.after;
  const known = change.action === 'Add' ? undefined : change.before.physicalId;
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: change.action,
      LogicalResourceId: resource.logicalId,
      ...(known === undefined ? {} : { PhysicalResourceId: known }),
      ResourceType: resource.type,
      ...(change.action === 'Modify' ? modification(change, withValues) : { Scope: [], Details: [] }),
      ...(change.action === 'Add' || !withValues ? {} : { BeforeContext: contextOf(change.before) }),
      ...(change.action === 'Remove' || !withValues ? {} : { AfterContext: contextOf(change.after) }),
    },
  };
}

function contextOf({ properties }: ResolvedResource): string {
  return JSON.stringify({ Properties: properties });
}

function modification(
  { before, after, properties, replaced }: Change & { action: 'Modify' },
  withValues: boolean,
) {
  return {
    Replacement: replaced ? ('True' as const) : ('False' as const),
    Scope: [...new Set(properties.map((name) => (name === 'Tags' ? name : ('Properties' as const))))],
    Details: properties.map((name) => ({
      Target: {
        // Tags are an attribute of their own, wherever they come from.
        ...(name === 'Tags'
          ? { Attribute: 'Tags' as const }
          : { Attribute: 'Properties' as const, Name: name, Path: `/Properties/${name}` }),
        RequiresRecreation: isCreateOnly(after.type, name) ? ('Always' as const) : ('Never' as const),
        ...(withValues ? valueShown('BeforeValue', before.properties[name]) : {}),
        ...(withValues ? valueShown('AfterValue', after.properties[name]) : {}),
      },
      Evaluation: 'Static' as const,
      ChangeSource: 'DirectModification' as const,
    })),
  };
}

function valueShown(name: 'BeforeValue' | 'AfterValue', value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  return { [name]: typeof value === 'string' ? value : JSON.stringify(value) };
}

// What CloudFormation checks before anything is made, and tells in the events of the change set's own operation: here,
// whether a name that the template gives is taken.
// Source: CloudFormation User Guide, "Validate stack deployments"; texts as users of rain and the AWS CDK reported them.

/** The reason of a change set that failed so. It says only where to look. */
export const EARLY_VALIDATION_FAILED =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';

/** One event for each resource whose name is taken. */
export function nameConflicts(changes: readonly Change[], account: Provisioner): OperationEvent[] {
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
