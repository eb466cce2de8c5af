/**
 * Is an event source mapping: reads a stream, by push or by polling, and invokes a function with batches. A new
 * mapping on AWS takes up to minutes before it reads, and with LATEST misses what is written meanwhile; this one
 * reads from the moment {@link EventSourceMapping.start} resolves, unless quirks say otherwise. Changed while it
 * works, it finishes what is under way and goes on from its checkpoint; a batch that failed before the change has all
 * its attempts again, about which AWS documents nothing.
 */
import type { ResolvedResource } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import { FUNCTION_SOURCES, MAPPING, metersOf } from '../meters.ts';
import type { FunctionHost, InvocationResult, MetricRegistry, Part } from '../ports.ts';
import { latenessMs } from '../quirks.ts';
import type { EventSource, Kinesis } from '../stream/kinesis.ts';
import { epochNow, Pause } from '../waiting.ts';
import type { MappingFacts } from './batch.ts';
import { type MappingSettings, mappingSettings } from './mapping-settings.ts';
import { StreamMapping, type StreamProgress } from './mapping-stream.ts';

/** How long closing waits for invocations under way: a stage that stops should not wait for a function's timeout. */
const CLOSE_WAIT_MS = 1_000;

/** What Lambda shows as a mapping's State (EventSourceMappingConfiguration, Lambda API reference). */
export type MappingState =
  | 'Creating'
  | 'Enabling'
  | 'Enabled'
  | 'Disabling'
  | 'Disabled'
  | 'Updating'
  | 'Deleting';

/** What Lambda shows as LastProcessingResult. The API names the member but not its texts; these are those the console shows. */
export type ProcessingResult = 'No records processed' | 'OK' | 'PROBLEM: Function call failed';

export interface EventSourceMappingOptions extends Part {
  readonly resource: ResolvedResource;
  readonly kinesis: Kinesis;
  readonly functionFor: (nameOrArn: string) => FunctionHost | undefined;
  /** Receives the document about a discarded batch. */
  readonly deliverFailure: (destinationArn: string, record: unknown) => void;
}

interface Ends {
  readonly source: EventSource;
  readonly host: FunctionHost;
}

export class EventSourceMapping {
  readonly #options: EventSourceMappingOptions;
  #settings: MappingSettings;
  #work: StreamMapping | null = null;
  #progress: StreamProgress | null = null;
  #state: MappingState = 'Creating';
  #lastModifiedEpochMs: number;
  #lastProcessingResult: ProcessingResult = 'No records processed';
  #restarts = 0;
  /** Counts changes, so that one that takes its time notices another. */
  #changes = 0;
  readonly #pause = new Pause();

  /** Throws an error that lists everything wrong with the resource. */
  constructor(options: EventSourceMappingOptions) {
    this.#options = options;
    this.#settings = mappingSettings(options.resource);
    this.#lastModifiedEpochMs = epochNow(this.#options.clock);
  }

  get settings(): MappingSettings {
    return this.#settings;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** When it was last changed, or its state was; UTC milliseconds. */
  get lastModifiedEpochMs(): number {
    return this.#lastModifiedEpochMs;
  }

  get lastProcessingResult(): ProcessingResult {
    return this.#lastProcessingResult;
  }

  /** Starts reading, unless the mapping is disabled. Rejects when the stream or the function does not exist. */
  async start(): Promise<void> {
    this.#begin(this.#settings.enabled ? this.#endsOf(this.#settings) : null);
  }

  /**
   * Takes over new properties: takes no more batches, waits until those under way have ended, and goes on from the
   * checkpoint; nothing is left out and nothing that was processed comes again. While disabled it keeps its checkpoint.
   * Rejects, and changes nothing, when a property is invalid or may not change, when the function does not exist, and
   * with ResourceInUseException while another change is under way.
   */
  async update(resource: ResolvedResource): Promise<void> {
    const settings = mappingSettings(resource);
    this.#refuseChange(settings);
    const ends = settings.enabled ? this.#endsOf(settings) : null;
    const wasEnabled = this.#settings.enabled;
    this.#enter(stateBetween(wasEnabled, settings.enabled));
    const { oldPollerMs, pollerGapMs } = this.#options.profile.quirks;
    if (!wasEnabled || oldPollerMs + pollerGapMs === 0) {
      await this.#stopWork();
      if (this.#isDeleting()) return;
      this.#changes += 1;
      this.#settings = settings;
      this.#restarts += 1;
      this.#begin(ends);
      return;
    }
    this.#settings = settings;
    this.#enter(ends ? 'Enabled' : 'Disabled');
    void this.#handOver(settings, ends);
  }

  /** Lets the old pollers go on for a while and then a gap pass without reading, neither of which the state shows. */
  async #handOver(settings: MappingSettings, ends: Ends | null): Promise<void> {
    const { clock, profile } = this.#options;
    const { oldPollerMs, pollerGapMs } = profile.quirks;
    const change = ++this.#changes;
    await this.#pause.for(clock, oldPollerMs);
    if (change !== this.#changes || this.#isDeleting()) return;
    await this.#stopWork();
    await this.#pause.for(clock, pollerGapMs);
    if (change !== this.#changes || this.#isDeleting()) return;
    this.#settings = settings;
    this.#restarts += 1;
    if (ends) this.#work = this.#workOn(ends);
  }

  async #stopWork(): Promise<void> {
    if (this.#work) this.#progress = await this.#work.stop();
    if (this.#isDeleting()) this.#progress?.release();
    else this.#work = null;
  }

  /** Stops reading and invoking. Invocations under way get a short while to end; their outcome is not acted on. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#enter('Deleting');
    this.#pause.end();
    this.#progress?.release();
    const ended = this.#work?.close() ?? Promise.resolve();
    await new Promise<void>((resolve) => {
      const timer = clock.at(clock.now() + CLOSE_WAIT_MS, resolve);
      void ended.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #refuseChange(settings: MappingSettings): void {
    if (this.#state !== 'Enabled' && this.#state !== 'Disabled') {
      const text = 'Cannot update the event source mapping because it is in use.';
      throw new AwsError('ResourceInUseException', text);
    }
    const { logicalId, eventSourceArn, from } = this.#settings;
    if (settings.eventSourceArn !== eventSourceArn)
      throw new Error(`${logicalId}: EventSourceArn can't change; it takes a new mapping`);
    if (JSON.stringify(settings.from) !== JSON.stringify(from))
      throw new Error(`${logicalId}: StartingPosition can't change; it takes a new mapping`);
  }

  #endsOf({ logicalId, eventSourceArn, functionName }: MappingSettings): Ends {
    const { kinesis, functionFor } = this.#options;
    const source = kinesis.eventSource(eventSourceArn);
    if (!source)
      throw new Error(`${logicalId}: EventSourceArn names no stream or consumer here: ${eventSourceArn}`);
    const host = functionFor(functionName);
    if (!host) throw new Error(`${logicalId}: FunctionName names no function here: ${functionName}`);
    return { source, host };
  }

  #begin(ends: Ends | null): void {
    if (ends) this.#work = this.#workOn(ends);
    this.#enter(ends ? 'Enabled' : 'Disabled');
  }

  #workOn({ source, host }: Ends): StreamMapping {
    const { kinesis, clock, random, profile, metrics, deliverFailure, log } = this.#options;
    const settings = this.#settings;
    // A stream made again under the same name has nothing to do with the old one's checkpoint.
    const progress = this.#progress?.stream === source.stream ? this.#progress : null;
    if (!progress) this.#progress?.release();
    this.#progress = null;
    const chance = this.#restarts === 0 ? random : random.fork(`restart ${this.#restarts}`);
    const shared = {
      facts: factsOf(source, host),
      host,
      clock,
      meters: mappingMeters(settings, host.functionName, metrics),
      invocationBytes: profile.quotas.invocationBytes,
      quirks: profile.quirks,
      deliverFailure,
      invoked: (result: InvocationResult) => this.#note(result),
      log,
    };
    const forShard = (shard: { readonly shardId: string }) => ({
      ...shared,
      random: chance.fork(shard.shardId),
    });
    const late = (shard: number) => latenessMs(profile.quirks, shard);
    return new StreamMapping({ settings, source, kinesis, progress, clock, latenessMs: late, forShard });
  }

  #note(result: InvocationResult): void {
    this.#lastProcessingResult = result.kind === 'ok' ? 'OK' : 'PROBLEM: Function call failed';
  }

  #isDeleting(): boolean {
    return this.#state === 'Deleting';
  }

  #enter(state: MappingState): void {
    this.#state = state;
    this.#lastModifiedEpochMs = epochNow(this.#options.clock);
  }
}

function stateBetween(wasEnabled: boolean, isEnabled: boolean): MappingState {
  if (wasEnabled === isEnabled) return 'Updating';
  return isEnabled ? 'Enabling' : 'Disabling';
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

/** IteratorAge belongs to the function and is always published; the event counts only where MetricsConfig asks for them. */
function mappingMeters(settings: MappingSettings, FunctionName: string, metrics: MetricRegistry) {
  const own = { EventSourceMappingUUID: settings.uuid };
  return {
    ...metersOf(metrics, 'AWS/Lambda', FUNCTION_SOURCES, { FunctionName }),
    ...metersOf(metrics, 'AWS/Lambda', MAPPING, own, () => settings.countEvents),
  };
}
