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
