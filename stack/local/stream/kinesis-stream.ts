/**
 * A stream: its settings from the template and its shards. The number of shards is fixed while the stage runs: AWS can
 * reshard, and grows on-demand streams by itself, but over minutes, and a benchmark that changes its subject half-way
 * measures neither. An on-demand stream therefore stays at the four shards it starts with.
 */
import { z } from 'zod';
import type { Profile } from '../profile.ts';
import type { ResolvedResource } from '../template/resolved.ts';
import { SequenceNumbers } from './sequence.ts';
import { Shard } from './shard.ts';
import { ShardLimit } from './shard-limit.ts';
import { hashKeyOf, shardIndexOf, shardRanges } from './shard-range.ts';

/** Shards a new on-demand stream has: 4 MB/s of writes ("Choose the data stream capacity mode", Kinesis). */
const ON_DEMAND_SHARDS = 4;

/** Most memory the records of one stream may take: at 1,000 small records a second, six minutes of a stalled reader. */
export const STREAM_MEMORY_BYTES = 256 * 1_024 * 1_024;

/** Read limits of a shard ("Quotas and limits", Kinesis Data Streams). */
const READ_CALLS_PER_SECOND = 5;
const READ_BYTES_PER_SECOND = 2_000_000;

const HOUR_MS = 3_600_000;
const KIB = 1_024;

const streamSettings = z.object({
  ShardCount: z.coerce.number().int().min(1).max(100_000).default(1),
  StreamModeDetails: z.object({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
  RetentionPeriodHours: z.coerce.number().int().min(1).max(8_760).default(24),
  MaxRecordSizeInKiB: z.coerce.number().int().min(1_024).max(10_240).default(1_024),
});

export interface KinesisStreamOptions {
  readonly resource: ResolvedResource;
  readonly profile: Profile;
  readonly createdEpochMs: number;
  /** {@link STREAM_MEMORY_BYTES}, unless a test wants less. */
  readonly memoryBytes?: number | undefined;
}

export class KinesisStream {
  readonly name: string;
  readonly arn: string;
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly retentionHours: number;
  readonly createdEpochMs: number;
  /** Largest data and partition key together, bytes. */
  readonly recordBytes: number;
  readonly shards: readonly Shard[];

  constructor(options: KinesisStreamOptions) {
    const { resource } = options;
    const parsed = streamSettings.safeParse(resource.properties);
    if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
    const settings = parsed.data;
    this.name = resource.physicalId;
    this.arn = resource.attributes.Arn ?? resource.physicalId;
    this.mode = settings.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
    this.retentionHours = settings.RetentionPeriodHours;
    this.createdEpochMs = options.createdEpochMs;
    this.recordBytes = settings.MaxRecordSizeInKiB * KIB;
    const count = this.mode === 'ON_DEMAND' ? ON_DEMAND_SHARDS : settings.ShardCount;
    const memoryBytes = (options.memoryBytes ?? STREAM_MEMORY_BYTES) / count;
    this.shards = shardRanges(count).map(
      (range, index) =>
        new Shard({
          shardId: `shardId-${String(index).padStart(12, '0')}`,
          range,
          sequence: new SequenceNumbers(options.createdEpochMs, index),
          retentionMs: this.retentionHours * HOUR_MS,
          memoryBytes,
          limits: limitsOf(options.profile),
        }),
    );
  }

  /** The shard of a record: by the explicit hash key if there is one, else by the partition key. */
  shardFor(partitionKey: string, explicitHashKey: bigint | null): Shard {
    const hashKey = explicitHashKey ?? hashKeyOf(partitionKey);
    return this.shards[shardIndexOf(hashKey, this.shards.length)]!;
  }
}

/** A profile that leaves the shard's write limits out leaves all of them out. */
function limitsOf(profile: Profile) {
  const { shardRecordsPerSecond, shardBytesPerSecond } = profile.quotas;
  const limited = shardBytesPerSecond !== null;
  return {
    writeRecords: new ShardLimit(shardRecordsPerSecond),
    writeBytes: new ShardLimit(shardBytesPerSecond),
    readCalls: new ShardLimit(limited ? READ_CALLS_PER_SECOND : null),
    readBytes: new ShardLimit(limited ? READ_BYTES_PER_SECOND : null, 0),
  };
}
