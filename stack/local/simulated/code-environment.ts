/**
 * Is an execution environment of simulated code: loads the function once and runs one event at a time. What goes in
 * and comes out is JSON, as through the Runtime API. Ended, it is cut off from the clock and its SDK answers nothing,
 * so code that still has a promise in hand gets nowhere.
 */
import type { Random, Timer } from '../../../bench/ports.ts';
import type { FunctionSettings } from '../function/function-settings.ts';
import { failureOf, type Handler, handlerIn, invoke, loadErrorOf } from '../function/invocation.mjs';
import {
  type EnvironmentContext,
  type ExecutionEnvironment,
  exited,
  failedOutcome,
  type Outcome,
  timedOut,
} from '../function/runtime.ts';
import type { RuntimeFailure } from '../function/runtime-api.ts';
import { SandboxTime } from './sandbox-time.ts';

export interface CodeEnvironmentOptions extends EnvironmentContext {
  readonly settings: FunctionSettings;
  readonly random: Random;
  /** Evaluates the module and returns its exports; throws what it throws. */
  readonly load: (time: SandboxTime, line: (text: string) => void) => unknown;
}

interface Work {
  readonly requestId: string;
  readonly startedMs: number;
  readonly settle: (outcome: Outcome) => void;
  readonly limit: Timer;
}

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
      const limit = clock.at(startedMs + settings.timeoutMs, () => this.#end(timedOut(settings.timeoutMs)));
      this.#work = { requestId, startedMs, settle, limit };
      if (this.#handler === null) this.#end(this.#failure!);
      else this.#begin(this.#handler, this.#work, JSON.stringify(event));
    });
  }

  kill(): Promise<void> {
    this.#end(exited(''));
    return Promise.resolve();
  }

  /** The handler, or why there is none. */
  #load(line: (text: string) => void): unknown {
    const { load, settings } = this.#options;
    const failed = (error: unknown) => {
      line(`Uncaught Exception ${String(error)}`);
      return failureOf(error);
    };
    let exported: unknown;
    try {
      exported = load(this.#time, line);
    } catch (error) {
      return failed(loadErrorOf(error));
    }
    try {
      return handlerIn(exported, settings.handler, settings.runtime);
    } catch (error) {
      return failed(error);
    }
  }

  /** What earlier events left behind and has come due happens before the handler is called. */
  #begin(handler: Handler, work: Work, payload: string): void {
    const { clock } = this.#options;
    const run = () => this.#run(handler, work, payload);
    if (this.#time.thaw()) clock.at(clock.now(), run);
    else run();
  }

  #run(handler: Handler, work: Work, payload: string): void {
    const { clock, functionLog, settings } = this.#options;
    if (this.#work !== work) return;
    const end = (outcome: Outcome) => {
      if (this.#work !== work) return;
      this.#time.freeze();
      this.#settle(outcome);
    };
    const durationMs = () => clock.now() - work.startedMs;
    invoke(handler, JSON.parse(payload), this.#contextOf(work), settings.runtime, {
      succeed: (json) => end({ kind: 'ok', payload: json, durationMs: durationMs() }),
      fail: (error) => {
        functionLog.line(`${work.requestId} Invoke Error ${String(error)}`);
        end({ kind: 'error', ...failureOf(error), durationMs: durationMs() });
      },
      exit: (status) => this.#end(exited(`with error: exit status ${status}`)),
      whenLoopIsEmpty: (task) => this.#time.whenLoopIsEmpty(task),
    });
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
      getRemainingTimeInMillis: () => deadlineEpochMs - this.#time.epochMs(),
    };
  }

  #settle(outcome: Outcome): void {
    const work = this.#work;
    this.#work = null;
    work?.limit.cancel();
    work?.settle(outcome);
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
    const durationMs = this.#handler === null ? 0 : this.#options.clock.now() - work.startedMs;
    this.#settle(failedOutcome(work.requestId, failure, durationMs));
  }
}
