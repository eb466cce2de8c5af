/**
 * Time that passes only when it is told to. Appointments run in order of their due times, those of the same time in the
 * order they were made, so a run on this clock is the same every time, and takes no longer than its work.
 */
import type { Clock, Timer } from '../ports.ts';

interface Appointment {
  readonly dueMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** Turns of the microtask queue given to promises before time moves on. More than any chain of awaits in the product. */
const SETTLING_TURNS = 10;

export class VirtualClock implements Clock {
  readonly #epochMs: number;
  #nowMs = 0;
  #made = 0;
  /** A binary heap, earliest first. */
  readonly #heap: Appointment[] = [];
  readonly #cancelled = new Set<number>();

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
    const order = this.#made++;
    this.#push({ dueMs: Math.max(dueMs, this.#nowMs), order, task });
    return { cancel: () => void this.#cancelled.add(order) };
  }

  /** Runs appointments, and lets promises settle between them, until `done` settles. Rejects when nothing is left to run. */
  async runUntil<T>(done: Promise<T>): Promise<T> {
    let settled = false;
    const watch = () => {
      settled = true;
    };
    done.then(watch, watch);
    for (;;) {
      for (let turn = 0; turn < SETTLING_TURNS && !settled; turn++) await Promise.resolve();
      if (settled) return done;
      if (!this.#runInstant())
        throw new Error(`deadlock: nothing is due after ${this.#nowMs} ms of virtual time`);
    }
  }

  /** Moves to the next time at which something is due and runs all of it; false when nothing is left. */
  #runInstant(): boolean {
    let ran = false;
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (ran && next.dueMs > this.#nowMs) break;
      this.#pop();
      if (this.#cancelled.delete(next.order)) continue;
      this.#nowMs = next.dueMs;
      next.task();
      ran = true;
    }
    return ran;
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(appointment);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(appointment, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = appointment;
  }

  #pop(): Appointment | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(left: Appointment, right: Appointment): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}
