/** Stacks, their resources, change sets and changes as CloudFormation describes them. */
import type {
  Capability,
  DescribeChangeSetOutput,
  OperationEvent,
  Change as SdkChange,
  Stack as SdkStack,
  StackResource as SdkStackResource,
  StackResourceDetail,
  StackResourceSummary,
  StackSummary,
  Tag,
} from '@aws-sdk/client-cloudformation';
import { isCreateOnly } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';
import type { Change, ChangeSet, Stack, StackResource } from './stack.ts';

/** A stack. `reachable` turns public addresses in outputs into local ones; `tags` come after the stack's own. */
export function shownStack(
  stack: Stack,
  reachable: (value: string) => string,
  tags: readonly Tag[],
): SdkStack {
  const resolved = stack.version?.resolved;
  const outputs = Object.entries(resolved?.outputs ?? {}).map(([OutputKey, value]) => ({
    OutputKey,
    OutputValue: reachable(value),
    Description: resolved?.outputDescriptions[OutputKey],
    ExportName: resolved?.exports?.[OutputKey],
  }));
  const parameters = Object.entries(resolved?.parameters ?? {}).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: stack.version?.resolved.description,
    Parameters: parameters,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.updatedAt,
    DeletionTime: stack.deletedAt,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.settings.disableRollback,
    NotificationARNs: [],
    Capabilities: stack.settings.capabilities as Capability[],
    // AWS leaves them out while there are none, and clients tell "none" from "not yet" by it.
    Outputs: outputs.length === 0 || stack.isBusy ? undefined : outputs,
    Tags: [...stack.settings.tags, ...tags],
    EnableTerminationProtection: false,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

export function summaryOf(stack: Stack): StackSummary {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.version?.resolved.description,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.updatedAt,
    DeletionTime: stack.deletedAt,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
  };
}

export function resourceOf(stack: Stack, { resource, status, reason, at }: StackResource) {
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    Timestamp: at,
    ResourceStatus: status,
    ResourceStatusReason: reason,
  } satisfies SdkStackResource;
}

/** As it is listed: without its stack. */
export function summaryOfResource(stack: Stack, state: StackResource): StackResourceSummary {
  const { StackId, StackName, ...rest } = detailOf(stack, state);
  return rest;
}

export function detailOf(stack: Stack, state: StackResource) {
  const { Timestamp, ...rest } = resourceOf(stack, state);
  return { ...rest, LastUpdatedTimestamp: Timestamp } satisfies StackResourceDetail;
}

/**
 * Public addresses of APIs. Templates spell them as AWS serves them, `wss://ID.execute-api.REGION.amazonaws.com/v1`; in a
 * stack's outputs they become `ws://127.0.0.1:PORT/ID/v1`, so that whatever reads the outputs can connect with no hosts file
 * edited. Text around them stays.
 */
const PUBLIC_ADDRESS =
  /(?:(wss?|https?):\/\/)?([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

/** Schemes without TLS, as there is none here. */
const PLAIN: Readonly<Record<string, string>> = { wss: 'ws', https: 'http' };

/** Rewrites the addresses in a value for a stage served at `authority`, such as `127.0.0.1:4566`. */
export function reachableAt(authority: string): (value: string) => string {
  return (value) =>
    value.replaceAll(PUBLIC_ADDRESS, (_, scheme: string | undefined, apiId: string) => {
      const prefix = scheme === undefined ? '' : `${PLAIN[scheme] ?? scheme}://`;
      return `${prefix}${authority}/${apiId}`;
    });
}

/** What lists of change sets show of one. */
export function summaryOfChangeSet(stack: Stack, changeSet: ChangeSet) {
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    Description: changeSet.description,
    CreationTime: changeSet.createdAt,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
  };
}

/** A change set that is not worked out yet. */
export function beingMade(stack: Stack, changeSet: ChangeSet) {
  return {
    ...summaryOfChangeSet(stack, changeSet),
    Status: 'CREATE_IN_PROGRESS' as const,
    StatusReason: undefined,
    ExecutionStatus: 'UNAVAILABLE' as const,
  };
}

/** A change set with a page of its changes. */
export function shownChangeSet(
  stack: Stack,
  changeSet: ChangeSet,
  page: { readonly items: readonly Change[]; readonly NextToken: string | undefined },
  withValues: boolean,
): DescribeChangeSetOutput {
  const parameters = changeSet.version?.resolved.parameters ?? {};
  return {
    ...summaryOfChangeSet(stack, changeSet),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Capabilities: changeSet.settings.capabilities as Capability[],
    Tags: [...changeSet.settings.tags],
    Changes: page.items.map((change) => shownChange(change, withValues)),
    NextToken: page.NextToken,
  };
}

/** The events of the operation that made a change set. */
export function shownEvents(stack: Stack, changeSet: ChangeSet): OperationEvent[] {
  return changeSet.events.map((event, index) => ({
    ...event,
    EventId: `${changeSet.id}/${index}`,
    StackId: stack.id,
    OperationId: changeSet.id,
    OperationType: 'CREATE_CHANGESET' as const,
    OperationStatus: 'FAILED' as const,
    Timestamp: changeSet.createdAt,
  }));
}

/** A change as DescribeChangeSet shows it, with the values of properties if they are asked for. */
function shownChange(change: Change, withValues: boolean): SdkChange {
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
