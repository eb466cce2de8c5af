/**
 * Pacers that need nothing but the event loop. The timer sleeps in whole milliseconds, so it is half a millisecond late at
 * the median and costs next to nothing. Spinning takes a turn of the loop after the other until the time has come: a few
 * hundredths of a millisecond late, for the price of a whole core. Both read arrivals on every turn.
 */
import type { Pacer } from '../ports.ts';

/** A wait that is longer is slept by a timer first: by then the longest rounding of a timer is over. */
const SPIN_MS = 3;

export class LoopPacer implements Pacer {
  readonly #task: () => void;
  readonly #spinMs: number;
  #dueMs = Number.POSITIVE_INFINITY;
  #timeout: NodeJS.Timeout | null = null;
  /** Whether a turn is asked for: it may be asked for once only, or every appointment would start another spin. */
  #turning = false;
  readonly #timeUp = (): void => {
    this.#timeout = null;
    this.#turn();
  };
  readonly #look = (): void => {
    this.#turning = false;
    const dueMs = this.#dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    if (dueMs > performance.now()) this.#wait();
    else this.#fire();
  };

  /** Spins through the last `spinMs` of a wait; 0 never spins. */
  constructor(task: () => void, spinMs: number) {
    this.#task = task;
    this.#spinMs = spinMs;
  }

  wakeAt(dueMs: number): void {
    this.cancel();
    this.#dueMs = dueMs;
    this.#wait();
  }

  cancel(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#timeout === null) return;
    clearTimeout(this.#timeout);
    this.#timeout = null;
  }

  #wait(): void {
    const waitMs = this.#dueMs - performance.now();
    if (waitMs <= this.#spinMs) this.#askForTurn();
    // Node cuts fractions off, which would run the task early.
    else this.#timeout = setTimeout(this.#timeUp, Math.ceil(waitMs - this.#spinMs));
  }

  #askForTurn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#look);
  }

  #turn(): void {
    if (this.#dueMs > performance.now()) this.#wait();
    else this.#fire();
  }

  #fire(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#task();
  }
}

/** Sleeps by the event loop's timer. */
export const timerPacer = (task: () => void): Pacer => new LoopPacer(task, 0);

/** Never sleeps for the last milliseconds before a due time. */
export const spinPacer = (task: () => void): Pacer => new LoopPacer(task, SPIN_MS);
