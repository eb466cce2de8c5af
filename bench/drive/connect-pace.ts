/**
 * The pace of connecting: whatever wants to dial – the first opening, a reconnect, churn – asks here and is called when
 * its turn has come, in the order of asking. Turns are spaced evenly at the share's part of the connect rate, whatever
 * handshakes do.
 *
 * The rate is a ceiling: within the time that as many turns as the share has per second take (a second, at whole rates)
 * there are never more of them, because a quota such as API Gateway's answers the first one above it with 429. Lateness
 * up to {@link MAX_LATE_MS} is made up for, so that timers that fire late do not lower the rate; what a longer stall cost
 * is not, because making up for it is what would exceed the rate. Idle time is no debt either.
 */
import type { Plan } from '../model/plan.ts';
import type { Clock, Share, Timer } from '../ports.ts';

/** Lateness that is made up for: more than a busy loop's timers have, and one hundredth of a second's turns. */
const MAX_LATE_MS = 10;

/** Turns remembered to keep the ceiling; at higher rates it is kept over the part of a second that these take. */
const MAX_REMEMBERED = 10_000;

/**
 * Turns given on one wake. Dialling keeps the loop from answering handshakes that came back: thousands in one go would
 * finish none before all are begun, and the time to connect would be the length of the burst.
 */
const MAX_AT_ONCE = 32;

/** Turns done are cut off the queue when there are this many of them, and they are half of it. */
const CUT_AT = 1024;

export interface ConnectPaceOptions {
  readonly plan: Pick<Plan, 'connectRatePerSecond'>;
  readonly share: Share;
  readonly clock: Clock;
  /** Called in its turn with what was given to {@link ConnectPace.request}. */
  readonly dial: (slot: number) => void;
}

export class ConnectPace {
  readonly #options: ConnectPaceOptions;
  readonly #intervalMs: number;
  /** Times of the last turns, as a ring. */
  readonly #turns: Float64Array;
  #turn = 0;
  #dueMs: number;
  #queue: number[] = [];
  #head = 0;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(options: ConnectPaceOptions) {
    const { plan, share, clock } = options;
    const ratePerSecond = plan.connectRatePerSecond / share.of;
    this.#options = options;
    this.#intervalMs = 1000 / ratePerSecond;
    const remembered = Math.max(1, Math.min(MAX_REMEMBERED, Math.floor(ratePerSecond)));
    this.#turns = new Float64Array(remembered).fill(Number.NEGATIVE_INFINITY);
    this.#dueMs = clock.now();
  }

  /** Makes now the origin: this share's turns fall between those of the others. */
  start(): void {
    const { plan, share, clock } = this.#options;
    this.#dueMs = clock.now() + (share.index * 1000) / plan.connectRatePerSecond;
  }

  /** Asks for a turn. */
  request(slot: number): void {
    if (this.#isStopped) return;
    this.#queue.push(slot);
    if (this.#timer !== null) return;
    this.#dueMs = Math.max(this.#dueMs, this.#options.clock.now());
    this.#arm();
  }

  /** Gives no more turns. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#queue = [];
    this.#head = 0;
  }

  /** When the next turn is: due, and not above the ceiling. */
  #nextMs(): number {
    const { length } = this.#turns;
    return Math.max(this.#dueMs, this.#turns[this.#turn % length]! + length * this.#intervalMs);
  }

  #arm(): void {
    this.#timer = this.#options.clock.at(this.#nextMs(), () => this.#giveTurns());
  }

  #giveTurns(): void {
    const { clock, dial } = this.#options;
    const nowMs = clock.now();
    this.#dueMs = Math.max(this.#dueMs, nowMs - MAX_LATE_MS);
    for (let given = 0; given < MAX_AT_ONCE && this.#isDue(nowMs); given++) {
      this.#turns[this.#turn++ % this.#turns.length] = nowMs;
      this.#dueMs += this.#intervalMs;
      dial(this.#queue[this.#head++]!);
    }
    this.#timer = null;
    this.#cut();
    if (this.#head < this.#queue.length) this.#arm();
  }

  #isDue(nowMs: number): boolean {
    return this.#head < this.#queue.length && this.#nextMs() <= nowMs;
  }

  #cut(): void {
    const isDone = this.#head === this.#queue.length;
    if (!isDone && (this.#head < CUT_AT || this.#head * 2 < this.#queue.length)) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
