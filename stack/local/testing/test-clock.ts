/**
 * A clock for tests: time stands still until the test moves it. Appointments run in order of their due time and, at the
 * same time, in the order they were made. After each one the event loop is given a turn, so whatever promises the
 * appointment settled have been acted on before the next runs. The same test therefore always sees the same history.
 */
import type { Clock, Timer } from '../../../bench/ports.ts';

interface Appointment {
  readonly dueMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** Lets every promise that can settle now do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class TestClock implements Clock {
  readonly #originEpochMs: number;
  readonly #creepMs: number;
  #nowMs = 0;
  #made = 0;
  #appointments: Appointment[] = [];

  /**
   * `originEpochMs` is the UTC time at which the clock reads 0. With `creepMs` every reading is that much later than the
   * one before, as two readings of a real clock are; code that takes them for one moment is found out.
   */
  constructor(originEpochMs = 1_700_000_000_000, creepMs = 0) {
    this.#originEpochMs = originEpochMs;
    this.#creepMs = creepMs;
  }

  now(): number {
    this.#nowMs += this.#creepMs;
    return this.#nowMs;
  }

  epochAt(nowMs: number): number {
    return this.#originEpochMs + nowMs;
  }

  at(dueMs: number, task: () => void): Timer {
    const appointment = { dueMs, order: this.#made++, task };
    this.#appointments.push(appointment);
    return {
      cancel: () => {
        this.#appointments = this.#appointments.filter((other) => other !== appointment);
      },
    };
  }

  /** Appointments not yet run or cancelled. */
  get pending(): number {
    return this.#appointments.length;
  }

  /** Moves time forward and runs everything that falls due on the way. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settle();
    for (let next = this.#take(untilMs); next !== undefined; next = this.#take(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.task();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #take(untilMs: number): Appointment | undefined {
    let first: Appointment | undefined;
    for (const one of this.#appointments) {
      if (one.dueMs > untilMs) continue;
      if (!first || one.dueMs < first.dueMs || (one.dueMs === first.dueMs && one.order < first.order))
        first = one;
    }
    if (first) this.#appointments.splice(this.#appointments.indexOf(first), 1);
    return first;
  }
}
