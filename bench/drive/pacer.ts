/** A pacer on any clock: as precise as its appointments, which in simulation is exactly. */
import type { Clock, NewPacer, Pacer, Timer } from '../ports.ts';

class ClockPacer implements Pacer {
  readonly #clock: Clock;
  readonly #task: () => void;
  #timer: Timer | null = null;

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  wakeAt(dueMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.at(dueMs, this.#task);
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}

/** Makes pacers that use appointments of the clock. */
export function clockPacer(clock: Clock): NewPacer {
  return (task) => new ClockPacer(clock, task);
}
