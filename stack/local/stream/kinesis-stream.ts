/**
 * Is a stream: its settings and its shards. A change of the number of open shards closes every one and makes new ones
 * with equal ranges, in one moment; on AWS that takes minutes and the stream is UPDATING meanwhile. An on-demand
 * stream stays at the shards it has: AWS grows it by itself, and a benchmark that changes its subject half-way
 * measures neither.
 */
import type { ResolvedResource } from '../../template/value.ts';
import type { ShardMetric } from '../meters.ts';
import type { Profile } from '../profile.ts';
import { TokenBucket } from '../token-bucket.ts';
import { SequenceNumbers, Shard } from './shard.ts';
import { type Heir, hashKeyOf, heirsOf, shardIndexOf } from './shard-range.ts';
import {
  DAY_MS,
  type StreamMode,
  type StreamSettings,
  shardCountAfter,
  streamSettings,
} from './stream-settings.ts';

/** Shards a new on-demand stream has: 4 MB/s of writes ("Choose the data stream capacity mode", Kinesis). */
const ON_DEMAND_SHARDS = 4;

/**
 * Most memory the records of one stream may take: at 1,000 small records a second, six minutes of a stalled reader. Open
 * shards share it; a closed shard keeps what it had until its records expire.
 */
export const STREAM_MEMORY_BYTES = 256 * 1_024 * 1_024;

/** Read limits of a shard ("Quotas and limits", Kinesis Data Streams). */
const READ_CALLS_PER_SECOND = 5;
const READ_BYTES_PER_SECOND = 2_000_000;

/** Partition keys remembered with their shards; then all are forgotten. More than a stage has connections. */
const REMEMBERED_KEYS = 100_000;

const HOUR_MS = 3_600_000;
const KIB = 1_024;

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
  readonly createdEpochMs: number;
  readonly #options: KinesisStreamOptions;
  #settings: StreamSettings;
  #shards: Shard[] = [];
  #open: readonly Shard[];
  /** Where the partition keys seen since the last resharding belong: a connection's messages share one. */
  readonly #shardsByKey = new Map<string, Shard>();
  #made = 0;
  /** Creation time of the newest shards; the next are made later, that their numbers may be above. */
  #newestEpochMs: number;
  #reshardedMs: number[] = [];
  #modeChangedMs: number[] = [];
  #removed = false;

  constructor(options: KinesisStreamOptions) {
    const { resource } = options;
    this.#options = options;
    this.#settings = streamSettings(resource);
    this.name = resource.physicalId;
    this.arn = resource.attributes.Arn ?? resource.physicalId;
    this.createdEpochMs = options.createdEpochMs;
    this.#newestEpochMs = options.createdEpochMs;
    const count = this.mode === 'ON_DEMAND' ? ON_DEMAND_SHARDS : (this.#settings.shardCount ?? 1);
    this.#open = this.#makeShards(heirsOf<Shard>([], count), options.createdEpochMs);
    this.#shards = [...this.#open];
  }

  get mode(): StreamMode {
    return this.#settings.mode;
  }

  get retentionHours(): number {
    return this.#settings.retentionHours;
  }

  /** Largest data and partition key together, bytes. */
  get recordBytes(): number {
    return this.#settings.recordKib * KIB;
  }

  /** Metrics that each of its shards has by itself. */
  get shardMetrics(): readonly ShardMetric[] {
    return this.#settings.shardMetrics;
  }

  /** Whether the stream was deleted: puts under way find it gone. */
  get removed(): boolean {
    return this.#removed;
  }

  remove(): void {
    this.#removed = true;
  }

  /** Every shard whose records may still be there, closed ones included, in the order they were made. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** The shards that take records, in order of their ranges. */
  get openShards(): readonly Shard[] {
    return this.#open;
  }

  /** The shard of a record: by the explicit hash key if there is one, else by the partition key. */
  shardFor(partitionKey: string, explicitHashKey: bigint | null): Shard {
    if (explicitHashKey !== null) return this.#shardAt(explicitHashKey);
    let shard = this.#shardsByKey.get(partitionKey);
    if (shard === undefined) {
      shard = this.#shardAt(hashKeyOf(partitionKey));
      if (this.#shardsByKey.size >= REMEMBERED_KEYS) this.#shardsByKey.clear();
      this.#shardsByKey.set(partitionKey, shard);
    }
    return shard;
  }

  #shardAt(hashKey: bigint): Shard {
    return this.#open[shardIndexOf(hashKey, this.#open.length)]!;
  }

  /** Takes over the properties of the resource. Throws, and changes nothing, when AWS would refuse the change. */
  update(resource: ResolvedResource, nowMs: number, epochMs: number): void {
    const wanted = streamSettings(resource);
    const isRecent = (atMs: number) => atMs > nowMs - DAY_MS;
    const before = {
      mode: this.mode,
      openShards: this.#open.length,
      reshardedMs: this.#reshardedMs.filter(isRecent),
      modeChangedMs: this.#modeChangedMs.filter(isRecent),
    };
    const count = shardCountAfter(before, wanted);
    if (wanted.mode !== this.mode) this.#modeChangedMs = [...before.modeChangedMs, nowMs];
    this.#settings = wanted;
    for (const shard of this.#shards) shard.retentionMs = this.retentionHours * HOUR_MS;
    if (count === this.#open.length) return;
    this.#reshardedMs = [...before.reshardedMs, nowMs];
    this.#reshard(count, epochMs);
  }

  /** Forgets closed shards whose records have all expired, as AWS stops listing them. */
  expire(nowMs: number, epochMs: number): void {
    for (const shard of this.#shards) shard.expire(nowMs);
    const horizonEpochMs = epochMs - this.retentionHours * HOUR_MS;
    if (this.#shards.length === this.#open.length) return;
    this.#shards = this.#shards.filter((shard) => !shard.closed || shard.closed.epochMs >= horizonEpochMs);
  }

  #reshard(count: number, epochMs: number): void {
    this.#newestEpochMs = Math.max(Math.floor(epochMs), this.#newestEpochMs + 1);
    const old = this.#open;
    const made = this.#makeShards(heirsOf(old, count), this.#newestEpochMs);
    this.#open = made;
    this.#shardsByKey.clear();
    this.#shards = [...this.#shards, ...made];
    for (const shard of old) {
      shard.close(
        made.filter((child) => child.parents.includes(shard)),
        epochMs,
      );
    }
  }

  #makeShards(heirs: readonly Heir<Shard>[], createdEpochMs: number): Shard[] {
    return heirs.map(({ range, overlaps }) => {
      const index = this.#made++;
      return new Shard({
        shardId: `shardId-${String(index).padStart(12, '0')}`,
        range,
        sequence: new SequenceNumbers(createdEpochMs, index),
        retentionMs: this.retentionHours * HOUR_MS,
        memoryBytes: (this.#options.memoryBytes ?? STREAM_MEMORY_BYTES) / heirs.length,
        limits: limitsOf(this.#options.profile),
        createdEpochMs,
        parents: overlaps,
      });
    });
  }
}

/** A profile that leaves the shard's write limits out leaves all of them out. */
function limitsOf(profile: Profile) {
  const { shardRecordsPerSecond, shardBytesPerSecond } = profile.quotas;
  const limited = shardBytesPerSecond !== null;
  return {
    writeRecords: new TokenBucket(shardRecordsPerSecond),
    writeBytes: new TokenBucket(shardBytesPerSecond),
    readCalls: new TokenBucket(limited ? READ_CALLS_PER_SECOND : null),
    readBytes: new TokenBucket(limited ? READ_BYTES_PER_SECOND : null, 0),
  };
}
