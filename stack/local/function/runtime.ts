/**
 * Declares what a function asks of whatever runs its code: on this machine processes, on a virtual clock simulated
 * ones.
 */
import type { Clock } from '../../../bench/ports.ts';
import type { FunctionLog, LogTail } from './function-log.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { RuntimeFailure } from './runtime-api.ts';

/** How an event ended in an environment. `undelivered`: the environment was gone before it took the event. */
export type Outcome =
  | { readonly kind: 'ok'; readonly payload: string; readonly durationMs: number }
  | ({ readonly kind: 'error'; readonly durationMs: number } & RuntimeFailure)
  | { readonly kind: 'undelivered' };

/** How an event ends whose environment does. */
export function failedOutcome(requestId: string, failure: RuntimeFailure, durationMs: number): Outcome {
  const { errorType, errorMessage } = failure;
  return { kind: 'error', errorType, errorMessage: `RequestId: ${requestId} ${errorMessage}`, durationMs };
}

/** The failure of code that runs into a limit, as Lambda words it. */
export function timedOut(limitMs: number): RuntimeFailure {
  const seconds = (limitMs / 1_000).toFixed(2);
  return { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` };
}

/** The failure of code whose process ends: `with error: signal: SIGKILL`. */
export function exited(why: string): RuntimeFailure {
  return { errorType: 'Runtime.ExitError', errorMessage: `Error: Runtime exited ${why}`.trimEnd() };
}

export interface ExecutionEnvironment {
  /** Whether it may get another event. */
  readonly alive: boolean;
  /**
   * Runs one event; only one at a time. If it is not ready yet, the event waits until it is. Never rejects. The tail, if there is
   * one, is given what is printed until the next event.
   */
  invoke(requestId: string, event: unknown, tail?: LogTail): Promise<Outcome>;
  /** Ends it and all it started. Resolves when it has ended. */
  kill(): Promise<void>;
}

export interface EnvironmentContext {
  readonly clock: Clock;
  readonly functionLog: FunctionLog;
  /** Told once, when the environment has ended for whatever reason. */
  readonly ended: (environment: ExecutionEnvironment) => void;
}

/** Code as it was deployed together with its settings. */
export interface RunnableCode {
  start(context: EnvironmentContext): ExecutionEnvironment;
  /** Called when no environment runs it any more. */
  remove(): void;
}

export interface FunctionRuntime {
  /** Nothing is started before. */
  readonly ready: Promise<void>;
  deploy(settings: FunctionSettings): RunnableCode;
  close(): Promise<void>;
}
