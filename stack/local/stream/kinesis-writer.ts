/**
 * Writes records into their shards, for PutRecord and PutRecords alike.
 *
 * A put takes the profile's time, and its record is stored at a random moment within it. So two puts that are under way at
 * the same time may be stored in either order, as Kinesis documents ("the put operations appear essentially as
 * simultaneous", Developing producers), and a put that starts after another's answer always comes after it. The records of
 * one PutRecords each have a moment of their own ("PutRecords doesn't guarantee the ordering of records", API reference).
 */
import type { Random } from '../../../bench/ports.ts';
import { AwsError } from '../errors.ts';
import { type Meters, metersOf, STREAM_WRITES } from '../meters.ts';
import type { ActionResult, MetricRegistry, Part, PutRecordInput, PutResult } from '../ports.ts';
import { sampler } from '../profile.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { Shard } from './shard.ts';
import { MAX_HASH_KEY } from './shard-range.ts';

interface KinesisWriterOptions extends Omit<Part, 'log'>, Partial<Pick<Part, 'log'>> {
  readonly accountId: string;
  /** The stream as it is at the moment of the question. */
  readonly stream: (nameOrArn: string) => KinesisStream | undefined;
}

export type WriteMeters = Meters<typeof STREAM_WRITES>;

export function writeMeters(StreamName: string, metrics: MetricRegistry): WriteMeters {
  return metersOf(metrics, 'AWS/Kinesis', STREAM_WRITES, { StreamName });
}

/** Which of the two actions a record's bytes count for. */
type BytesMeter = 'PutRecord.Bytes' | 'PutRecords.Bytes';

/** Losses reported at the 1st, 10th, 100th … record: enough to be seen, never a flood. */
const LOSS_REPORT_FACTOR = 10;

export class RecordWriter {
  readonly #options: KinesisWriterOptions;
  readonly #drawPut: () => number;
  readonly #placement: Random;
  readonly #meters = new WeakMap<KinesisStream, WriteMeters>();
  #nextLossReport = 1;
  #closed = false;

  constructor(options: KinesisWriterOptions) {
    this.#options = options;
    this.#drawPut = sampler(options.profile.latency.putRecord, options.random.fork('put'));
    this.#placement = options.random.fork('placement');
  }

  /** Never rejects: errors are results. Resolves after the profile's latency. */
  putRecord(input: PutRecordInput): Promise<PutResult> {
    const stream = this.#streamOf(input);
    const { clock } = this.#options;
    const startedMs = clock.now();
    const latencyMs = this.#drawPut();
    const place = () => this.#place(stream, input, 'PutRecord.Bytes');
    if (latencyMs === 0) return Promise.resolve(this.#finish(stream, startedMs, place()));
    return new Promise((resolve) => {
      clock.at(startedMs + latencyMs * this.#placement.next(), () => {
        const answer = place();
        clock.at(startedMs + latencyMs, () => resolve(this.#finish(stream, startedMs, answer)));
      });
    });
  }

  /** Several records in one request, which has one latency. Results are in the order of the inputs, one each. */
  async putRecords(stream: KinesisStream, inputs: readonly PutRecordInput[]): Promise<PutResult[]> {
    const startedMs = this.#options.clock.now();
    const answers = await this.#placeAll(stream, inputs, startedMs);
    this.#finishBatch(stream, startedMs, answers);
    return answers;
  }

  /** Refuses later puts; those under way still return. */
  close(): void {
    this.#closed = true;
  }

  #placeAll(
    stream: KinesisStream,
    inputs: readonly PutRecordInput[],
    startedMs: number,
  ): PutResult[] | Promise<PutResult[]> {
    const { clock } = this.#options;
    const latencyMs = this.#drawPut();
    if (latencyMs === 0) return inputs.map((input) => this.#place(stream, input, 'PutRecords.Bytes'));
    return new Promise((resolve) => {
      const answers: PutResult[] = new Array(inputs.length);
      for (const [index, input] of inputs.entries()) {
        clock.at(startedMs + latencyMs * this.#placement.next(), () => {
          answers[index] = this.#place(stream, input, 'PutRecords.Bytes');
        });
      }
      // Timers of one time run in the order they were made, so this one is last even if a record was stored as late.
      clock.at(startedMs + latencyMs, () => resolve(answers));
    });
  }

  /** Stores the record or refuses it. */
  #place(stream: KinesisStream | undefined, input: PutRecordInput, bytesMeter: BytesMeter): PutResult {
    if (this.#closed) return new AwsError('ServiceUnavailable', 'The stage is closing.', 503);
    if (!stream || stream.removed) {
      const name = input.StreamName ?? input.StreamARN ?? '';
      const text = `Stream ${name} under account ${this.#options.accountId} not found.`;
      return new AwsError('ResourceNotFoundException', text);
    }
    const request = parsePut(input, stream.recordBytes);
    return request.ok ? this.#write(stream, request.value, bytesMeter) : request;
  }

  #write(stream: KinesisStream, request: PutRequest, bytesMeter: BytesMeter): PutResult {
    const { clock } = this.#options;
    const shard = stream.shardFor(request.partitionKey, request.explicitHashKey);
    const bytes = request.data.length + Buffer.byteLength(request.partitionKey);
    const nowMs = clock.now();
    const { writeRecords, writeBytes } = shard.limits;
    const meters = this.#metersOf(stream);
    if (!writeRecords.allows(1, nowMs) || !writeBytes.allows(bytes, nowMs)) {
      meters.WriteProvisionedThroughputExceeded.record(1);
      shard.meters.WriteProvisionedThroughputExceeded.record(1);
      const what = `shard ${shard.shardId} in stream ${stream.name} under account ${this.#options.accountId}`;
      return new AwsError('ProvisionedThroughputExceededException', `Rate exceeded for ${what}.`);
    }
    writeRecords.take(1);
    writeBytes.take(bytes);
    const record = shard.append(request.partitionKey, request.data, nowMs, clock.epochAt(nowMs));
    meters.IncomingRecords.record(1);
    meters.IncomingBytes.record(request.data.length);
    meters[bytesMeter].record(request.data.length);
    shard.meters.IncomingRecords.record(1);
    shard.meters.IncomingBytes.record(request.data.length);
    this.#reportLoss(shard);
    return { ok: true, value: { ShardId: shard.shardId, SequenceNumber: record.sequenceNumber } };
  }

  #finish(stream: KinesisStream | undefined, startedMs: number, answer: PutResult): PutResult {
    if (stream) {
      const meters = this.#metersOf(stream);
      meters['PutRecord.Success'].record(answer.ok ? 1 : 0);
      meters['PutRecord.Latency'].record(this.#options.clock.now() - startedMs);
    }
    return answer;
  }

  #finishBatch(stream: KinesisStream, startedMs: number, answers: readonly PutResult[]): void {
    const meters = this.#metersOf(stream);
    const failed = answers.filter((answer) => !answer.ok);
    const throttled = failed.filter((answer) => answer.code === 'ProvisionedThroughputExceededException');
    meters['PutRecords.Success'].record(failed.length < answers.length ? 1 : 0);
    meters['PutRecords.Latency'].record(this.#options.clock.now() - startedMs);
    meters['PutRecords.TotalRecords'].record(answers.length);
    meters['PutRecords.SuccessfulRecords'].record(answers.length - failed.length);
    meters['PutRecords.FailedRecords'].record(failed.length);
    meters['PutRecords.ThrottledRecords'].record(throttled.length);
  }

  #streamOf(input: PutRecordInput): KinesisStream | undefined {
    return this.#options.stream(input.StreamARN ?? input.StreamName ?? '');
  }

  #metersOf(stream: KinesisStream): WriteMeters {
    const known = this.#meters.get(stream);
    if (known) return known;
    const meters = writeMeters(stream.name, this.#options.metrics);
    this.#meters.set(stream, meters);
    return meters;
  }

  #reportLoss(shard: Shard): void {
    if (shard.trimmedUnread < this.#nextLossReport) return;
    this.#nextLossReport = shard.trimmedUnread * LOSS_REPORT_FACTOR;
    this.#options.log?.(
      `${shard.shardId} is full: ${shard.trimmedUnread} records were dropped before every consumer had read them`,
    );
  }
}

// Checks a PutRecord request as Kinesis does, before any shard is asked. Limits: PutRecord API reference.

const PARTITION_KEY_CHARACTERS = 256;

interface PutRequest {
  readonly data: Buffer;
  readonly partitionKey: string;
  readonly explicitHashKey: bigint | null;
}

/**
 * The request decoded, or the error that Kinesis returns for an invalid one. `recordBytes` bounds data and key together;
 * `path` is where the members are in the request, as errors name it.
 */
export function parsePut(input: PutRecordInput, recordBytes: number, path = ''): ActionResult<PutRequest> {
  const keyProblem = partitionKeyProblem(input.PartitionKey);
  if (keyProblem) return invalid(`${path}partitionKey`, keyProblem);
  const explicitHashKey = hashKeyIn(input.ExplicitHashKey);
  if (explicitHashKey === 'invalid') {
    const text = `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${input.ExplicitHashKey}`;
    return new AwsError('InvalidArgumentException', text);
  }
  const data = dataIn(input.Data);
  if (!data) return new AwsError('SerializationException', 'Data is not valid base64');
  if (data.length + Buffer.byteLength(input.PartitionKey) > recordBytes) {
    return invalid(`${path}data`, `Member must have length less than or equal to ${recordBytes}`);
  }
  return { ok: true, value: { data, partitionKey: input.PartitionKey, explicitHashKey } };
}

function invalid(member: string, constraint: string): AwsError {
  const text = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
  return new AwsError('ValidationException', text);
}

function partitionKeyProblem(key: unknown): string | null {
  if (typeof key !== 'string') return 'Member must not be null';
  if (key.length === 0) return 'Member must have length greater than or equal to 1';
  // Kinesis counts Unicode characters, JavaScript UTF-16 units: only a long key is worth counting properly.
  if (key.length <= PARTITION_KEY_CHARACTERS || [...key].length <= PARTITION_KEY_CHARACTERS) return null;
  return `Member must have length less than or equal to ${PARTITION_KEY_CHARACTERS}`;
}

function hashKeyIn(text: unknown): bigint | null | 'invalid' {
  if (text === undefined || text === null) return null;
  if (typeof text !== 'string' || !/^(0|[1-9]\d{0,38})$/.test(text)) return 'invalid';
  const value = BigInt(text);
  return value <= MAX_HASH_KEY ? value : 'invalid';
}

function dataIn(data: unknown): Buffer | null {
  if (data instanceof Uint8Array) return Buffer.from(data);
  if (typeof data !== 'string' || data.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return null;
  return Buffer.from(data, 'base64');
}
