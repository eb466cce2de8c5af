/**
 * Kinesis Data Streams, as far as the reference architecture uses it: streams made from template resources, PutRecord on
 * the write side, subscriptions of event source mappings on the read side, and the service's own metrics.
 *
 * Where order is decided: PutRecord takes the profile's time, and the record takes its place in the shard at a random
 * moment within it. Two puts that are under way at the same time may therefore be stored in either order, whatever order
 * they were sent in; that is what Kinesis documents ("the put operations appear essentially as simultaneous", Developing
 * producers). A put that starts after another's answer always comes after it. Without latency a put takes its place at
 * once, so order is kept.
 */
import type { Clock, Random } from '../../../bench/ports.ts';
import { sampler } from '../latency.ts';
import type { ActionResult, KinesisWriter, Meter, MetricRegistry, PutRecordInput } from '../ports.ts';
import type { Profile } from '../profile.ts';
import type { ResolvedResource } from '../template/resolved.ts';
import type { RecordSink, StartingPosition, Subscription } from './consumer.ts';
import { FanOutSubscription } from './consumer-fan-out.ts';
import { PollingSubscription } from './consumer-polling.ts';
import { type PutRequest, parsePut, refusal } from './kinesis-put.ts';
import { KinesisStream } from './kinesis-stream.ts';
import type { Shard } from './shard.ts';

export interface KinesisOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly profile: Profile;
  readonly metrics: MetricRegistry;
  readonly region: string;
  readonly accountId: string;
  /** Told when records are lost to the memory limit. */
  readonly log?: (line: string) => void;
  /** Memory for the records of one stream; the default is STREAM_MEMORY_BYTES of kinesis-stream.ts. */
  readonly streamMemoryBytes?: number;
}

/** What an event source mapping can name: a stream, polled, or one of its registered consumers, pushed to. */
export interface EventSource {
  readonly kind: 'polling' | 'fanOut';
  readonly arn: string;
  readonly stream: KinesisStream;
  /** Null for a stream. */
  readonly consumerName: string | null;
}

type PutAnswer = ActionResult<{ readonly ShardId: string; readonly SequenceNumber: string }>;

/** Losses reported at the 1st, 10th, 100th … record: enough to be seen, never a flood. */
const LOSS_REPORT_FACTOR = 10;

export class Kinesis implements KinesisWriter {
  readonly #options: KinesisOptions;
  readonly #drawPut: () => number;
  readonly #placement: Random;
  readonly #streams = new Map<string, KinesisStream>();
  readonly #sources = new Map<string, EventSource>();
  readonly #meters = new Map<KinesisStream, ReturnType<typeof streamMeters>>();
  readonly #subscriptions = new Set<Subscription>();
  #nextLossReport = 1;
  #subscribed = 0;
  #closed = false;

  constructor(options: KinesisOptions) {
    this.#options = options;
    this.#drawPut = sampler(options.profile.latency.putRecord, options.random.fork('put'));
    this.#placement = options.random.fork('placement');
  }

  /** Makes an `AWS::Kinesis::Stream`. Throws if its properties are invalid. */
  addStream(resource: ResolvedResource): void {
    const { clock, profile, metrics, streamMemoryBytes } = this.#options;
    const createdEpochMs = Math.floor(clock.epochAt(clock.now()));
    const stream = new KinesisStream({ resource, profile, createdEpochMs, memoryBytes: streamMemoryBytes });
    this.#streams.set(stream.name, stream);
    this.#streams.set(stream.arn, stream);
    this.#sources.set(stream.arn, { kind: 'polling', arn: stream.arn, stream, consumerName: null });
    this.#meters.set(stream, streamMeters(stream.name, metrics));
  }

  /** Registers an `AWS::Kinesis::StreamConsumer`; its stream must have been added. */
  addConsumer(resource: ResolvedResource): void {
    const stream = this.stream(String(resource.properties.StreamARN));
    if (!stream) {
      throw new Error(
        `${resource.logicalId}: StreamARN names no stream of this stack: ${resource.properties.StreamARN}`,
      );
    }
    const arn = resource.attributes.ConsumerARN ?? resource.physicalId;
    const consumerName = String(resource.properties.ConsumerName);
    this.#sources.set(arn, { kind: 'fanOut', arn, stream, consumerName });
  }

  /** A stream by its name or ARN. */
  stream(nameOrArn: string): KinesisStream | undefined {
    return this.#streams.get(nameOrArn);
  }

  /** Names of the streams, in the order they were added. */
  streamNames(): string[] {
    return [...this.#meters.keys()].map((stream) => stream.name);
  }

  /** What an EventSourceArn names. */
  eventSource(arn: string): EventSource | undefined {
    return this.#sources.get(arn);
  }

  /** Starts reading one shard. */
  subscribe(source: EventSource, shard: Shard, from: StartingPosition, sink: RecordSink): Subscription {
    const { clock, random, profile, metrics } = this.#options;
    const chance = random.fork(`subscription ${this.#subscribed++}`);
    const streamName = source.stream.name;
    const common = { clock, random: chance, profile, metrics, streamName, shard, from, sink };
    const subscription =
      source.consumerName === null
        ? new PollingSubscription(common)
        : new FanOutSubscription({ ...common, consumerName: source.consumerName });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Never rejects; errors are answers. Answers after the profile's latency. */
  putRecord(input: PutRecordInput): Promise<PutAnswer> {
    const stream = this.stream(input.StreamARN ?? input.StreamName ?? '');
    const { clock } = this.#options;
    const startedMs = clock.now();
    const latencyMs = this.#drawPut();
    if (latencyMs === 0) return Promise.resolve(this.#finish(stream, startedMs, this.#place(stream, input)));
    const placedMs = startedMs + latencyMs * this.#placement.next();
    return new Promise((resolve) => {
      clock.at(placedMs, () => {
        const answer = this.#place(stream, input);
        clock.at(startedMs + latencyMs, () => resolve(this.#finish(stream, startedMs, answer)));
      });
    });
  }

  /** Ends every subscription. Puts under way are still answered; later ones are refused. */
  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions.clear();
  }

  /** The moment in which the record takes its place, or is refused. */
  #place(stream: KinesisStream | undefined, input: PutRecordInput): PutAnswer {
    if (this.#closed)
      return { ok: false, status: 503, code: 'ServiceUnavailable', message: 'The stage is closing.' };
    if (!stream) return this.#unknownStream(input);
    const request = parsePut(input, stream.recordBytes);
    return request.ok ? this.#write(stream, request.value) : request;
  }

  #write(stream: KinesisStream, request: PutRequest): PutAnswer {
    const { clock } = this.#options;
    const shard = stream.shardFor(request.partitionKey, request.explicitHashKey);
    const bytes = request.data.length + Buffer.byteLength(request.partitionKey);
    const nowMs = clock.now();
    const { writeRecords, writeBytes } = shard.limits;
    const meters = this.#meters.get(stream)!;
    if (!writeRecords.allows(1, nowMs) || !writeBytes.allows(bytes, nowMs)) {
      meters.throttled.record(1);
      return this.#overLimit(stream, shard);
    }
    writeRecords.take(1);
    writeBytes.take(bytes);
    const record = shard.append(request.partitionKey, request.data, nowMs, clock.epochAt(nowMs));
    meters.incomingRecords.record(1);
    meters.incomingBytes.record(request.data.length);
    meters.putBytes.record(request.data.length);
    this.#reportLoss(shard);
    return { ok: true, value: { ShardId: shard.shardId, SequenceNumber: record.sequenceNumber } };
  }

  #finish(stream: KinesisStream | undefined, startedMs: number, answer: PutAnswer): PutAnswer {
    if (stream) {
      const meters = this.#meters.get(stream)!;
      meters.success.record(answer.ok ? 1 : 0);
      meters.latency.record(this.#options.clock.now() - startedMs);
    }
    return answer;
  }

  #unknownStream(input: PutRecordInput): PutAnswer {
    const name = input.StreamName ?? input.StreamARN ?? '';
    const text = `Stream ${name} under account ${this.#options.accountId} not found.`;
    return refusal('ResourceNotFoundException', text);
  }

  #overLimit(stream: KinesisStream, shard: Shard): PutAnswer {
    const text = `Rate exceeded for shard ${shard.shardId} in stream ${stream.name} under account ${this.#options.accountId}.`;
    return refusal('ProvisionedThroughputExceededException', text);
  }

  #reportLoss(shard: Shard): void {
    if (shard.trimmedUnread < this.#nextLossReport) return;
    this.#nextLossReport = shard.trimmedUnread * LOSS_REPORT_FACTOR;
    this.#options.log?.(
      `${shard.shardId} is full: ${shard.trimmedUnread} records were dropped before every consumer had read them`,
    );
  }
}

function streamMeters(streamName: string, metrics: MetricRegistry) {
  const meter = (name: string, unit: 'Count' | 'Bytes' | 'Milliseconds'): Meter =>
    metrics.meter({ namespace: 'AWS/Kinesis', name, dimensions: { StreamName: streamName }, unit });
  return {
    incomingRecords: meter('IncomingRecords', 'Count'),
    incomingBytes: meter('IncomingBytes', 'Bytes'),
    success: meter('PutRecord.Success', 'Count'),
    latency: meter('PutRecord.Latency', 'Milliseconds'),
    putBytes: meter('PutRecord.Bytes', 'Bytes'),
    throttled: meter('WriteProvisionedThroughputExceeded', 'Count'),
  };
}
