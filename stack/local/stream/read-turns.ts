/**
 * Decides whose read of a shard is next: a poller that was refused keeps its turn, so that pollers that come back after a fixed
 * time can't lock into a rhythm in which some are always in time and others never. With more than five pollers of one call
 * a second each, all fall behind alike. AWS documents the limit and not who gets it. Calls of GetRecords from outside keep no
 * turn, because nobody knows whether they will come again; while pollers wait they get every second call.
 */
import type { TokenBucket } from '../token-bucket.ts';

export class ReadTurns {
  readonly #calls: TokenBucket;
  readonly #bytes: TokenBucket;
  /** Pollers that were refused, the first first. */
  readonly #waiting = new Set<object>();
  #lastWasOutside = false;

  constructor(calls: TokenBucket, bytes: TokenBucket) {
    this.#calls = calls;
    this.#bytes = bytes;
  }

  /** Takes a call for the poller. False if it must ask again; it then keeps its turn until it is admitted or leaves. */
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
    return this.#bytes.allows(0, nowMs) && this.#calls.tryTake(nowMs);
  }
}
