/**
 * Whether the mappings of a stack read what is sent, as far as AWS says: Lambda tells their state and when they were last
 * changed, Kinesis which shards there are. The guide: after its creation "it may take several minutes to start polling", and
 * after an update "up to 90 seconds to stop and restart polling" (Lambda developer guide, "Process Amazon Kinesis Data Streams
 * records with Lambda"), while the state is Enabled.
 */
import {
  KinesisClient,
  ListShardsCommand,
  type ListShardsInput,
  type ListShardsOutput,
  type Shard,
} from '@aws-sdk/client-kinesis';
import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  type MappingCondition,
  readinessStateOf,
  type ShardShare,
  serviceOf,
} from '../../bench/model/readiness-state.ts';
import type { StagePipeline } from '../../bench/model/result.ts';
import type { Clock, Readiness } from '../../bench/ports.ts';
import { EVENT_SOURCE_MAPPING } from '../template/resources/event-source-mapping.ts';
import type { Account } from './account.ts';
import type { StackResourceState } from './stack-description.ts';
import { orNull, StageError } from './stage-error.ts';

/** Of a mapping whose service echoes: that a new one reads is shown by its echoes. */
const ECHOING_MS = 90_000;

/** Of one whose service echoes nothing: the "several minutes". */
const SILENT_MS = 180_000;

export interface StackReadinessOptions {
  readonly account: Account;
  readonly pipeline: StagePipeline;
  readonly clock: Clock;
  /** How long a local stage's mappings take to settle; null on AWS. */
  readonly localSettlingMs: number | null;
}

/** What must be seen of a stack's pipeline. What AWS does not let us ask is passed over: then one echo must do. */
export function stackReadiness(options: StackReadinessOptions): Readiness {
  const { pipeline, clock } = options;
  const service = serviceOf(pipeline.functions[0]?.logicalId ?? 'the service');
  let isMet = false;
  return {
    ask: async () => {
      if (isMet) return null;
      const [mappings, shards] = await Promise.all([conditionsOf(options), sharesOf(options)]);
      return readinessStateOf({ service, mappings, shards }, clock.epochAt(clock.now()));
    },
    met: () => {
      isMet = true;
    },
  };
}

function conditionsOf(options: StackReadinessOptions): Promise<MappingCondition[]> {
  return Promise.all(options.pipeline.mappings.map((mapping) => conditionOf(options, mapping)));
}

async function conditionOf(
  { account, pipeline, localSettlingMs }: StackReadinessOptions,
  { logicalId, name }: StagePipeline['mappings'][number],
): Promise<MappingCondition> {
  const answer = await orNull(mappingNamed(account, name));
  const isEchoing = answer?.FunctionArn?.split(':')[6] === pipeline.functions[0]?.name;
  return {
    logicalId,
    state: answer?.State ?? null,
    modifiedEpochMs: answer?.LastModified?.getTime() ?? null,
    settlingMs: localSettlingMs ?? (isEchoing ? ECHOING_MS : SILENT_MS),
  };
}

/** What Lambda says of an event source mapping. */
export function mappingNamed(account: Account, UUID: string): Promise<EventSourceMappingConfiguration> {
  return account.client(LambdaClient, account.region).send(new GetEventSourceMappingCommand({ UUID }));
}

export interface MappingState {
  readonly logicalId: string;
  readonly id: string;
  /** Lambda's word, such as `Enabled`: any other mapping reads nothing. Null where Lambda could not be asked. */
  readonly state: string | null;
  /** The last processing result, or why it could not be asked. */
  readonly detail: string;
}

/** The states of all mappings among the resources. */
export function mappingStates(
  account: Account,
  resources: readonly StackResourceState[],
): Promise<MappingState[]> {
  const mappings = resources.filter(({ type }) => type === EVENT_SOURCE_MAPPING.type);
  const asked = mappings.map(async ({ logicalId, physicalId: id }) => {
    try {
      const { State, LastProcessingResult } = await mappingNamed(account, id);
      return { logicalId, id, state: State ?? null, detail: LastProcessingResult ?? '' };
    } catch (error) {
      if (!(error instanceof StageError)) throw error;
      return { logicalId, id, state: null, detail: error.message };
    }
  });
  return Promise.all(asked);
}

async function sharesOf({ account, pipeline }: StackReadinessOptions): Promise<ShardShare[]> {
  const StreamName = pipeline.streams[0]?.name;
  if (StreamName === undefined) return [];
  const client = account.client(KinesisClient, account.region);
  const shards: Shard[] = [];
  // A page after the first is asked for by its token alone, which no paginator of the SDK does.
  for (let input: ListShardsInput | null = { StreamName }; input !== null; ) {
    const page: ListShardsOutput | null = await orNull(client.send(new ListShardsCommand(input)));
    if (page === null) return [];
    shards.push(...(page.Shards ?? []));
    input = page.NextToken ? { NextToken: page.NextToken } : null;
  }
  return shards.filter(isOpen).map((shard) => ({ id: shard.ShardId ?? '', share: shareOf(shard) }));
}

function isOpen({ SequenceNumberRange }: Shard): boolean {
  return SequenceNumberRange?.EndingSequenceNumber === undefined;
}

/** Hash keys are 128 bits. */
function shareOf({ HashKeyRange }: Shard): number {
  const { StartingHashKey = '0', EndingHashKey = '0' } = HashKeyRange ?? {};
  return Number(BigInt(EndingHashKey) - BigInt(StartingHashKey) + 1n) / 2 ** 128;
}
