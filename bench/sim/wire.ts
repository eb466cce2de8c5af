/**
 * The network of a simulation: whatever is put on it happens one way's time later. The time is the same for all, so things
 * happen in the order they were put on, on every connection and between them, and one appointment at a time is enough.
 */
import type { Clock } from '../ports.ts';

/**
 * One way, milliseconds: about what a loopback interface takes. It is not zero, or a closed loop on a stage without latency
 * would send for ever and time would stand still.
 */
export const WIRE_MS = 0.1;

export class Wire {
  readonly #clock: Clock;
  readonly #delayMs: number;
  /** Due times and tasks, by the same index: two arrays that grow and are emptied together. */
  #dueMs: number[] = [];
  #tasks: (() => void)[] = [];
  #head = 0;
  #isArmed = false;

  constructor(clock: Clock, delayMs = WIRE_MS) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Lets the task happen at the other end. */
  carry(task: () => void): void {
    this.#dueMs.push(this.#clock.now() + this.#delayMs);
    this.#tasks.push(task);
    this.#arm();
  }

  /** Sees to the next arrival. What is carried while others arrive finds the wire seen to. */
  #arm(): void {
    if (this.#isArmed || this.#head === this.#tasks.length) return;
    this.#isArmed = true;
    this.#clock.at(this.#dueMs[this.#head]!, this.#arrive);
  }

  readonly #arrive = (): void => {
    const nowMs = this.#clock.now();
    while (this.#head < this.#tasks.length && this.#dueMs[this.#head]! <= nowMs) this.#tasks[this.#head++]!();
    this.#compact();
    this.#isArmed = false;
    this.#arm();
  };

  /** A wire that is never empty would otherwise keep what it has carried. */
  #compact(): void {
    if (this.#head < this.#tasks.length && (this.#head < 1_024 || this.#head < this.#tasks.length / 2))
      return;
    this.#dueMs = this.#dueMs.slice(this.#head);
    this.#tasks = this.#tasks.slice(this.#head);
    this.#head = 0;
  }
}
