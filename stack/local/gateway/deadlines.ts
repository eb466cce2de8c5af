/**
 * A time limit on many calls at once, the same for all. Calls expire in the order they were made, so one timer is
 * enough: it looks at the oldest call still open. A call that is answered in time costs two map operations.
 */
import type { Clock, Timer } from '../../../bench/ports.ts';

interface Call {
  readonly dueMs: number;
  readonly expire: () => void;
}

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
