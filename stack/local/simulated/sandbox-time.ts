/**
 * Time and chance as the code of a simulated function sees them: Date, timers and Math.random of one environment, on the
 * simulation's clock and seed. When the environment ends, what it still waits for never happens, as in a process that is
 * gone.
 */
import type { Clock, Random, Timer } from '../../../bench/ports.ts';

/** What Node's setTimeout gives back, as far as code uses it. */
class Timeout {
  readonly #arm: () => Timer;
  #timer: Timer;

  constructor(arm: () => Timer) {
    this.#arm = arm;
    this.#timer = arm();
  }

  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  refresh(): this {
    this.#timer.cancel();
    this.#timer = this.#arm();
    return this;
  }
  cancel(): void {
    this.#timer.cancel();
  }
}

/** Node takes delays below a millisecond, and those that are no number, for one; and cuts fractions off. */
export function delayOf(delayMs: unknown): number {
  return Math.max(1, Math.trunc(Number(delayMs)) || 1);
}

export class SandboxTime {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #crashed: (error: unknown) => void;
  readonly #timers = new Set<Timer>();
  #ended = false;

  /** `crashed` is told of what a timer's task throws. */
  constructor(clock: Clock, random: Random, crashed: (error: unknown) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#crashed = crashed;
  }

  /** Whether the environment has ended. */
  get isOver(): boolean {
    return this.#ended;
  }

  /** Nothing that was arranged happens any more. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Whole UTC milliseconds, as Date.now gives them. */
  epochMs(): number {
    return Math.floor(this.#clock.epochAt(this.#clock.now()));
  }

  /** Runs the task after a time; the answer takes that back. */
  after(delayMs: number, task: () => void): () => void {
    const timer = this.#at(delayMs, task);
    return () => timer.cancel();
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#at(delayMs, resolve));
  }

  /** The globals, by name. */
  globals(): Readonly<Record<string, unknown>> {
    const setTimeout = (task: (...given: unknown[]) => void, delayMs?: unknown, ...given: unknown[]) =>
      new Timeout(() => this.#at(delayOf(delayMs), () => task(...given)));
    const setInterval = (task: (...given: unknown[]) => void, delayMs?: unknown, ...given: unknown[]) => {
      const timeout: Timeout = new Timeout(() =>
        this.#at(delayOf(delayMs), () => {
          timeout.refresh();
          task(...given);
        }),
      );
      return timeout;
    };
    const setImmediate = (task: (...given: unknown[]) => void, ...given: unknown[]) =>
      new Timeout(() => this.#at(0, () => task(...given)));
    const clear = (timeout: unknown) => {
      if (timeout instanceof Timeout) timeout.cancel();
    };
    return {
      Date: dateOf(this),
      Math: mathOf(this.#random),
      performance: { now: () => this.#clock.now(), timeOrigin: this.#clock.epochAt(0) },
      setTimeout,
      setInterval,
      setImmediate,
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
      AbortSignal: signalsOf(this),
    };
  }

  #at(delayMs: number, task: () => void): Timer {
    if (this.#ended) return { cancel: () => {} };
    const timer = this.#clock.at(this.#clock.now() + delayMs, () => {
      this.#timers.delete(timer);
      try {
        task();
      } catch (error) {
        this.#crashed(error);
      }
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }
}

function dateOf(time: SandboxTime): DateConstructor {
  const now = () => time.epochMs();
  return new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [time.epochMs()] : given, newTarget),
    apply: () => new Date(time.epochMs()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}

function mathOf(random: Random): Math {
  return Object.defineProperty(Object.create(Math), 'random', { value: () => random.next() });
}

function signalsOf(time: SandboxTime): typeof AbortSignal {
  const timeout = (delayMs: number) => {
    const controller = new AbortController();
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    time.after(delayMs, () => controller.abort(reason()));
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name) => (name === 'timeout' ? timeout : Reflect.get(target, name)),
  });
}
