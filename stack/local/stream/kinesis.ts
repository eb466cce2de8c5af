/**
 * Keeps the streams and registered consumers of an account, for writers and for event source mappings. They come and
 * go while others work. Creating, changing and removing take no time here; on AWS they take seconds to minutes, with
 * CREATING, UPDATING and DELETING meanwhile.
 */
import { CONSUMERS_PER_STREAM } from '../../default-quotas.ts';
import type { ResolvedResource } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import { metersOf, SHARD } from '../meters.ts';
import type { KinesisWriter, Part, PutRecordInput, PutResult } from '../ports.ts';
import { epochNow } from '../waiting.ts';
import type { RecordSink, StartingPosition, Subscription } from './consumer.ts';
import { FanOutSubscription } from './consumer-fan-out.ts';
import { PollingSubscription } from './consumer-polling.ts';
import { KinesisStream } from './kinesis-stream.ts';
import { RecordWriter } from './kinesis-writer.ts';
import type { Shard } from './shard.ts';

export interface KinesisOptions extends Omit<Part, 'log'> {
  readonly region: string;
  readonly accountId: string;
  /** Called when records are lost to the memory limit. */
  readonly log?: (line: string) => void;
  /** Memory for the records of one stream; the default is STREAM_MEMORY_BYTES of kinesis-stream.ts. */
  readonly streamMemoryBytes?: number;
  /** Told by which dimensions the metrics of a consumer went that is gone. */
  readonly retire?: (dimensions: Readonly<Record<string, string>>) => void;
}

/** What an event source mapping can name: a stream, polled, or one of its registered consumers, pushed to. */
export interface EventSource {
  readonly kind: 'polling' | 'fanOut';
  readonly arn: string;
  readonly stream: KinesisStream;
  /** Null for a stream. */
  readonly consumerName: string | null;
  readonly createdEpochMs: number;
}

interface Reading {
  readonly source: EventSource;
  readonly subscription: Subscription;
  readonly shard: Shard;
}

export class Kinesis implements KinesisWriter {
  readonly #options: KinesisOptions;
  readonly #writer: RecordWriter;
  /** By name and by ARN. */
  readonly #streams = new Map<string, KinesisStream>();
  /** By ARN: every stream, and every consumer. */
  readonly #sources = new Map<string, EventSource>();
  readonly #readings = new Map<RecordSink, Reading>();
  #subscribed = 0;

  constructor(options: KinesisOptions) {
    this.#options = options;
    this.#writer = new RecordWriter({ ...options, stream: (nameOrArn) => this.#streams.get(nameOrArn) });
  }

  /** Makes an `AWS::Kinesis::Stream`. Throws if its properties are invalid, or its name is taken (ResourceInUseException). */
  addStream(resource: ResolvedResource): void {
    const { profile, streamMemoryBytes, accountId } = this.#options;
    const createdEpochMs = Math.floor(epochNow(this.#options.clock));
    const stream = new KinesisStream({ resource, profile, createdEpochMs, memoryBytes: streamMemoryBytes });
    if (this.#streams.has(stream.name)) {
      const text = `Stream ${stream.name} under account ${accountId} already exists.`;
      throw new AwsError('ResourceInUseException', text);
    }
    this.#streams.set(stream.name, stream);
    this.#streams.set(stream.arn, stream);
    this.#measureShards(stream);
    const { arn } = stream;
    this.#sources.set(arn, { kind: 'polling', arn, stream, consumerName: null, createdEpochMs });
  }

  /**
   * Takes over a stream's properties in place: ShardCount, StreamModeDetails, RetentionPeriodHours, MaxRecordSizeInKiB,
   * DesiredShardLevelMetrics. Throws and changes nothing when a property is invalid or AWS would refuse the change
   * (LimitExceededException, InvalidArgumentException, ResourceNotFoundException).
   */
  updateStream(resource: ResolvedResource): void {
    const nowMs = this.#options.clock.now();
    const stream = this.existingStream(resource.physicalId);
    stream.update(resource, nowMs, this.#options.clock.epochAt(nowMs));
    this.#measureShards(stream);
  }

  /** Removes a stream with its consumers. Ends every subscription to it; puts under way find it gone. */
  removeStream(nameOrArn: string): void {
    const stream = this.existingStream(nameOrArn);
    for (const source of [...this.#sources.values()]) {
      if (source.stream === stream) this.#removeSource(source);
    }
    stream.remove();
    this.#streams.delete(stream.name);
    this.#streams.delete(stream.arn);
  }

  /**
   * Registers an `AWS::Kinesis::StreamConsumer`; its stream must have been added. Throws ResourceInUseException for a name
   * that the stream has, LimitExceededException beyond twenty.
   */
  addConsumer(resource: ResolvedResource): void {
    const { accountId } = this.#options;
    const stream = this.stream(String(resource.properties.StreamARN));
    if (!stream) {
      const text = `${resource.logicalId}: StreamARN names no stream of this stack: ${resource.properties.StreamARN}`;
      throw new AwsError('ResourceNotFoundException', text);
    }
    const arn = resource.attributes.ConsumerARN ?? resource.physicalId;
    const consumerName = String(resource.properties.ConsumerName);
    const others = this.consumersOf(stream);
    if (others.some((other) => other.consumerName === consumerName)) {
      const text = `Consumer ${consumerName} under stream ${stream.name} already exists for account ${accountId}.`;
      throw new AwsError('ResourceInUseException', text);
    }
    if (others.length >= CONSUMERS_PER_STREAM) {
      const text = `Stream ${stream.name} under account ${accountId} has ${CONSUMERS_PER_STREAM} consumers, which is the limit.`;
      throw new AwsError('LimitExceededException', text);
    }
    const createdEpochMs = Math.floor(epochNow(this.#options.clock));
    this.#sources.set(arn, { kind: 'fanOut', arn, stream, consumerName, createdEpochMs });
  }

  /** Removes a registered consumer and ends its subscriptions. Throws ResourceNotFoundException. */
  removeConsumer(arn: string): void {
    const source = this.#sources.get(arn);
    if (source?.kind !== 'fanOut') throw this.consumerNotFound(arn);
    this.#removeSource(source);
    this.#options.retire?.({ StreamName: source.stream.name, ConsumerName: source.consumerName ?? '' });
  }

  consumerNotFound(arn: string): AwsError {
    const text = `Consumer ${arn} under account ${this.#options.accountId} not found.`;
    return new AwsError('ResourceNotFoundException', text);
  }

  /** A stream by its name or ARN. */
  stream(nameOrArn: string): KinesisStream | undefined {
    return this.#streams.get(nameOrArn);
  }

  /** The same, or ResourceNotFoundException. */
  existingStream(nameOrArn: string): KinesisStream {
    const stream = this.#streams.get(nameOrArn);
    if (stream) return stream;
    const text = `Stream ${nameOrArn.split('/').at(-1)} under account ${this.#options.accountId} not found.`;
    throw new AwsError('ResourceNotFoundException', text);
  }

  /** Names of the streams, in the order they were added. */
  streamNames(): string[] {
    return [...new Set(this.#streams.values())].map((stream) => stream.name);
  }

  /** Registered consumers of a stream, in the order they were added. */
  consumersOf(stream: KinesisStream): EventSource[] {
    return [...this.#sources.values()].filter((one) => one.stream === stream && one.kind === 'fanOut');
  }

  eventSource(arn: string): EventSource | undefined {
    return this.#sources.get(arn);
  }

  isRead(source: EventSource, shard: Shard): boolean {
    return [...this.#readings.values()].some((one) => one.source === source && one.shard === shard);
  }

  /** Starts reading one shard. When the shard has ended, the sink's owner closes the subscription. */
  subscribe(source: EventSource, shard: Shard, from: StartingPosition, sink: RecordSink): Subscription {
    const { clock, random, profile, metrics } = this.#options;
    const chance = random.fork(`subscription ${this.#subscribed++}`);
    const streamName = source.stream.name;
    const closed = () => this.#readings.delete(sink);
    const common = { clock, random: chance, profile, metrics, streamName, shard, from, sink, closed };
    const subscription =
      source.consumerName === null
        ? new PollingSubscription(common)
        : new FanOutSubscription({ ...common, consumerName: source.consumerName });
    if (!subscription.isClosed) this.#readings.set(sink, { source, shard, subscription });
    return subscription;
  }

  /** PutRecord. Never rejects: errors are results. Resolves after the profile's latency. */
  putRecord(input: PutRecordInput): Promise<PutResult> {
    return this.#writer.putRecord(input);
  }

  /** The records of one PutRecords request: a result for each, in the order of the inputs. */
  putRecords(stream: KinesisStream, inputs: readonly PutRecordInput[]): Promise<PutResult[]> {
    return this.#writer.putRecords(stream, inputs);
  }

  /** Ends every subscription. Puts under way still return; later ones are refused. */
  close(): void {
    this.#writer.close();
    for (const { subscription } of [...this.#readings.values()]) subscription.close();
  }

  /** Gives each shard the meters that the stream asks for. */
  #measureShards({ name, shards, shardMetrics }: KinesisStream): void {
    const isWanted = (metric: string) => shardMetrics.some((wanted) => wanted === metric);
    for (const shard of shards) {
      const dimensions = { StreamName: name, ShardId: shard.shardId };
      shard.meters = metersOf(this.#options.metrics, 'AWS/Kinesis', SHARD, dimensions, isWanted);
    }
  }

  #removeSource(source: EventSource): void {
    this.#sources.delete(source.arn);
    for (const reading of [...this.#readings.values()])
      if (reading.source === source) reading.subscription.close();
  }
}
