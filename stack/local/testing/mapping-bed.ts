/**
 * A stream, a mapping and a function that is a plain callback, on a test clock: what the tests of streams and mappings
 * stand on. Everything a mapping does is recorded in the order it happened.
 */
import { seededRandom } from '../../../bench/measure/random.ts';
import type { Json, ResolvedResource } from '../../template/value.ts';
import { MetricStore, type Statistic } from '../cloudwatch/metrics.ts';
import { EventSourceMapping } from '../mapping/mapping.ts';
import type { InvocationResult, MetricIdentity } from '../ports.ts';
import { IDEAL_PROFILE, type Profile } from '../profile.ts';
import { Kinesis } from '../stream/kinesis.ts';
import { TestClock } from './test-clock.ts';

export const STREAM_ARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/bench-Stream';
export const CONSUMER_ARN = `${STREAM_ARN}/consumer/lambda:1700000000`;
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:bench-Echo';
export const MAPPING_UUID = '11111111-2222-4333-8444-555555555555';

/** The event a function gets, as far as tests look at it. */
export interface TestEvent {
  readonly Records: readonly {
    readonly eventID: string;
    readonly eventSourceARN: string;
    readonly kinesis: {
      readonly partitionKey: string;
      readonly sequenceNumber: string;
      readonly data: string;
      readonly approximateArrivalTimestamp: number;
    };
  }[];
}

/** The text of each record of an event. */
export function textsOf(event: TestEvent): string[] {
  return event.Records.map((record) => Buffer.from(record.kinesis.data, 'base64').toString());
}

export const OK: InvocationResult = { kind: 'ok', payload: null, durationMs: 1, coldStart: false };

/** A handler's error, as the host reports it. */
export function failure(errorMessage: string): InvocationResult {
  return { kind: 'error', errorType: 'Error', errorMessage, durationMs: 1, coldStart: false };
}

export interface TestBedOptions {
  readonly profile?: Profile;
  readonly shards?: number;
  readonly streamProperties?: Readonly<Record<string, Json>>;
  /** Properties of the mapping beyond source, function and start. */
  readonly mapping?: Readonly<Record<string, Json>>;
  /** What the function does; it may take time on the clock. */
  readonly handler?: (event: TestEvent, clock: TestClock) => InvocationResult | Promise<InvocationResult>;
  readonly seed?: number;
  readonly streamMemoryBytes?: number;
  /** Lets every reading of the clock be later than the last. */
  readonly creepMs?: number;
}

export function testResource(
  type: string,
  physicalId: string,
  properties: Readonly<Record<string, Json>>,
): ResolvedResource {
  const attributes: Record<string, string> = type === 'AWS::Kinesis::Stream' ? { Arn: STREAM_ARN } : {};
  return { logicalId: type.split('::').at(-1)!, type, physicalId, attributes, properties };
}

export class TestBed {
  readonly clock: TestClock;
  readonly metrics: MetricStore;
  readonly kinesis: Kinesis;
  readonly mapping: EventSourceMapping;
  /** The records of every invocation, as texts, in the order they began. */
  readonly batches: string[][] = [];
  readonly events: TestEvent[] = [];
  /** When each invocation began, UTC milliseconds. */
  readonly startedMs: number[] = [];
  readonly failures: { readonly destination: string; readonly record: unknown }[] = [];
  readonly lines: string[] = [];
  readonly #mappingProperties: Readonly<Record<string, Json>>;

  constructor(options: TestBedOptions = {}) {
    const clock = new TestClock(undefined, options.creepMs);
    const metrics = new MetricStore({ clock, periodMs: 1_000 });
    this.clock = clock;
    this.metrics = metrics;
    const profile = options.profile ?? IDEAL_PROFILE;
    const random = seededRandom(options.seed ?? 1);
    const log = (line: string) => this.lines.push(line);
    this.kinesis = new Kinesis({
      clock,
      random: random.fork('kinesis'),
      profile,
      metrics,
      region: 'us-east-1',
      accountId: '123456789012',
      log,
      ...(options.streamMemoryBytes === undefined ? {} : { streamMemoryBytes: options.streamMemoryBytes }),
    });
    const streamProperties = options.streamProperties ?? { ShardCount: options.shards ?? 1 };
    this.kinesis.addStream(testResource('AWS::Kinesis::Stream', 'bench-Stream', streamProperties));
    const consumer = { ConsumerName: 'lambda', StreamARN: STREAM_ARN };
    this.kinesis.addConsumer(testResource('AWS::Kinesis::StreamConsumer', CONSUMER_ARN, consumer));
    const properties = {
      EventSourceArn: CONSUMER_ARN,
      FunctionName: FUNCTION_ARN,
      StartingPosition: 'LATEST',
      ...options.mapping,
    };
    this.#mappingProperties = properties;
    const handler = options.handler ?? (() => OK);
    const host = {
      functionName: 'bench-Echo',
      invoke: async (event: unknown) => {
        this.events.push(event as TestEvent);
        this.startedMs.push(clock.epochAt(clock.now()));
        this.batches.push(textsOf(event as TestEvent));
        return handler(event as TestEvent, clock);
      },
      close: async () => {},
    };
    this.mapping = new EventSourceMapping({
      resource: testResource('AWS::Lambda::EventSourceMapping', MAPPING_UUID, properties),
      kinesis: this.kinesis,
      functionFor: (name) => (name === FUNCTION_ARN ? host : undefined),
      clock,
      random: random.fork('mapping'),
      profile,
      metrics,
      deliverFailure: (destination, record) => this.failures.push({ destination, record }),
      log,
    });
  }

  /** Puts texts under one partition key, all at once. */
  put(texts: readonly string[], partitionKey = 'key') {
    const puts = texts.map((text) =>
      this.kinesis.putRecord({
        StreamName: 'bench-Stream',
        Data: Buffer.from(text).toString('base64'),
        PartitionKey: partitionKey,
      }),
    );
    return Promise.all(puts);
  }

  /** Changes the stream's properties. */
  updateStream(properties: Readonly<Record<string, Json>>): void {
    this.kinesis.updateStream(testResource('AWS::Kinesis::Stream', 'bench-Stream', properties));
  }

  /** Changes the mapping: the properties it was made with, but for these. */
  updateMapping(change: Readonly<Record<string, Json>>): Promise<void> {
    const properties = { ...this.#mappingProperties, ...change };
    return this.mapping.update(testResource('AWS::Lambda::EventSourceMapping', MAPPING_UUID, properties));
  }

  /** Total of a count of the mapping, the function or the stream since the start. */
  total(name: string): number {
    return this.#series(name, 'Sum').reduce((sum, value) => sum + value, 0);
  }

  /** Largest value of a metric since the start; −∞ when it was never recorded. */
  largest(name: string): number {
    return Math.max(...this.#series(name, 'Maximum'));
  }

  #series(name: string, stat: Statistic): number[] {
    const known = this.metrics.list().filter((identity: MetricIdentity) => identity.name === name);
    const endMs = this.clock.epochAt(this.clock.now()) + 1;
    return known.flatMap((identity) => this.metrics.series(identity, stat, 0, endMs).values);
  }

  async close(): Promise<void> {
    const closing = this.mapping.close();
    await this.clock.advance(2_000);
    await closing;
    this.kinesis.close();
  }
}

/** A bed whose mapping reads. */
export async function started(options: TestBedOptions): Promise<TestBed> {
  const bed = new TestBed(options);
  await bed.mapping.start();
  return bed;
}
