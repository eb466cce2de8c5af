/**
 * Delays what passes and keeps its order, as TCP does for each direction of a WebSocket. A line holds one timer at
 * most, however many items are under way, and none when its delay is zero.
 */
import type { Clock, Timer } from '../../../bench/ports.ts';

interface Waiting<T> {
  readonly item: T;
  readonly dueMs: number;
}

interface DelayLineOptions<T> {
  readonly clock: Clock;
  /** Draws the delay of the next item, milliseconds. */
  readonly delayMs: () => number;
  /** Receives each item. `dueMs` is when it was to arrive, free of the lateness of timers. */
  readonly deliver: (item: T, dueMs: number) => void;
}

export class DelayLine<T> {
  readonly #options: DelayLineOptions<T>;
  readonly #waiting: Waiting<T>[] = [];
  #timer: Timer | null = null;
  #lastDueMs = Number.NEGATIVE_INFINITY;

  constructor(options: DelayLineOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Lets an item in that started at `fromMs`. */
  push(item: T, fromMs: number): void {
    const dueMs = Math.max(this.#lastDueMs, fromMs + this.#options.delayMs());
    this.#lastDueMs = dueMs;
    if (this.#waiting.length === 0 && dueMs <= fromMs) {
      this.#options.deliver(item, dueMs);
      return;
    }
    this.#waiting.push({ item, dueMs });
    this.#arm();
  }

  /** Forgets what is under way. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#waiting.length = 0;
  }

  #arm(): void {
    const head = this.#waiting[0];
    if (this.#timer !== null || head === undefined) return;
    this.#timer = this.#options.clock.at(head.dueMs, () => this.#release());
  }

  /** Delivers the item whose timer ran, and all others that are due by now. What goes in meanwhile finds the line seen to. */
  #release(): void {
    let head = this.#waiting[0];
    const nowMs = Math.max(this.#options.clock.now(), head?.dueMs ?? 0);
    for (; head !== undefined && head.dueMs <= nowMs; head = this.#waiting[0]) {
      this.#waiting.shift();
      this.#options.deliver(head.item, head.dueMs);
    }
    this.#timer = null;
    this.#arm();
  }
}

/** Timers that belong together, so that whoever made them can cancel all that have not run when it closes. */
export class Appointments {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `task` at or after `dueMs`, a reading of the clock. */
  at(dueMs: number, task: () => void): void {
    const timer = this.#clock.at(dueMs, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
  }

  cancelAll(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}

interface Call {
  readonly dueMs: number;
  readonly expire: () => void;
}

/**
 * A time limit on many calls at once, the same for all. Calls expire in the order they were made, so one timer is
 * enough: it looks at the oldest call still open. A call that is answered in time costs two map operations.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #calls = new Map<number, Call>();
  #made = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** The call's outcome, or `expired` once the limit has passed; what the call gives after that is not waited for. */
  race<T>(call: Promise<T>, expired: T): Promise<T> {
    return new Promise((resolve, reject) => {
      const number = this.#made++;
      const settle = (act: () => void) => {
        this.#calls.delete(number);
        act();
      };
      this.#calls.set(number, { dueMs: this.#clock.now() + this.#limitMs, expire: () => resolve(expired) });
      this.#arm();
      call.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  get isIdle(): boolean {
    return this.#calls.size === 0;
  }

  /** Stops the timer; calls still open are left to themselves. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#calls.clear();
  }

  #arm(): void {
    if (this.#timer !== null) return;
    const [oldest] = this.#calls.values();
    if (oldest !== undefined) this.#timer = this.#clock.at(oldest.dueMs, () => this.#expire());
  }

  #expire(): void {
    this.#timer = null;
    const nowMs = this.#clock.now();
    for (const [number, call] of this.#calls) {
      if (call.dueMs > nowMs) break;
      this.#calls.delete(number);
      call.expire();
    }
    this.#arm();
  }
}
