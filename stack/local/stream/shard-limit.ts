/**
 * How much a shard lets through. Kinesis states its limits per second and does not publish how it accounts for them; a
 * token bucket that holds one second's worth is the usual reading: a burst of one second passes, the sustained rate
 * holds. A bucket may be overdrawn by one large answer, and then gives nothing until the debt is repaid. Reads have no
 * credit at all, for that is what the documentation says of a 10 MB read: "subsequent calls made within the next 5
 * seconds throw an exception" (GetRecords API reference).
 */

export class ShardLimit {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #filledMs = Number.NEGATIVE_INFINITY;

  /** Full at the start, with `creditSeconds` seconds' worth. Unlimited when the rate is null. */
  constructor(perSecond: number | null, creditSeconds = 1) {
    this.#perSecond = perSecond ?? Number.POSITIVE_INFINITY;
    this.#most = perSecond === null ? Number.POSITIVE_INFINITY : perSecond * creditSeconds;
    this.#tokens = this.#most;
  }

  /** Whether `amount` can be taken now without debt. */
  allows(amount: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= amount;
  }

  /** Takes `amount`, into debt if need be. */
  take(amount: number): void {
    this.#tokens -= amount;
  }

  /** When the debt will have been repaid: now or before when there is none. Same clock as `nowMs`. */
  freeMs(nowMs: number): number {
    this.#fill(nowMs);
    if (this.#tokens >= 0) return nowMs;
    return nowMs + (-this.#tokens / this.#perSecond) * 1_000;
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#filledMs) return;
    const earned = ((nowMs - this.#filledMs) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#most, this.#tokens + earned);
    this.#filledMs = nowMs;
  }
}

/**
 * Whose read of a shard is next. Five calls a second are shared by everybody who polls it, and pollers that each come back
 * after a fixed time could lock into a rhythm in which some are always in time and others never. So a poller that was refused
 * keeps its place: the next call that the shard has room for is that of the one that has waited longest. With more than five
 * pollers of one call a second each, all fall behind alike. AWS documents the limit and not who gets it.
 *
 * Calls of GetRecords from outside have no place to keep, because nobody knows whether they will come again. While
 * pollers wait they get every second call.
 */
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
