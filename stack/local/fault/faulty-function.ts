/**
 * Wraps a function with faults, as its mappings invoke it. What a mapping then does is its own doing, so only
 * invocations struck are counted here, not what became of messages.
 */
import type { ResolvedResource } from '../../template/value.ts';
import { exited, timedOut } from '../function/runtime.ts';
import type { RuntimeFailure } from '../function/runtime-api.ts';
import { FUNCTION, metersOf } from '../meters.ts';
import type { FunctionHost, InvocationResult, MetricRegistry } from '../ports.ts';
import { waited } from '../waiting.ts';
import type { FaultInjector } from './fault-injector.ts';
import { type ArmedFault, firstThatPicks } from './fault-period.ts';

/** A host whose process can be killed over an event. A model without a process has no such method. */
export interface CrashableHost extends FunctionHost {
  /** Invokes, and kills the process `afterMs` after it took the event, unless it has answered by then. */
  invokeThenKill(event: unknown, afterMs: number): Promise<InvocationResult>;
}

export interface FaultyFunctionOptions {
  readonly host: FunctionHost;
  readonly resource: ResolvedResource;
  readonly faults: FaultInjector;
  readonly metrics: MetricRegistry;
}

/** Lambda's timeout where the template sets none, seconds ("Timeout", AWS::Lambda::Function). */
const DEFAULT_TIMEOUT_SECONDS = 3;

export class FaultyFunction implements FunctionHost {
  readonly functionName: string;
  readonly #options: FaultyFunctionOptions;

  constructor(options: FaultyFunctionOptions) {
    this.functionName = options.host.functionName;
    this.#options = options;
  }

  invoke(event: unknown): Promise<InvocationResult> {
    const { host, faults, resource } = this.#options;
    const { period, clock } = faults;
    const candidates = period?.onInvocation.filter(
      ({ fault }) => fault.functionId === null || fault.functionId === resource.logicalId,
    );
    const armed = candidates ? firstThatPicks(candidates, clock.now()) : null;
    if (armed === null) return host.invoke(event);
    armed.count('touched', null);
    return this.#strike(armed, event);
  }

  close(): Promise<void> {
    return this.#options.host.close();
  }

  async #strike({ fault }: ArmedFault, event: unknown): Promise<InvocationResult> {
    const { host } = this.#options;
    const errorMessage = `injected by the fault '${fault.name}'`;
    switch (fault.do) {
      case 'slow':
        await waited(this.#options.faults.clock, fault.delayMs);
        return host.invoke(event);
      case 'crash':
        return this.#crash(event, fault.delayMs);
      case 'timeout':
        return this.#timeOut();
      default:
        return fault.when === 'after'
          ? this.#failAfter(await host.invoke(event), errorMessage)
          : this.#failed({ errorType: 'Error', errorMessage }, 0);
    }
  }

  /** The work was done; only its result is lost. */
  #failAfter(result: InvocationResult, errorMessage: string): InvocationResult {
    if (result.kind !== 'ok') return result;
    const { durationMs, coldStart } = result;
    this.#meters.Errors.record(1);
    return { kind: 'error', errorType: 'Error', errorMessage, durationMs, coldStart };
  }

  async #crash(event: unknown, afterMs: number): Promise<InvocationResult> {
    const { host } = this.#options;
    if ('invokeThenKill' in host) return (host as CrashableHost).invokeThenKill(event, afterMs);
    await waited(this.#options.faults.clock, afterMs);
    return this.#failed(exited('with error: signal: SIGKILL'), afterMs);
  }

  async #timeOut(): Promise<InvocationResult> {
    const limitMs = 1_000 * Number(this.#options.resource.properties.Timeout ?? DEFAULT_TIMEOUT_SECONDS);
    await waited(this.#options.faults.clock, limitMs);
    return this.#failed(timedOut(limitMs), limitMs);
  }

  /** An invocation that the host never saw is counted as Lambda counts it. */
  #failed(failure: RuntimeFailure, durationMs: number): InvocationResult {
    this.#meters.Invocations.record(1);
    this.#meters.Errors.record(1);
    return { kind: 'error', ...failure, durationMs, coldStart: false };
  }

  get #meters() {
    const dimensions = { FunctionName: this.functionName };
    return metersOf(this.#options.metrics, 'AWS/Lambda', FUNCTION, dimensions);
  }
}
