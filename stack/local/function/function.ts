/**
 * Wraps a pool of execution environments as Lambda does: cold starts, concurrency, throttles, metrics. An invocation
 * takes the free environment that was used last, and starts another if there is none. Of the profile's latencies,
 * `invoke` passes before the event reaches an environment, and `coldStart` is how long a cold start takes in all, the
 * real start of the process included. Neither counts as Duration, as on AWS.
 */
import type { ResolvedResource } from '../../template/value.ts';
import { requestId } from '../ids.ts';
import { FUNCTION, type Meters, metersOf } from '../meters.ts';
import type { FunctionHost, InvocationResult, Part } from '../ports.ts';
import { sampler } from '../profile.ts';
import { waited } from '../waiting.ts';
import { FunctionLog, LogTail } from './function-log.ts';
import { type FunctionSettings, functionSettings } from './function-settings.ts';
import {
  type ExecutionEnvironment,
  exited,
  type FunctionRuntime,
  type Outcome,
  type RunnableCode,
} from './runtime.ts';

/** Where a public host and all hosts below it are really served: `execute-api.us-east-1.amazonaws.com`, on 127.0.0.1:`port`. */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Most processes of one function. AWS's account limit is 1,000 executions; a Node process takes about 45 MB, so this is
 * what a laptop bears. Four shards with a parallelization factor of 10 need 40.
 */
export const ENVIRONMENT_LIMIT = 64;

export interface FunctionOptions extends Part {
  readonly resource: ResolvedResource;
  readonly region: string;
  readonly accountId: string;
  readonly apiAddresses: readonly ApiAddress[];
}

/** A function that can be deployed again under its name. */
export interface HostedFunction extends FunctionHost {
  /** Invokes, and returns the end of what was printed as well, in base64. */
  invokeWithTail(event: unknown): Promise<{ readonly result: InvocationResult; readonly log: string }>;
  update(resource: ResolvedResource): void;
}

/** Deploys a function. Nothing of it runs before the first invocation. Throws if the resource is invalid. */
export type NewFunction = (options: FunctionOptions) => HostedFunction;

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  /** When its environment is ended, counted from the moment it was given the event; null lets it be. */
  readonly killAfterMs: number | null;
  readonly tail: LogTail | undefined;
}

/** Settings and code as they were deployed together. */
interface Deployment {
  readonly settings: FunctionSettings;
  readonly code: RunnableCode;
}

export class LocalFunction implements HostedFunction {
  readonly functionName: string;
  readonly #options: FunctionOptions;
  #deployment: Deployment;
  /** Environments of earlier deployments that still work on an event. */
  readonly #outdated = new Map<ExecutionEnvironment, Deployment>();
  readonly #runtime: FunctionRuntime;
  readonly #functionLog: FunctionLog;
  readonly #meters: Meters<typeof FUNCTION>;
  readonly #drawInvoke: () => number;
  readonly #drawColdStart: () => number;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** Free environments, the last used at the end. */
  #free: ExecutionEnvironment[] = [];
  #running = 0;
  #closed = false;

  /** The runtime is made after the resource has been found valid. */
  constructor(options: FunctionOptions, newRuntime: (options: FunctionOptions) => FunctionRuntime) {
    const settings = functionSettings(options.resource, options.region, options.accountId);
    this.#options = options;
    this.functionName = settings.functionName;
    this.#runtime = newRuntime(options);
    this.#deployment = { settings, code: this.#runtime.deploy(settings) };
    this.#functionLog = new FunctionLog({
      functionName: this.functionName,
      clock: options.clock,
      log: options.log,
    });
    this.#meters = metersOf(options.metrics, 'AWS/Lambda', FUNCTION, { FunctionName: this.functionName });
    this.#drawInvoke = sampler(options.profile.latency.invoke, options.random.fork('invoke'));
    this.#drawColdStart = sampler(options.profile.latency.coldStart, options.random.fork('cold start'));
  }

  invoke(event: unknown): Promise<InvocationResult> {
    return this.#invoke(event, null);
  }

  async invokeWithTail(event: unknown): Promise<{ result: InvocationResult; log: string }> {
    const tail = new LogTail();
    const { memoryMb } = this.#deployment.settings;
    const result = await this.#invoke(event, null, tail);
    // What was printed is in the pipe before the response is sent, and is read in the same turn of the event loop.
    // biome-ignore lint/style/noRestrictedGlobals: a turn of the event loop; only functions in processes have a log.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    if (result.kind !== 'throttled') tail.ended(result.durationMs, memoryMb);
    return { result, log: tail.base64() };
  }

  /** Invokes, and ends the environment `afterMs` after it was given the event, unless it has answered by then. */
  invokeThenKill(event: unknown, afterMs: number): Promise<InvocationResult> {
    return this.#invoke(event, afterMs);
  }

  async #invoke(event: unknown, killAfterMs: number | null, tail?: LogTail): Promise<InvocationResult> {
    if (this.#closed || this.#running >= this.#concurrencyLimit) {
      this.#meters.Throttles.record(1);
      return { kind: 'throttled' };
    }
    this.#running += 1;
    this.#meters.ConcurrentExecutions.record(this.#running);
    try {
      await waited(this.#options.clock, this.#drawInvoke());
      return await this.#run({ id: requestId(this.#options.random), event, killAfterMs, tail });
    } finally {
      this.#running -= 1;
    }
  }

  /**
   * Deploys other settings or code under the same name. Events under way end where they began; the next one finds a
   * new environment, cold. Throws if the resource is invalid; then nothing has changed.
   */
  update(resource: ResolvedResource): void {
    const { region, accountId } = this.#options;
    const settings = functionSettings(resource, region, accountId);
    const before = this.#deployment;
    this.#deployment = { settings, code: this.#runtime.deploy(settings) };
    for (const environment of this.#environments) this.#outdated.set(environment, before);
    for (const environment of this.#free.splice(0)) void environment.kill();
    if (this.#outdated.size === 0) before.code.remove();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.kill()));
    await this.#runtime.close();
    this.#deployment.code.remove();
    this.#functionLog.close();
  }

  get #concurrencyLimit(): number {
    return Math.min(ENVIRONMENT_LIMIT, this.#deployment.settings.reservedConcurrency ?? ENVIRONMENT_LIMIT);
  }

  /** Runs the event in the freshest free environment, or in a new one. */
  async #run(given: Invocation): Promise<InvocationResult> {
    let environment = this.#free.pop();
    while (environment) {
      const outcome = await this.#work(environment, given);
      // An environment that died idle never saw the event: the next one may have it.
      if (outcome.kind !== 'undelivered') return this.#finish(environment, outcome, false);
      environment = this.#free.pop();
    }
    return this.#runCold(given);
  }

  async #runCold(given: Invocation): Promise<InvocationResult> {
    const { clock } = this.#options;
    const earliestMs = clock.now() + this.#drawColdStart();
    await this.#runtime.ready;
    if (this.#closed) return { kind: 'throttled' };
    const environment = this.#start();
    await waited(clock, earliestMs - clock.now());
    const outcome = await this.#work(environment, given);
    return this.#finish(environment, outcome, true);
  }

  #work(environment: ExecutionEnvironment, { id, event, killAfterMs, tail }: Invocation): Promise<Outcome> {
    const outcome = environment.invoke(id, event, tail);
    if (killAfterMs === null) return outcome;
    if (killAfterMs === 0) {
      void environment.kill();
      return outcome;
    }
    const { clock } = this.#options;
    const timer = clock.at(clock.now() + killAfterMs, () => void environment.kill());
    return outcome.finally(() => timer.cancel());
  }

  #start(): ExecutionEnvironment {
    const environment = this.#deployment.code.start({
      clock: this.#options.clock,
      functionLog: this.#functionLog,
      ended: (gone) => {
        this.#environments.delete(gone);
        this.#free = this.#free.filter((other) => other !== gone);
        this.#forget(gone);
      },
    });
    this.#environments.add(environment);
    return environment;
  }

  /** Code goes when the last environment that runs it has gone. */
  #forget(gone: ExecutionEnvironment): void {
    const deployment = this.#outdated.get(gone);
    this.#outdated.delete(gone);
    if (deployment && ![...this.#outdated.values()].includes(deployment)) deployment.code.remove();
  }

  #finish(environment: ExecutionEnvironment, outcome: Outcome, coldStart: boolean): InvocationResult {
    if (this.#outdated.has(environment)) void environment.kill();
    else if (environment.alive) this.#free.push(environment);
    const result = resultOf(outcome, coldStart);
    this.#meters.Invocations.record(1);
    this.#meters.Errors.record(result.kind === 'error' ? 1 : 0);
    this.#meters.Duration.record(result.durationMs);
    return result;
  }
}

/** The runtime's result is JSON unless the runtime is broken; that is the function's error, as on AWS. */
function resultOf(
  outcome: Outcome,
  coldStart: boolean,
): Exclude<InvocationResult, { readonly kind: 'throttled' }> {
  if (outcome.kind === 'undelivered')
    return { kind: 'error', ...exited('before the event reached it'), durationMs: 0, coldStart };
  if (outcome.kind === 'error') return { ...outcome, coldStart };
  const { payload: text, durationMs } = outcome;
  try {
    return { kind: 'ok', payload: text === '' ? null : (JSON.parse(text) as unknown), durationMs, coldStart };
  } catch {
    const errorMessage = 'The function returned something that is not valid JSON';
    return { kind: 'error', errorType: 'Runtime.MarshalError', errorMessage, durationMs, coldStart };
  }
}
