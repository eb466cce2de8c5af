/**
 * A stack as CloudFormation describes it, as plain data without optional fields, and the few questions that are asked of it.
 */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { StageError, UnknownStackError } from './stage-error.ts';
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
  const sending = account.cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId }));
  try {
    const { Stacks } = await account.call('cloudformation:DescribeStacks', sending);
    return Stacks?.[0] === undefined ? null : stackOf(Stacks[0]);
  } catch (error) {
    if (error instanceof UnknownStackError) return null;
    throw error;
  }
}

/** Every stack of the region that is not deleted. */
export async function allStacks(account: Account): Promise<StackDescription[]> {
  const found: StackDescription[] = [];
  let token: string | undefined;
  do {
    const sending = account.cloudFormation.send(new DescribeStacksCommand({ NextToken: token }));
    const page = await account.call('cloudformation:DescribeStacks', sending);
    found.push(...(page.Stacks ?? []).map(stackOf));
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return found;
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
export async function resourcesOf(account: Account, stackId: string): Promise<StackResourceState[]> {
  const found: StackResourceState[] = [];
  let token: string | undefined;
  do {
    const command = new ListStackResourcesCommand({ StackName: stackId, NextToken: token });
    const page = await account.call(
      'cloudformation:ListStackResources',
      account.cloudFormation.send(command),
    );
    for (const resource of page.StackResourceSummaries ?? []) {
      found.push({
        logicalId: resource.LogicalResourceId ?? '',
        physicalId: resource.PhysicalResourceId ?? '',
        type: resource.ResourceType ?? '',
        status: resource.ResourceStatus ?? '',
        reason: resource.ResourceStatusReason ?? '',
      });
    }
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return found;
}

/** The template as it was sent, to the stack or with a change set; null where AWS has none or does not show it, which only courtesies depend on. */
export async function templateTextOf(
  account: Account,
  stackId: string,
  changeSetName?: string,
): Promise<string | null> {
  const command = new GetTemplateCommand({
    StackName: stackId,
    ChangeSetName: changeSetName,
    TemplateStage: 'Original',
  });
  try {
    const { TemplateBody } = await account.call(
      'cloudformation:GetTemplate',
      account.cloudFormation.send(command),
    );
    return TemplateBody ?? null;
  } catch (error) {
    if (error instanceof StageError) return null;
    throw error;
  }
}
