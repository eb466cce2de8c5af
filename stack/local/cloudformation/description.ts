/** Stacks and their resources as CloudFormation describes them. */
import type {
  Capability,
  Stack as SdkStack,
  StackResource as SdkStackResource,
  StackResourceDetail,
  StackResourceSummary,
  StackSummary,
  Tag,
} from '@aws-sdk/client-cloudformation';
import type { Stack, StackResource } from './stack.ts';

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
