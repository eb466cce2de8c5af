/** A change set: a version that a stack could take, and what it would change, kept until it is executed or deleted. */
import type {
  ChangeSetStatus,
  ChangeSetType,
  ExecutionStatus,
  OperationEvent,
  Change as SdkChange,
} from '@aws-sdk/client-cloudformation';
import type { ResolvedResource } from '../../template/resolved.ts';
import { isCreateOnly } from '../../template/types.ts';
import type { Change } from './change.ts';
import type { StackSettings, StackVersion } from './stack-version.ts';

export interface ChangeSet {
  readonly name: string;
  readonly id: string;
  readonly type: ChangeSetType;
  readonly createdAt: Date;
  readonly description: string | undefined;
  /** Null when the template could not be resolved, or nothing would change. */
  readonly version: StackVersion | null;
  readonly settings: StackSettings;
  readonly changes: readonly Change[];
  readonly status: ChangeSetStatus;
  readonly statusReason: string | undefined;
  executionStatus: ExecutionStatus;
  /** UTC milliseconds at which it is worked out: before, it says nothing of what it found. */
  readonly readyAtMs: number;
  /** What early validation found. */
  readonly events: readonly OperationEvent[];
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
