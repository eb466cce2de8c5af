/**
 * A hop that takes time and keeps order: what goes in comes out later, never before what went in earlier. TCP gives
 * each direction of a WebSocket exactly this property, so a connection has one delay line each way. A line holds one
 * timer at most, however many items are under way, and none at all when its delay is zero: then an item passes through
 * within the call.
 */
import type { Clock, Timer } from '../../../bench/ports.ts';

interface Waiting<T> {
  readonly item: T;
  readonly dueMs: number;
}

export interface DelayLineOptions<T> {
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

  /** Items under way. */
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
