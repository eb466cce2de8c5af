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
