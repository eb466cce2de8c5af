/** What Lambda says of a stack's event source mappings: a mapping that is not `Enabled` reads nothing. */
import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { EVENT_SOURCE_MAPPING } from '../template/resources/event-source-mapping.ts';
import { type Account, lambdaClientOf } from './account.ts';
import type { StackResourceState } from './stack-description.ts';
import { StageError } from './stage-error.ts';

export interface MappingState {
  readonly logicalId: string;
  readonly id: string;
  /** Lambda's word, such as `Enabled`; null where it could not be asked. */
  readonly state: string | null;
  /** The last processing result, or why it could not be asked. */
  readonly detail: string;
}

/** The states of all mappings among the resources. One that can't be asked is *not known*, with the reason. */
export function mappingStates(
  account: Account,
  resources: readonly StackResourceState[],
): Promise<MappingState[]> {
  const lambda = lambdaClientOf(account);
  const mappings = resources.filter(({ type }) => type === EVENT_SOURCE_MAPPING.type);
  const asked = mappings.map(async ({ logicalId, physicalId: id }) => {
    const sending = lambda.send(new GetEventSourceMappingCommand({ UUID: id }));
    try {
      const { State, LastProcessingResult } = await account.call('lambda:GetEventSourceMapping', sending);
      return { logicalId, id, state: State ?? null, detail: LastProcessingResult ?? '' };
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      return { logicalId, id, state: null, detail: error.message };
    }
  });
  return Promise.all(asked);
}
