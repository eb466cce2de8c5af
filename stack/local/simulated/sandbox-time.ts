/**
 * Gives the code of a simulated function Date, timers and Math.random on the simulation's clock and seed. When the
 * environment ends, what it still waits for never happens, as in a process that is gone.
 */
import type { Clock, Random, Timer } from '../../../bench/ports.ts';

/** An appointment of the code's. While it is waited for, the event loop is not empty. */
class Wait {
  #isWaitedFor = true;
  #isOver = false;
  readonly #count: (change: number) => void;

  constructor(count: (change: number) => void) {
    this.#count = count;
    count(1);
  }

  get isWaitedFor(): boolean {
    return this.#isWaitedFor;
  }

  set isWaitedFor(is: boolean) {
    if (!this.#isOver && is !== this.#isWaitedFor) this.#count(is ? 1 : -1);
    this.#isWaitedFor = is;
  }

  end(): void {
    if (!this.#isOver && this.#isWaitedFor) this.#count(-1);
    this.#isOver = true;
  }
}

interface SandboxTimer extends Timer {
  readonly wait: Wait;
}

/** What Node's setTimeout gives back, as far as code uses it. */
class Timeout {
  readonly #arm: () => SandboxTimer;
  #timer: SandboxTimer;

  constructor(arm: () => SandboxTimer) {
    this.#arm = arm;
    this.#timer = arm();
  }

  ref(): this {
    this.#timer.wait.isWaitedFor = true;
    return this;
  }
  unref(): this {
    this.#timer.wait.isWaitedFor = false;
    return this;
  }
  hasRef(): boolean {
    return this.#timer.wait.isWaitedFor;
  }
  refresh(): this {
    const isWaitedFor = this.hasRef();
    this.#timer.cancel();
    this.#timer = this.#arm();
    this.#timer.wait.isWaitedFor = isWaitedFor;
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
  /** What the code waits for: timers, and answers to its requests. */
  #waits = 0;
  #emptyTask: (() => void) | null = null;
  #isChecking = false;
  /** What came due while time was frozen; null when it is not. */
  #held: (() => void)[] | null = null;

  /** `crashed` receives what a timer's task throws. */
  constructor(clock: Clock, random: Random, crashed: (error: unknown) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#crashed = crashed;
  }

  get isOver(): boolean {
    return this.#ended;
  }

  /** Nothing that was arranged happens any more. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Runs the task once, in place of the one before, when the code has nothing left to wait for. */
  whenLoopIsEmpty(task: (() => void) | null): void {
    this.#emptyTask = task;
    this.#checkLoop();
  }

  /** The code waits for this until it settles; what it came to is not seen before time thaws. */
  async waitFor<T>(promise: Promise<T>): Promise<T> {
    const wait = new Wait(this.#count);
    try {
      return await promise;
    } finally {
      if (this.#held !== null) await new Promise<void>((resolve) => this.#held?.push(resolve));
      wait.end();
    }
  }

  /** Stops the environment's code between two events, although time passes. */
  freeze(): void {
    this.#held ??= [];
  }

  /** Lets happen what came due meanwhile, and says whether anything did. */
  thaw(): boolean {
    const held = this.#held ?? [];
    this.#held = null;
    for (const task of held) task();
    return held.length > 0;
  }

  /** Whole UTC milliseconds, as Date.now gives them. */
  epochMs(): number {
    return Math.floor(this.#clock.epochAt(this.#clock.now()));
  }

  /** Runs the task after a time; what is returned takes that back. */
  after(delayMs: number, task: () => void): () => void {
    const timer = this.#at(delayMs, task);
    return () => timer.cancel();
  }

  /** Like {@link after}, but the event loop does not wait for it. */
  afterUnlessOver(delayMs: number, task: () => void): void {
    this.#at(delayMs, task).wait.isWaitedFor = false;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#at(delayMs, resolve));
  }

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

  #at(delayMs: number, task: () => void): SandboxTimer {
    const wait = new Wait(this.#count);
    if (this.#ended) return { cancel: () => {}, wait };
    let isCancelled = false;
    const run = () => {
      if (isCancelled) return;
      wait.end();
      try {
        task();
      } catch (error) {
        this.#crashed(error);
      }
    };
    const timer = this.#clock.at(this.#clock.now() + delayMs, () => {
      this.#timers.delete(timer);
      if (this.#held === null) run();
      else this.#held.push(run);
    });
    this.#timers.add(timer);
    const cancel = () => {
      isCancelled = true;
      wait.end();
      this.#timers.delete(timer);
      timer.cancel();
    };
    return { cancel, wait };
  }

  readonly #count = (change: number): void => {
    this.#waits += change;
    this.#checkLoop();
  };

  /** Looks once everything that happens at this instant has happened, promises included. */
  #checkLoop(): void {
    if (this.#waits > 0 || this.#emptyTask === null || this.#isChecking) return;
    this.#isChecking = true;
    this.#clock.at(this.#clock.now(), () => {
      this.#isChecking = false;
      const task = this.#emptyTask;
      if (this.#waits > 0 || this.#ended || task === null) return;
      this.#emptyTask = null;
      task();
    });
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
    time.afterUnlessOver(delayMs, () => controller.abort(reason()));
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name) => (name === 'timeout' ? timeout : Reflect.get(target, name)),
  });
}
