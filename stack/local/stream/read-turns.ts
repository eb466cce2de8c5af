/**
 * Whose read of a shard is next. Five calls a second are shared by everybody who polls it, and pollers that each come back
 * after a fixed time could lock into a rhythm in which some are always in time and others never. So a poller that was refused
 * keeps its place: the next call that the shard has room for is that of the one that has waited longest. With more than five
 * pollers of one call a second each, all fall behind alike. AWS documents the limit and not who gets it.
 *
 * Calls of GetRecords from outside have no place to keep, because nobody knows whether they will come again. While
 * pollers wait they get every second call.
 */
import type { ShardLimit } from './shard-limit.ts';

export class ReadTurns {
  readonly #calls: ShardLimit;
  readonly #bytes: ShardLimit;
  /** Pollers that were refused, the first first. */
  readonly #waiting = new Set<object>();
  #lastWasOutside = false;

  constructor(calls: ShardLimit, bytes: ShardLimit) {
    this.#calls = calls;
    this.#bytes = bytes;
  }

  /** Takes a call for the poller. False if it must ask again; it then keeps its place until it is admitted or leaves. */
  poll(poller: object, nowMs: number): boolean {
    this.#waiting.add(poller);
    const [first] = this.#waiting;
    if (first !== poller || !this.#take(nowMs)) return false;
    this.#waiting.delete(poller);
    this.#lastWasOutside = false;
    return true;
  }

  /** The poller does not want to read any more, or not now. */
  leave(poller: object): void {
    this.#waiting.delete(poller);
  }

  /** Takes a call for somebody from outside; false if it is refused. */
  call(nowMs: number): boolean {
    const isContested = this.#waiting.size > 0;
    if ((isContested && this.#lastWasOutside) || !this.#take(nowMs)) return false;
    this.#lastWasOutside = isContested;
    return true;
  }

  #take(nowMs: number): boolean {
    if (!this.#calls.allows(1, nowMs) || !this.#bytes.allows(0, nowMs)) return false;
    this.#calls.take(1);
    return true;
  }
}
