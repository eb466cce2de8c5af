/**
 * A stack as CloudFormation describes it, as plain data without optional fields, and the few questions that are asked of it.
 */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { allOf } from './clients.ts';
import { orNull, UnknownStackError } from './stage-error.ts';
import type { ParameterValues } from './template-parameters.ts';

export interface StackDescription {
  /** The ARN, which outlives the stack: a deleted stack is still found by it. */
  readonly id: string;
  readonly name: string;
  /** CloudFormation's word, such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly statusReason: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly parameters: ParameterValues;
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface StackResourceState {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** The stack of a name or id; null where there is none. A deleted stack is found by its id only. */
export async function findStack(account: Account, nameOrId: string): Promise<StackDescription | null> {
  const asking = account.cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId }));
  const stack = (await orNull(asking, UnknownStackError))?.Stacks?.[0];
  return stack === undefined ? null : stackOf(stack);
}

/** Every stack of the region that is not deleted. */
export async function allStacks({ cloudFormation: client }: Account): Promise<StackDescription[]> {
  return (await allOf(paginateDescribeStacks({ client }, {}), ({ Stacks }) => Stacks)).map(stackOf);
}

function stackOf(stack: Stack): StackDescription {
  return {
    id: stack.StackId ?? '',
    name: stack.StackName ?? '',
    status: stack.StackStatus ?? 'UNKNOWN',
    statusReason: stack.StackStatusReason ?? '',
    createdAt: stack.CreationTime?.toISOString() ?? null,
    updatedAt: stack.LastUpdatedTime?.toISOString() ?? null,
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [
        ParameterKey ?? '',
        ParameterValue ?? '',
      ]),
    ),
    tags: Object.fromEntries((stack.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
    ),
  };
}

/** Every resource of the stack, deleted ones included where AWS still lists them. */
export async function resourcesOf(
  { cloudFormation: client }: Account,
  stackId: string,
): Promise<StackResourceState[]> {
  const pages = paginateListStackResources({ client }, { StackName: stackId });
  const resources = await allOf(pages, ({ StackResourceSummaries }) => StackResourceSummaries);
  return resources.map((resource) => ({
    logicalId: resource.LogicalResourceId ?? '',
    physicalId: resource.PhysicalResourceId ?? '',
    type: resource.ResourceType ?? '',
    status: resource.ResourceStatus ?? '',
    reason: resource.ResourceStatusReason ?? '',
  }));
}

/** The template as it was sent, to the stack or with a change set; null where AWS has none or does not show it, which only courtesies depend on. */
export async function templateTextOf(
  { cloudFormation }: Account,
  StackName: string,
  ChangeSetName?: string,
): Promise<string | null> {
  const command = new GetTemplateCommand({ StackName, ChangeSetName, TemplateStage: 'Original' });
  return (await orNull(cloudFormation.send(command)))?.TemplateBody ?? null;
}
