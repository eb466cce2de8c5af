/** The time of day, and waits, on a clock that is given. */
import type { Clock } from '../../bench/ports.ts';

/** UTC milliseconds now. */
export function epochNow(clock: Clock): number {
  return clock.epochAt(clock.now());
}

/** Resolves after the time, at once if there is none. */
export function waited(clock: Clock, waitMs: number): Promise<void> | undefined {
  return waitMs <= 0 ? undefined : new Promise((resolve) => clock.at(clock.now() + waitMs, resolve));
}

/** Waits, one after the other, that can be cut short. */
export class Pause {
  #end = () => {};

  for(clock: Clock, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.at(clock.now() + waitMs, resolve);
      this.#end = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Ends the wait under way, if there is one. */
  end(): void {
    this.#end();
  }
}
