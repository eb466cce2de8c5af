/**
 * Whether the mappings of a stack read what is sent, as far as AWS says: Lambda tells their state and when they were last
 * changed, Kinesis which shards there are. The guide: after its creation "it may take several minutes to start polling", and
 * after an update "up to 90 seconds to stop and restart polling" (Lambda developer guide, "Process Amazon Kinesis Data Streams
 * records with Lambda"), while the state is Enabled.
 */
import { ListShardsCommand, type Shard } from '@aws-sdk/client-kinesis';
import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import {
  type MappingCondition,
  readinessStateOf,
  type ShardShare,
  serviceOf,
} from '../../bench/model/readiness-state.ts';
import type { StagePipeline } from '../../bench/model/result.ts';
import type { Clock, Readiness } from '../../bench/ports.ts';
import { type Account, lambdaClientOf } from './account.ts';
import { kinesisClient } from './clients.ts';
import { StageError } from './stage-error.ts';

/** Of a mapping whose service echoes: that a new one reads is shown by its echoes. */
const ECHOING_MS = 90_000;

/** Of one whose service answers nobody, the "several minutes". */
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
  const sending = lambdaClientOf(account).send(new GetEventSourceMappingCommand({ UUID: name }));
  const answer = await orNull(account.call('lambda:GetEventSourceMapping', sending));
  const isEchoing = answer?.FunctionArn?.split(':')[6] === pipeline.functions[0]?.name;
  return {
    logicalId,
    state: answer?.State ?? null,
    modifiedEpochMs: answer?.LastModified?.getTime() ?? null,
    settlingMs: localSettlingMs ?? (isEchoing ? ECHOING_MS : SILENT_MS),
  };
}

async function sharesOf({ account, pipeline }: StackReadinessOptions): Promise<ShardShare[]> {
  const StreamName = pipeline.streams[0]?.name;
  if (StreamName === undefined) return [];
  const client = kinesisClient(account.region);
  const shards: Shard[] = [];
  let NextToken: string | undefined;
  do {
    // A page after the first is asked for by its token alone.
    const asking = new ListShardsCommand(NextToken === undefined ? { StreamName } : { NextToken });
    const page = await orNull(account.call('kinesis:ListShards', client.send(asking)));
    if (page === null) return [];
    shards.push(...(page.Shards ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
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

/** Who may drive a stack need not be allowed to ask about it. */
async function orNull<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof StageError) return null;
    throw error;
  }
}
