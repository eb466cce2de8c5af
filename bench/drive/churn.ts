/**
 * Churn: a load of its own beside the messages. So many connections per second are closed by the driver, evenly and in
 * turn, and their slots are opened again as new streams. Closing is orderly: the stream sends nothing more, is given a
 * moment for its answers, and then closes with code 1000.
 *
 * Turn c of the run is due at (c + 1) / rate and is that of slot c mod connections, so turns, like messages, do not
 * depend on the number of threads. A turn whose connection is not open is missed, and counted.
 */
import type { Plan } from '../model/plan.ts';
import type { Clock, Share, Timer } from '../ports.ts';
import type { Channel } from './channel.ts';

/**
 * How long a stream may wait for its answers: ten times what the pipeline usually takes. What is out then counts as
 * indeterminate.
 */
export const ANSWERS_WITHIN_MS = 1_000;

/** How often a stream that waits looks for its answers. */
const LOOK_MS = 50;

export interface ChurnOptions {
  readonly plan: Plan;
  readonly share: Share;
  /** The share's channels by slot; an element is another one when its slot was opened again. */
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly missed: () => void;
}

export class Churn {
  readonly #options: ChurnOptions;
  readonly #timers = new Set<Timer>();
  #startMs = 0;
  #slot = 0;
  #round = 0;

  constructor(options: ChurnOptions) {
    this.#options = options;
  }

  /** Starts, with the first turn of the run a turn's time after `startMs` of the clock. */
  start(startMs: number): void {
    this.#startMs = startMs;
    const { plan, channels } = this.#options;
    if (plan.churnPerSecond > 0 && channels.length > 0) this.#arm();
  }

  /** Closes nothing more. Streams that wait for their answers go on waiting. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #arm(): void {
    const { plan, share } = this.#options;
    const turn = this.#round * plan.connections + share.index + this.#slot * share.of;
    const dueMs = ((turn + 1) * 1000) / plan.churnPerSecond;
    // What would be closed as the last message is sent would not be missed.
    if (dueMs < plan.warmupMs + plan.durationMs) this.#after(this.#startMs + dueMs, () => this.#take());
  }

  #take(): void {
    const { channels } = this.#options;
    this.#close(channels[this.#slot]!);
    this.#slot++;
    if (this.#slot === channels.length) {
      this.#slot = 0;
      this.#round++;
    }
    this.#arm();
  }

  #close(channel: Channel): void {
    const { clock, missed } = this.#options;
    if (channel.state !== 'open') {
      missed();
      return;
    }
    channel.retire();
    this.#hangUpWhenAnswered(channel, clock.now() + ANSWERS_WITHIN_MS);
  }

  #hangUpWhenAnswered(channel: Channel, untilMs: number): void {
    const nowMs = this.#options.clock.now();
    if (channel.state !== 'retiring') return;
    if (channel.ledger.outstanding === 0 || nowMs >= untilMs) channel.hangUp();
    else this.#after(Math.min(untilMs, nowMs + LOOK_MS), () => this.#hangUpWhenAnswered(channel, untilMs));
  }

  #after(dueMs: number, task: () => void): void {
    const timer = this.#options.clock.at(dueMs, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
  }
}
