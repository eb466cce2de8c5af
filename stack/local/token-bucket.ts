/**
 * How much a quota lets through, as a token bucket: tokens come at a steady rate, and the bucket holds a burst of them. No
 * timer is used: it is brought up to date when it is asked. API Gateway documents its throttles so ("Throttle requests to
 * your WebSocket API", developer guide); Kinesis states its limits per second, of which one second's worth as the burst is
 * the usual reading.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs = Number.NEGATIVE_INFINITY;

  /** Full at the start. A rate of null is unlimited, whatever the burst. */
  constructor(perSecond: number | null, burst = perSecond) {
    this.#perSecond = perSecond ?? Number.POSITIVE_INFINITY;
    this.#burst = perSecond === null || burst === null ? Number.POSITIVE_INFINITY : burst;
    this.#tokens = this.#burst;
  }

  /** Whether `amount` can be taken now without debt. */
  allows(amount: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= amount;
  }

  /** Takes `amount`, into debt if need be: then nothing is given until the debt is repaid. */
  take(amount: number): void {
    this.#tokens -= amount;
  }

  /** Takes one token; false when there is none. */
  tryTake(nowMs: number): boolean {
    if (!this.allows(1, nowMs)) return false;
    this.take(1);
    return true;
  }

  /** When the debt will have been repaid: now or before when there is none. Same clock as `nowMs`. */
  freeMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 0 ? nowMs : nowMs + (-this.#tokens * 1_000) / this.#perSecond;
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#filledMs) return;
    const earned = ((nowMs - this.#filledMs) * this.#perSecond) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledMs = nowMs;
  }
}
