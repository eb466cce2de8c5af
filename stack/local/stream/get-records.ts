/**
 * GetRecords: one poll of a shard. It takes from the same five calls and 2 MB a second as the polling of event source
 * mappings, and counts in the same metrics. What is in the shard when the call starts is what it answers, after the
 * profile's time.
 */
import type { _Record, GetRecordsInput, GetRecordsOutput } from '@aws-sdk/client-kinesis';
import { AwsError } from '../endpoints/action.ts';
import { sampler } from '../latency.ts';
import { type KinesisActionsOptions, numberBetween } from './action-context.ts';
import { ANSWER_BYTES, ANSWER_RECORDS } from './consumer-polling.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { ShardRecord } from './shard.ts';
import { iteratorAt, placeIn, type ShardPlace } from './shard-iterator.ts';
import { childShards } from './shard-view.ts';
import { countRead, countRefusedRead, type ReadMeters, readMeters } from './stream-meters.ts';

/** The action, which draws its times from the options' chance. */
export function getRecordsAction(options: KinesisActionsOptions) {
  const { clock, profile, random } = options;
  const drawAnswer = sampler(profile.latency.pollAnswer, random.fork('get records'));
  const metersOf = rememberedMeters(options);
  return async (input: GetRecordsInput): Promise<GetRecordsOutput> => {
    const limit = numberBetween('limit', input.Limit, [1, ANSWER_RECORDS], ANSWER_RECORDS);
    const place = placeIn(options, input.ShardIterator!);
    const startedMs = clock.now();
    const meters = metersOf(place.stream);
    admit(options, place, meters, startedMs);
    const records = readFrom(place, limit);
    const latencyMs = drawAnswer();
    if (latencyMs > 0) await new Promise<void>((resolve) => clock.at(startedMs + latencyMs, () => resolve()));
    countRead(meters, place.shard.meters, { records, startedMs, nowMs: clock.now() });
    return answer(options, place, records);
  };
}

/** Records as readers get them. */
export function recordView(record: ShardRecord): _Record {
  return {
    SequenceNumber: record.sequenceNumber,
    ApproximateArrivalTimestamp: new Date(record.approximateArrivalMs),
    Data: record.data,
    PartitionKey: record.partitionKey,
  };
}

/** The meters of a stream, looked up once. */
function rememberedMeters({ metrics }: KinesisActionsOptions): (stream: KinesisStream) => ReadMeters {
  const known = new WeakMap<KinesisStream, ReadMeters>();
  return (stream) => {
    const meters = known.get(stream) ?? readMeters(stream.name, metrics);
    known.set(stream, meters);
    return meters;
  };
}

/** Takes one call of the shard's five, or throws ProvisionedThroughputExceededException. */
function admit(
  options: KinesisActionsOptions,
  { stream, shard }: ShardPlace,
  meters: ReadMeters,
  nowMs: number,
): void {
  if (shard.readTurns.call(nowMs)) return;
  countRefusedRead(meters, shard.meters);
  throw new AwsError(
    'ProvisionedThroughputExceededException',
    `Rate exceeded for shard ${shard.shardId} in stream ${stream.name} under account ${options.accountId}.`,
  );
}

function readFrom({ shard, position }: ShardPlace, limit: number): ShardRecord[] {
  const records: ShardRecord[] = [];
  let bytes = 0;
  for (let at = Math.max(position, shard.first); records.length < limit; at++) {
    const record = shard.at(at);
    // The first always fits: a stream may allow records larger than an answer.
    if (!record || (records.length > 0 && bytes + record.bytes > ANSWER_BYTES)) break;
    bytes += record.bytes;
    records.push(record);
  }
  shard.limits.readBytes.take(bytes);
  return records;
}

function answer(
  options: KinesisActionsOptions,
  { stream, shard, position }: ShardPlace,
  records: readonly ShardRecord[],
): GetRecordsOutput {
  const nextPosition = (records.at(-1)?.position ?? Math.max(position, shard.first) - 1) + 1;
  const isOver = shard.closed !== null && nextPosition >= shard.end;
  const next = shard.at(nextPosition);
  const behindFrom = records.at(-1) ?? next;
  return {
    Records: records.map(recordView),
    ...(isOver
      ? { ChildShards: childShards(shard) }
      : { NextShardIterator: iteratorAt(options, { stream, shard, position: nextPosition }) }),
    MillisBehindLatest: next ? Math.round(options.clock.now() - behindFrom!.arrivedMs) : 0,
  };
}
