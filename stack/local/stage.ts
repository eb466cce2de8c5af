/**
 * The local stage: a CloudFormation template, executed. Resolves the template, builds streams, functions, mappings and
 * the gateway from its resources, joins them and serves the API on loopback. Whatever goes wrong on the way, everything
 * already started is closed again before the error is thrown.
 */

import type { StageMetrics } from '../../bench/core/result.ts';
import type { Clock, Random } from '../../bench/ports.ts';
import { StageConfigurationError } from './configuration-error.ts';
import { type ApiAddress, startFunction } from './function/function.ts';
import { callbackHandler } from './gateway/callbacks.ts';
import { Gateway } from './gateway/gateway.ts';
import { type GatewayConfig, gatewayConfig } from './gateway/gateway-config.ts';
import { GatewayServer } from './gateway/server.ts';
import { EventSourceMapping } from './mapping/mapping.ts';
import { MetricStore } from './metrics.ts';
import type { FunctionHost } from './ports.ts';
import type { Profile } from './profile.ts';
import { stageMetrics } from './series.ts';
import { stageNotes } from './stage-notes.ts';
import { Kinesis } from './stream/kinesis.ts';
import { resolveTemplate, TemplateError } from './template/resolve.ts';
import type { ResolvedResource, ResolvedStack } from './template/resolved.ts';

export interface LocalStageOptions {
  readonly templateText: string;
  /** For messages. */
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: Profile;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
}

export interface LocalStage {
  /** `ws://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly port: number;
  readonly stack: ResolvedStack;
  /** What a reader of its figures must know, one sentence each. */
  readonly notes: readonly string[];
  /** Metrics of the seconds that cover the window, UTC milliseconds. */
  metrics(startEpochMs: number, endEpochMs: number): StageMetrics;
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/** Names in ARNs and endpoints. The account is the one AWS uses in its own documentation. */
const REGION = 'us-east-1';
const ACCOUNT_ID = '123456789012';

/** Length of a metric period: CloudWatch publishes minutes, and a run of seconds would not fill one. */
const METRIC_PERIOD_MS = 1_000;

/** Failure documents written to the log; the metrics count all. */
const LOGGED_FAILURES = 5;

/**
 * Starts a stage. Rejects with a {@link StageConfigurationError} when the template or its parameters must be changed,
 * with another Error when the stage cannot run, such as for a port in use.
 */
export async function startLocalStage(options: LocalStageOptions): Promise<LocalStage> {
  const stack = resolved(options);
  const config = gatewayConfig(stack);
  const closers: Closer[] = [];
  try {
    return await composed(options, stack, config, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

type Closer = () => void | Promise<void>;

/** Closes in reverse order of starting, each after the one that uses it. */
async function closeAll(closers: Closer[]): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

function resolved({
  templateText,
  templatePath,
  stackName,
  parameters,
  random,
}: LocalStageOptions): ResolvedStack {
  try {
    return resolveTemplate({
      text: templateText,
      fileName: templatePath,
      stackName,
      parameters,
      region: REGION,
      accountId: ACCOUNT_ID,
      random: random.fork('template'),
    });
  } catch (error) {
    throw error instanceof TemplateError ? new StageConfigurationError(error.problems) : error;
  }
}

async function composed(
  options: LocalStageOptions,
  stack: ResolvedStack,
  config: GatewayConfig,
  closers: Closer[],
): Promise<LocalStage> {
  const parts = configured(() => new StageParts(options, stack));
  closers.push(() => parts.kinesis.close());
  const mappings = configured(() => parts.mappings());
  const server = await parts.serve(config);
  closers.push(() => server.close());
  for (const resource of resourcesOf(stack, 'AWS::Lambda::Function')) {
    const host = configured(() =>
      parts.startFunction(resource, { host: config.domainName, port: server.port }),
    );
    closers.push(() => host.close());
  }
  closers.push(async () => void (await Promise.all(mappings.map((mapping) => mapping.close()))));
  await Promise.all(mappings.map((mapping) => mapping.start()));
  const [stageName] = config.stages.keys();
  return {
    url: `ws://127.0.0.1:${server.port}/${stageName}`,
    port: server.port,
    stack,
    notes: stageNotes(options.profile, stack, process.version),
    metrics: (startEpochMs, endEpochMs) =>
      stageMetrics({ stack, store: parts.metrics, startEpochMs, endEpochMs }),
    close: () => closeAll(closers),
  };
}

/** Parts refuse a resource they cannot run with an Error: then it is the template that must be changed. */
function configured<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new StageConfigurationError([error instanceof Error ? error.message : String(error)]);
  }
}

function resourcesOf(stack: ResolvedStack, type: string): ResolvedResource[] {
  return stack.resources.filter((resource) => resource.type === type);
}

/** Makes the parts of a stage from its resources, with what all of them share. */
class StageParts {
  readonly metrics: MetricStore;
  readonly kinesis: Kinesis;
  readonly #options: LocalStageOptions;
  readonly #stack: ResolvedStack;
  /** By name and by ARN. */
  readonly #functions = new Map<string, FunctionHost>();
  #failures = 0;

  constructor(options: LocalStageOptions, stack: ResolvedStack) {
    this.#options = options;
    this.#stack = stack;
    this.metrics = new MetricStore({ clock: options.clock, periodMs: METRIC_PERIOD_MS });
    this.kinesis = new Kinesis({
      ...this.#shared('kinesis'),
      region: stack.region,
      accountId: stack.accountId,
    });
    for (const stream of resourcesOf(stack, 'AWS::Kinesis::Stream')) this.kinesis.addStream(stream);
    for (const consumer of resourcesOf(stack, 'AWS::Kinesis::StreamConsumer'))
      this.kinesis.addConsumer(consumer);
  }

  serve(config: GatewayConfig): Promise<GatewayServer> {
    const { quotas } = this.#options.profile;
    const gateway = new Gateway({ ...this.#shared('gateway'), config, kinesis: this.kinesis });
    const callbacks = callbackHandler({
      apiId: config.apiId,
      connections: gateway,
      messageBytes: quotas.messageBytes,
    });
    return GatewayServer.listen({ gateway, callbacks, quotas, port: this.#options.port });
  }

  startFunction(resource: ResolvedResource, api: ApiAddress): FunctionHost {
    const host = startFunction({
      ...this.#shared(resource.logicalId),
      resource,
      region: this.#stack.region,
      accountId: this.#stack.accountId,
      apiAddresses: [api],
    });
    this.#functions.set(resource.physicalId, host);
    this.#functions.set(resource.attributes.Arn ?? resource.physicalId, host);
    return host;
  }

  /** Mappings, not started yet. */
  mappings(): EventSourceMapping[] {
    return resourcesOf(this.#stack, 'AWS::Lambda::EventSourceMapping').map(
      (resource) =>
        new EventSourceMapping({
          ...this.#shared(resource.logicalId),
          resource,
          kinesis: this.kinesis,
          functionFor: (nameOrArn) => this.#functions.get(nameOrArn),
          deliverFailure: (destination, document) => this.#deliverFailure(destination, document),
        }),
    );
  }

  /** Every part has chance of its own, so that adding one does not change the others. */
  #shared(label: string) {
    const { clock, random, profile, log } = this.#options;
    return { clock, random: random.fork(label), profile, metrics: this.metrics, log };
  }

  /** Stands for the queue or topic: nothing reads it here, so what it would hold is written to the log. */
  #deliverFailure(destination: string, document: unknown): void {
    this.#failures += 1;
    if (this.#failures <= LOGGED_FAILURES)
      this.#options.log(`to ${destination}: ${JSON.stringify(document)}`);
    if (this.#failures === LOGGED_FAILURES)
      this.#options.log('further discarded batches are counted, not logged');
  }
}
