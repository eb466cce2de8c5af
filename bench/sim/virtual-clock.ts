/**
 * Time that passes only when it is told to. Appointments run in order of their due times, those of the same time in the
 * order they were made, so a run on this clock is the same every time, and takes no longer than its work.
 *
 * Between two times every promise settles, however long its chain of awaits: the clock goes on in a macrotask of its own
 * (setImmediate), which Node starts only when its microtask queue is empty. Nothing is counted in turns, so code that is
 * not ours – a template's functions – may await as often as it likes. The price is about a microsecond per time at which
 * something is due. What really waits, such as a read of a file, is not waited for: nothing in a simulation may do that.
 */
import type { Clock, Timer } from '../ports.ts';

class Appointment implements Timer {
  readonly dueMs: number;
  readonly order: number;
  /** Null when it was cancelled or has run. */
  task: (() => void) | null;
  readonly #clock: { cancelled(): void };

  constructor(dueMs: number, order: number, task: () => void, clock: { cancelled(): void }) {
    this.dueMs = dueMs;
    this.order = order;
    this.task = task;
    this.#clock = clock;
  }

  cancel(): void {
    if (this.task === null) return;
    this.task = null;
    this.#clock.cancelled();
  }
}

/** Turns that may pass without time passing. Work does that when each part of it makes the next one due at once. */
const STANDSTILL_TURNS = 1_000_000;

/** Cancelled appointments are swept when they are this many and more than half of all. */
const SWEEP_AT = 1_024;

export interface RunLimits {
  /** Reading of the clock at which `done` should have settled; without one, it may take for ever. */
  readonly untilMs?: number;
  /** {@link STANDSTILL_TURNS}, unless a test has less patience. */
  readonly standstillTurns?: number;
}

export class VirtualClock implements Clock {
  readonly #epochMs: number;
  #nowMs = 0;
  #made = 0;
  /** A binary heap, earliest first. */
  #heap: Appointment[] = [];
  #cancelled = 0;
  readonly #owner = {
    cancelled: () => {
      this.#cancelled++;
      if (this.#cancelled > SWEEP_AT && this.#cancelled > this.#heap.length / 2) this.#sweep();
    },
  };

  /** `epochMs` is the UTC millisecond of time zero. */
  constructor(epochMs = 0) {
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#nowMs;
  }

  epochAt(nowMs: number): number {
    return this.#epochMs + nowMs;
  }

  at(dueMs: number, task: () => void): Timer {
    const appointment = new Appointment(Math.max(dueMs, this.#nowMs), this.#made++, task, this.#owner);
    this.#push(appointment);
    return appointment;
  }

  /**
   * Lets time pass until `done` settles, and settles as it did. Rejects when that can't happen any more: nothing is due
   * (a deadlock), time stands still although there is always something to do, or the limit is reached.
   */
  runUntil<T>(done: Promise<T>, limits: RunLimits = {}): Promise<T> {
    const { untilMs = Number.POSITIVE_INFINITY, standstillTurns = STANDSTILL_TURNS } = limits;
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = () => {
        settled = true;
        resolve(done);
      };
      done.then(settle, settle);
      let standstill = 0;
      const turn = () => {
        if (settled) return;
        const before = this.#nowMs;
        try {
          this.#runInstant(untilMs);
        } catch (error) {
          reject(error);
          return;
        }
        standstill = this.#nowMs > before ? 0 : standstill + 1;
        if (standstill > standstillTurns)
          reject(new Error(`time stands still at ${before} ms: something is always due at once`));
        else setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  /**
   * Moves to the next time at which something is due and runs all of it; what that makes due at once waits for the next
   * turn, behind the promises. Throws when there is nothing, or it lies beyond the limit.
   */
  #runInstant(untilMs: number): void {
    const made = this.#made;
    let ran = false;
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (ran && (next.dueMs > this.#nowMs || next.order >= made)) return;
      const { task } = next;
      if (task !== null && next.dueMs > untilMs)
        throw new Error(`not done after ${untilMs} ms of virtual time`);
      this.#pop();
      if (task === null) {
        this.#cancelled--;
        continue;
      }
      next.task = null;
      this.#nowMs = next.dueMs;
      task();
      ran = true;
    }
    if (!ran) throw new Error(`deadlock: nothing is due after ${this.#nowMs} ms of virtual time`);
  }

  /** An order is total, so a heap made anew from the same appointments gives them back as the old one would. */
  #sweep(): void {
    const kept = this.#heap.filter(({ task }) => task !== null);
    this.#heap = kept.sort((left, right) => (isBefore(left, right) ? -1 : 1));
    this.#cancelled = 0;
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(appointment);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(appointment, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Appointment, right: Appointment): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}
