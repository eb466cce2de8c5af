/**
 * The path that is calibrated, from the production parts: a put, the stream, an event source mapping by enhanced fan-out
 * and one by polling, and a function for each. Both mappings read the same records at the same time. Messages are put at
 * random times at a low rate, as the published measurement is about latency and not about load. The latency of a message
 * runs from the call of PutRecord to the moment that the function says it started. Clock, chance and functions are given,
 * so the same path runs on the real clock with real processes and on a virtual one.
 */
import type { Clock, Random } from '../../../../bench/ports.ts';
import type { Json, ResolvedResource } from '../../../template/value.ts';
import { MetricStore } from '../../cloudwatch/metrics.ts';
import { EventSourceMapping } from '../../mapping/mapping.ts';
import type { FunctionHost, MetricRegistry } from '../../ports.ts';
import type { Profile } from '../../profile.ts';
import { Kinesis } from '../../stream/kinesis.ts';
import { CONSUMERS, type Consumer } from './published.ts';

/** How hard the path is driven. */
export interface CalibrationLoad {
  readonly messages: number;
  /** Mean rate; the times are uniform over messages ÷ rate. */
  readonly ratePerSecond: number;
  /** Each shard is polled by itself, so many shards mean many independent polls in a short time. */
  readonly shards: number;
}

/** What a function answers: when it started, and the messages it was given. */
export interface FunctionReport {
  /** UTC milliseconds. */
  readonly startedEpochMs: number;
  readonly messages: readonly number[];
  /** Whether the event waited for its environment to start. */
  readonly coldStart: boolean;
}

export interface PipelineOptions {
  readonly load: CalibrationLoad;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  /** UTC milliseconds, by the clock that the functions report. */
  readonly epochMs: () => number;
  /** The function of a consumer. Every invocation must be reported before it answers. */
  readonly hostOf: (
    consumer: Consumer,
    metrics: MetricRegistry,
    report: (report: FunctionReport) => void,
  ) => FunctionHost;
  readonly log: (line: string) => void;
}

export interface PipelineResult {
  /** Milliseconds per message, cold starts left out. */
  readonly latencies: Readonly<Record<Consumer, readonly number[]>>;
  /** Messages left out because their invocation was a cold start. */
  readonly cold: Readonly<Record<Consumer, number>>;
  /** Messages that no function had reported when waiting for them ended. */
  readonly missing: Readonly<Record<Consumer, number>>;
}

/** How long the last messages may take: several polls. */
const DRAIN_MS = 10_000;
const DRAIN_STEP_MS = 100;
const CLOSE_WAIT_MS = 10;

const STREAM_ARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/calibration';
const CONSUMER_ARN = `${STREAM_ARN}/consumer/calibration:1700000000`;
const SOURCES: Readonly<Record<Consumer, string>> = { fanOut: CONSUMER_ARN, polling: STREAM_ARN };

/** Drives the path with the load and answers when every message has arrived or the wait for it is over. */
export async function measurePipeline(options: PipelineOptions): Promise<PipelineResult> {
  const pipeline = new Pipeline(options);
  try {
    await pipeline.start();
    await pipeline.drive();
    return pipeline.result();
  } finally {
    await pipeline.close();
  }
}

class Pipeline {
  readonly #options: PipelineOptions;
  readonly #kinesis: Kinesis;
  readonly #mappings: readonly EventSourceMapping[];
  /** By message: when its put began, UTC milliseconds. */
  readonly #putEpochMs: Float64Array;
  readonly #latencies: Record<Consumer, number[]> = { fanOut: [], polling: [] };
  readonly #cold: Record<Consumer, number> = { fanOut: 0, polling: 0 };
  #refusal: string | null = null;

  constructor(options: PipelineOptions) {
    const { load, profile, clock, random, log } = options;
    const metrics = new MetricStore({ clock, periodMs: 1_000 });
    this.#options = options;
    this.#putEpochMs = new Float64Array(load.messages);
    const common = { clock, profile, metrics, log };
    this.#kinesis = new Kinesis({
      ...common,
      random: random.fork('kinesis'),
      region: 'us-east-1',
      accountId: '123456789012',
    });
    this.#kinesis.addStream(
      resource('AWS::Kinesis::Stream', 'calibration', { ShardCount: load.shards }, { Arn: STREAM_ARN }),
    );
    const consumer = { ConsumerName: 'calibration', StreamARN: STREAM_ARN };
    this.#kinesis.addConsumer(resource('AWS::Kinesis::StreamConsumer', CONSUMER_ARN, consumer));
    this.#mappings = CONSUMERS.map((kind) => {
      const host = options.hostOf(kind, metrics, (report) => this.#note(kind, report));
      return new EventSourceMapping({
        ...common,
        random: random.fork(kind),
        resource: resource('AWS::Lambda::EventSourceMapping', kind, {
          EventSourceArn: SOURCES[kind],
          FunctionName: host.functionName,
          StartingPosition: 'LATEST',
        }),
        kinesis: this.#kinesis,
        functionFor: () => host,
        deliverFailure: () => {},
      });
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#mappings.map((mapping) => mapping.start()));
  }

  /** Puts every message at its time and waits until all have been reported. */
  async drive(): Promise<void> {
    const { load, clock, random } = this.#options;
    const chance = random.fork('times');
    const startMs = clock.now();
    const windowMs = (load.messages / load.ratePerSecond) * 1_000;
    const times = Float64Array.from({ length: load.messages }, () => chance.next() * windowMs).sort();
    for (const [message, timeMs] of times.entries()) {
      await this.#until(startMs + timeMs);
      this.#put(message);
    }
    for (let waitedMs = 0; waitedMs < DRAIN_MS && this.#unreported() > 0; waitedMs += DRAIN_STEP_MS) {
      await this.#until(clock.now() + DRAIN_STEP_MS);
    }
    if (this.#refusal !== null) throw new Error(`a put was refused: ${this.#refusal}`);
  }

  result(): PipelineResult {
    const { messages } = this.#options.load;
    const missing = (kind: Consumer) => messages - this.#cold[kind] - this.#latencies[kind].length;
    return {
      latencies: this.#latencies,
      cold: this.#cold,
      missing: { fanOut: missing('fanOut'), polling: missing('polling') },
    };
  }

  /** Nothing is under way any more. The wait is for a virtual clock, which gives promises only some turns per appointment. */
  async close(): Promise<void> {
    const closing = Promise.all(this.#mappings.map((mapping) => mapping.close()));
    await this.#until(this.#options.clock.now() + CLOSE_WAIT_MS);
    await closing;
    this.#kinesis.close();
  }

  #until(dueMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.at(dueMs, resolve));
  }

  #put(message: number): void {
    const data = Buffer.from(String(message)).toString('base64');
    this.#putEpochMs[message] = this.#options.epochMs();
    const put = this.#kinesis.putRecord({
      StreamName: 'calibration',
      Data: data,
      PartitionKey: String(message),
    });
    void put.then((answer) => {
      if (!answer.ok) this.#refusal = answer.message;
    });
  }

  #note(kind: Consumer, { startedEpochMs, messages, coldStart }: FunctionReport): void {
    if (coldStart) {
      this.#cold[kind] += messages.length;
      return;
    }
    for (const message of messages) this.#latencies[kind].push(startedEpochMs - this.#putEpochMs[message]!);
  }

  #unreported(): number {
    const { missing } = this.result();
    return missing.fanOut + missing.polling;
  }
}

function resource(
  type: string,
  physicalId: string,
  properties: Readonly<Record<string, Json>>,
  attributes: Readonly<Record<string, string>> = {},
): ResolvedResource {
  return { logicalId: type.split('::').at(-1)!, type, physicalId, attributes, properties };
}
