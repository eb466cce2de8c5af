/**
 * An event source mapping: reads every shard of a stream, by push or by polling as its EventSourceArn says, and invokes
 * a function with batches of records. Each shard is worked on independently (mapping-shard.ts), in lanes that keep the
 * order per partition key (mapping-lane.ts); what happens after an invocation is decided in batch.ts.
 *
 * A new mapping on AWS takes up to minutes before it reads, and with LATEST misses what is written meanwhile. Here it
 * reads from the moment {@link EventSourceMapping.start} answers.
 */
import type { Clock, Random } from '../../../bench/ports.ts';
import type { FunctionHost, MetricRegistry } from '../ports.ts';
import type { Profile } from '../profile.ts';
import type { EventSource, Kinesis } from '../stream/kinesis.ts';
import type { ResolvedResource } from '../template/resolved.ts';
import type { MappingFacts } from './batch-event.ts';
import { mappingMeters } from './mapping-meters.ts';
import { type MappingSettings, mappingSettings } from './mapping-settings.ts';
import { ShardMapping } from './mapping-shard.ts';

/** How long closing waits for invocations under way: a stage that stops should not wait for a function's timeout. */
const CLOSE_WAIT_MS = 1_000;

export interface EventSourceMappingOptions {
  readonly resource: ResolvedResource;
  readonly kinesis: Kinesis;
  readonly functionFor: (nameOrArn: string) => FunctionHost | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly profile: Profile;
  readonly metrics: MetricRegistry;
  /** Receives the document about a discarded batch. */
  readonly deliverFailure: (destinationArn: string, record: unknown) => void;
  readonly log: (line: string) => void;
}

export class EventSourceMapping {
  readonly settings: MappingSettings;
  readonly #options: EventSourceMappingOptions;
  #shards: readonly ShardMapping[] = [];

  /** Throws an error that lists everything wrong with the resource. */
  constructor(options: EventSourceMappingOptions) {
    this.#options = options;
    this.settings = mappingSettings(options.resource);
  }

  /** Starts reading, unless the mapping is disabled. Rejects when the stream or the function does not exist. */
  async start(): Promise<void> {
    if (!this.settings.enabled) return;
    const { kinesis, functionFor } = this.#options;
    const { logicalId, eventSourceArn, functionName } = this.settings;
    const source = kinesis.eventSource(eventSourceArn);
    if (!source)
      throw new Error(`${logicalId}: EventSourceArn names no stream or consumer here: ${eventSourceArn}`);
    const host = functionFor(functionName);
    if (!host) throw new Error(`${logicalId}: FunctionName names no function here: ${functionName}`);
    this.#shards = source.stream.shards.map((shard) => this.#attach(source, host, shard));
  }

  /** Stops reading and invoking. Invocations under way get a short while to end; their outcome is not acted on. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    const ended = Promise.all(this.#shards.map((shard) => shard.close()));
    await new Promise<void>((resolve) => {
      const timer = clock.at(clock.now() + CLOSE_WAIT_MS, resolve);
      void ended.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #attach(
    source: EventSource,
    host: FunctionHost,
    shard: EventSource['stream']['shards'][number],
  ): ShardMapping {
    const { kinesis, clock, random, profile, metrics, deliverFailure, log } = this.#options;
    const mapping = new ShardMapping({
      settings: this.settings,
      facts: factsOf(source, host),
      shard,
      host,
      clock,
      random: random.fork(shard.shardId),
      meters: mappingMeters(this.settings, host.functionName, metrics),
      invocationBytes: profile.quotas.invocationBytes,
      deliverFailure,
      log,
    });
    mapping.attach((sink) => kinesis.subscribe(source, shard, this.settings.from, sink));
    return mapping;
  }
}

/** Region and account are those of the stream: `arn:aws:kinesis:REGION:ACCOUNT:stream/NAME`. */
function factsOf(source: EventSource, host: FunctionHost): MappingFacts {
  const [, , , region = '', account = ''] = source.stream.arn.split(':');
  return {
    eventSourceArn: source.arn,
    streamArn: source.stream.arn,
    functionArn: `arn:aws:lambda:${region}:${account}:function:${host.functionName}`,
    region,
    roleArn: `arn:aws:iam::${account}:role/${host.functionName}`,
  };
}
