/**
 * Opens the connections of a share at the plan's connect rate. Stream k of the run is dialled at k / rate, so shares
 * keep their own part of one global pace, and a slow handshake delays nobody else.
 */
import type { Plan } from '../core/plan.ts';
import type { Clock, Dialer, Timer } from '../ports.ts';
import type { Channel } from './channel.ts';

export interface PoolOptions {
  readonly plan: Plan;
  readonly url: string;
  readonly channels: readonly Channel[];
  readonly dialer: Dialer;
  readonly clock: Clock;
}

export class Pool {
  readonly #options: PoolOptions;
  #next = 0;
  #settled = 0;
  #startMs = 0;
  #timer: Timer | null = null;
  #finish: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Dials every channel and answers when each has opened or failed. */
  open(): Promise<void> {
    this.#startMs = this.#options.clock.now();
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#dialDue();
    });
  }

  /** Tells that one channel has opened or failed. */
  settled(): void {
    this.#settled++;
    if (this.#settled === this.#options.channels.length) this.#finish();
  }

  /** Dials nothing more and lets {@link open} answer. */
  stop(): void {
    this.#timer?.cancel();
    this.#finish();
  }

  #dialDue(): void {
    const { channels, clock, dialer, url } = this.#options;
    const untilMs = clock.now();
    for (; this.#next < channels.length && this.#dueMs(this.#next) <= untilMs; this.#next++) {
      channels[this.#next]!.open(dialer, url);
    }
    if (this.#next === channels.length) return;
    this.#timer = clock.at(this.#dueMs(this.#next), () => this.#dialDue());
  }

  #dueMs(index: number): number {
    const { channels, plan } = this.#options;
    return this.#startMs + (channels[index]!.ledger.stream * 1000) / plan.connectRatePerSecond;
  }
}
