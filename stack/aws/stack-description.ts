/**
 * A stack as CloudFormation describes it, and what its state means: whether it can be deleted, updated or driven, and at
 * which address.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { StagePipeline } from '../../bench/model/result.ts';
import { type StackParts, urlOutputs } from '../pipeline.ts';
import { partitionOf } from '../template/identity.ts';
import { API } from '../template/resources/api.ts';
import type { Account } from './account.ts';
import { allOf, isLoopback } from './clients.ts';
import { orNull, UnknownStackError } from './stage-error.ts';
import type { ParameterValues } from './template.ts';

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

/** A change set was made for a stack that does not exist yet: a name, and nothing deployed. */
export const IN_REVIEW = 'REVIEW_IN_PROGRESS';

/** A deleted stack is still found by its ARN. */
export const DELETED = 'DELETE_COMPLETE';

const GOOD = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);

/** Whether AWS is at work on the stack. */
export function isBusy(status: string): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== IN_REVIEW;
}

/**
 * Whether the stack can be deleted now: a deletion ends a creation that is under way, and a deletion can be asked for twice;
 * an update or a rollback has to end first.
 */
export function isRemovable(status: string): boolean {
  return !isBusy(status) || status === 'CREATE_IN_PROGRESS' || status === 'DELETE_IN_PROGRESS';
}

/** Whether the stack is whole, with what was last asked of it. */
export function isGood(status: string): boolean {
  return GOOD.has(status);
}

/** Why a stack in this state can't be updated, with what to do; null where it can. */
export function updateObstacle(name: string, status: string): string | null {
  if (isBusy(status)) {
    return `${name} is ${status}: AWS is still at work on it; look again with 'npm run status -- --name ${name}'`;
  }
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
    case 'DELETE_FAILED':
      return `${name} is ${status}, and AWS updates no such stack: remove it first with 'npm run teardown -- --name ${name}'`;
    case 'UPDATE_ROLLBACK_FAILED':
      return `${name} is ${status}: the last update could not be undone; repair it with 'aws cloudformation continue-update-rollback --stack-name ${name}', or remove it with 'npm run teardown -- --name ${name}'`;
    default:
      return null;
  }
}

/** What state a failed operation left the stack in, and what to do now. */
export function afterFailure(name: string, status: string): string {
  const obstacle = updateObstacle(name, status);
  if (obstacle !== null) return obstacle;
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return `${name} is ${status}: it is as it was before this update, and works`;
  }
  return `${name} is ${status}`;
}

/** Why the stack can't be driven, and what to do; null when it can. */
export function refusalOf({
  name,
  status,
  statusReason,
}: Pick<StackDescription, 'name' | 'status' | 'statusReason'>): string | null {
  const advice = adviceFor(status);
  if (advice === null) return null;
  const because = statusReason === '' ? '' : ` (${statusReason})`;
  return `stack '${name}' is in state ${status}${because}: ${advice}`;
}

function adviceFor(status: string): string | null {
  if (status.startsWith('DELETE_')) return 'it is gone or going; deploy it again, or name another stack';
  if (status.startsWith('ROLLBACK_') || status === 'CREATE_FAILED')
    return 'it was never created whole; delete it, remove the cause and deploy it again';
  if (status === IN_REVIEW)
    return 'it has a change set that was never executed, and no resources; deploy it first';
  if (isBusy(status)) return 'it is being changed; wait until that is done, then run again';
  if (status.endsWith('_COMPLETE')) return null;
  return 'what it consists of is not certain; bring it to rest in CloudFormation, then run again';
}

export interface AddressOptions {
  readonly region: string;
  /** The endpoint that stands in for AWS, where it is one on this machine; null on AWS. */
  readonly localEndpoint: string | null;
}

/**
 * The address for clients: an output, else composed from the API. With a local stage behind the endpoint an address of AWS
 * is passed over, as nothing there must leave this machine. Null when there is none.
 */
export function urlOf(
  stack: StackParts,
  { api }: StagePipeline,
  { region, localEndpoint }: AddressOptions,
): string | null {
  const candidates = urlOutputs(stack.outputs).filter((url) => URL.canParse(url));
  const usable = localEndpoint === null ? candidates : candidates.filter(isLoopback);
  if (usable[0] !== undefined) return usable[0];
  // With several APIs only an output can say which one is meant.
  const isOneOfMany = stack.resources.filter(({ type }) => type === API.type).length > 1;
  if (api === null || isOneOfMany) return null;
  if (localEndpoint !== null) return `ws://${new URL(localEndpoint).host}/${api.apiId}/${api.stageName}`;
  return `wss://${api.apiId}.execute-api.${region}.${partitionOf(region).urlSuffix}/${api.stageName}`;
}
