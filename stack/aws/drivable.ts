/**
 * Whether a stack in its state can be driven, and at which address. One that is not whole and at rest is refused in a
 * sentence that says what to do. States: "View stack events", AWS CloudFormation User Guide.
 */
import type { StagePipeline } from '../../bench/model/result.ts';
import { type StackParts, urlOutputs } from '../pipeline.ts';
import { partitionOf } from '../template/identity.ts';
import { API } from '../template/resources/api.ts';
import { isLoopback } from './clients.ts';
import type { StackDescription } from './stack-description.ts';
import { IN_REVIEW, isBusy } from './stack-status.ts';

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
