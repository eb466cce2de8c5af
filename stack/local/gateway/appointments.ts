/** Timers that belong together, so that whoever made them can cancel all that have not run when it closes. */
import type { Clock, Timer } from '../../../bench/ports.ts';

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
