/**
 * An execution environment of simulated code: loads the function once, runs one event at a time, and ends when it runs
 * into its time limit, when its code can't be loaded, or when something it arranged throws with nobody to catch it. What
 * goes in and comes out is JSON, as through the Runtime API. Ended, it is cut off from the clock and its SDK answers
 * nothing, so code that still has a promise in hand gets nowhere.
 */
import type { Random, Timer } from '../../../bench/ports.ts';
import type { FunctionSettings } from '../function/function-settings.ts';
import type { EnvironmentContext, ExecutionEnvironment, Outcome } from '../function/runtime.ts';
import type { RuntimeFailure } from '../function/runtime-api.ts';
import { SandboxTime } from './sandbox-time.ts';

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback?: Callback) => unknown;

export interface CodeEnvironmentOptions extends EnvironmentContext {
  readonly settings: FunctionSettings;
  readonly random: Random;
  /** Evaluates the module and answers its exports; throws what it throws. */
  readonly load: (time: SandboxTime, line: (text: string) => void) => unknown;
}

interface Work {
  readonly requestId: string;
  readonly startedMs: number;
  readonly settle: (outcome: Outcome) => void;
  readonly limit: Timer;
}

/** From this major version of the runtime on, handlers with a callback are refused (Lambda, Node.js 24 runtime). */
const WITHOUT_CALLBACKS = 24;

export class CodeEnvironment implements ExecutionEnvironment {
  readonly #options: CodeEnvironmentOptions;
  readonly #time: SandboxTime;
  readonly #handler: Handler | null;
  /** Why it can't be used; set when loading failed. */
  readonly #failure: RuntimeFailure | null;
  #work: Work | null = null;
  #alive = true;

  constructor(options: CodeEnvironmentOptions) {
    const { clock, random, functionLog } = options;
    this.#options = options;
    this.#time = new SandboxTime(clock, random.fork('code'), (error) => this.#crash(error));
    const loaded = this.#load((text) => functionLog.line(text));
    this.#handler = typeof loaded === 'function' ? (loaded as Handler) : null;
    this.#failure = typeof loaded === 'function' ? null : (loaded as RuntimeFailure);
  }

  get alive(): boolean {
    return this.#alive;
  }

  invoke(requestId: string, event: unknown): Promise<Outcome> {
    if (!this.#alive) return Promise.resolve({ kind: 'undelivered' });
    const { clock, settings } = this.#options;
    const startedMs = clock.now();
    return new Promise((settle) => {
      const limit = clock.at(startedMs + settings.timeoutMs, () => this.#timeOut());
      this.#work = { requestId, startedMs, settle, limit };
      if (this.#handler === null) this.#end(this.#failure!);
      else this.#run(this.#handler, this.#work, JSON.stringify(event));
    });
  }

  kill(): Promise<void> {
    if (this.#alive) this.#end({ errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited' });
    return Promise.resolve();
  }

  /** The handler, or why there is none. */
  #load(line: (text: string) => void): unknown {
    try {
      let found = this.#options.load(this.#time, line);
      const [, ...names] = this.#options.settings.handler.split('.');
      for (const name of names) found = (found as Record<string, unknown> | undefined)?.[name];
      if (typeof found === 'function') return found;
      const errorMessage = `${this.#options.settings.handler} is undefined or not exported`;
      return { errorType: 'Runtime.HandlerNotFound', errorMessage };
    } catch (error) {
      line(`Uncaught Exception ${String(error)}`);
      return failureOf(error);
    }
  }

  #run(handler: Handler, work: Work, payload: string): void {
    const { clock } = this.#options;
    handle(handler, JSON.parse(payload), this.#contextOf(work), this.#options.settings.runtime).then(
      (result) => {
        if (this.#work !== work) return;
        this.#settle({
          kind: 'ok',
          payload: JSON.stringify(result ?? null),
          durationMs: clock.now() - work.startedMs,
        });
      },
      (error: unknown) => {
        if (this.#work !== work) return;
        this.#options.functionLog.line(`${work.requestId} Invoke Error ${String(error)}`);
        this.#settle({ kind: 'error', ...failureOf(error), durationMs: clock.now() - work.startedMs });
      },
    );
  }

  #contextOf({ requestId, startedMs }: Work) {
    const { clock, settings } = this.#options;
    const deadlineEpochMs = Math.floor(clock.epochAt(startedMs + settings.timeoutMs));
    return {
      awsRequestId: requestId,
      functionName: settings.functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: settings.functionArn,
      memoryLimitInMB: String(settings.memoryMb),
      logGroupName: `/aws/lambda/${settings.functionName}`,
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMs - this.#time.epochMs()),
    };
  }

  #settle(outcome: Outcome): void {
    const work = this.#work;
    this.#work = null;
    work?.limit.cancel();
    work?.settle(outcome);
  }

  #timeOut(): void {
    const seconds = (this.#options.settings.timeoutMs / 1_000).toFixed(2);
    this.#end({
      errorType: 'Sandbox.Timedout',
      errorMessage: `Task timed out after ${seconds} seconds`,
    });
  }

  #crash(error: unknown): void {
    this.#options.functionLog.line(`Uncaught Exception ${String(error)}`);
    this.#end(failureOf(error));
  }

  #end(failure: RuntimeFailure): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#time.end();
    const work = this.#work;
    this.#options.ended(this);
    if (work === null) return;
    const { errorType, errorMessage } = failure;
    const durationMs = this.#handler === null ? 0 : this.#options.clock.now() - work.startedMs;
    this.#settle({
      kind: 'error',
      errorType,
      errorMessage: `RequestId: ${work.requestId} ${errorMessage}`,
      durationMs,
    });
  }
}

function failureOf(error: unknown): RuntimeFailure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  const isMissing = 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return { errorType: isMissing ? 'Runtime.ImportModuleError' : error.name, errorMessage: error.message };
}

/** As the runtime of a real environment calls it (function/bootstrap.mjs). */
async function handle(handler: Handler, event: unknown, context: object, runtime: string): Promise<unknown> {
  if (handler.length < 3) return handler(event, context);
  if (Number(/\d+/.exec(runtime)?.[0]) >= WITHOUT_CALLBACKS) {
    const message = 'callbacks are not supported from nodejs24.x on: use an async handler';
    throw Object.assign(new Error(message), { name: 'Runtime.CallbackHandlerDeprecated' });
  }
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}
