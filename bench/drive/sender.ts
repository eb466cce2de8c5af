/**
 * Senders decide when a channel sends. The open-loop sender follows the schedule and nothing else: one pacer set to the
 * next due time, and on waking what is due is sent, each message with its own intended time, never early and none left
 * out. The closed-loop
 * sender keeps a number of messages outstanding on every channel; there a message is intended when its place is free,
 * so a slow stage slows the load down, and the report says so.
 */

import type { Recorder } from '../measure/recorder.ts';
import { type Schedule, scheduleOf } from '../measure/schedule.ts';
import type { Plan } from '../model/plan.ts';
import type { Clock, NewPacer, Pacer, Share, Timer } from '../ports.ts';
import type { Channel } from './channel.ts';

/** Sends for the duration of warm-up and measurement. */
export interface Sender {
  /** Starts, with time zero of the plan at `startMs` of the clock, and resolves when the last message has been sent. */
  run(startMs: number): Promise<void>;
  /** Tells that a message of the channel was answered. */
  answered(channel: Channel, nowMs: number): void;
  /** Sends nothing more and lets {@link run} resolve. */
  stop(): void;
}

export interface SenderContext {
  readonly plan: Plan;
  readonly share: Share;
  /** The share's channels, in order of their stream numbers. */
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  /** What wakes the open loop for its due times. */
  readonly newPacer: NewPacer;
  readonly recorder: Recorder;
  /** Told the time before anything is recorded at it, so that it falls into its own second. */
  readonly reached: (nowMs: number) => void;
}

/** The sender that the plan's load asks for. */
export function senderFor(context: SenderContext): Sender {
  return context.plan.load.kind === 'open'
    ? new OpenLoopSender(context)
    : new ClosedLoopSender(context, context.plan.load.inFlight);
}

/**
 * Messages sent on one wake. What more is due, after a stall or at a rate beyond the driver, follows on the next turns of
 * the event loop: between them it reads the arrivals that wait, or a burst of the sender's would pass for a slow stage. At
 * about 10 µs a message this is a millisecond.
 */
export const BURST_LIMIT = 100;

class OpenLoopSender implements Sender {
  readonly #context: SenderContext;
  readonly #schedule: Schedule;
  readonly #pacer: Pacer;
  #startMs = 0;
  #end: Timer | null = null;
  #finish: () => void = () => {};

  constructor(context: SenderContext) {
    this.#context = context;
    this.#schedule = scheduleOf(context.plan, context.share);
    this.#pacer = context.newPacer(() => this.#sendDue());
  }

  run(startMs: number): Promise<void> {
    this.#startMs = startMs;
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#arm();
    });
  }

  answered(): void {}

  stop(): void {
    this.#pacer.cancel();
    this.#end?.cancel();
    this.#finish();
  }

  #arm(): void {
    const { plan, clock } = this.#context;
    const { dueMs } = this.#schedule;
    if (dueMs !== Number.POSITIVE_INFINITY) {
      this.#pacer.wakeAt(this.#startMs + dueMs);
      return;
    }
    // After the last message the window still lasts to its end: at low rates that is a good part of it.
    this.#end = clock.at(this.#startMs + plan.warmupMs + plan.durationMs, () => this.#finish());
  }

  #sendDue(): void {
    const { plan, share, channels, clock, recorder } = this.#context;
    const schedule = this.#schedule;
    const nowMs = clock.now();
    this.#context.reached(nowMs);
    // Compared as sums: the difference could round to just before the due time that woke us.
    for (let sent = 0; sent < BURST_LIMIT && this.#startMs + schedule.dueMs <= nowMs; sent++) {
      const measured = schedule.dueMs >= plan.warmupMs;
      if (measured) recorder.due(Math.floor((schedule.dueMs - plan.warmupMs) / 1000));
      const slot = (schedule.stream - share.index) / share.of;
      channels[slot]!.send(this.#startMs + schedule.dueMs, measured);
      schedule.advance();
    }
    this.#arm();
  }
}

/** Shortest wait before a closed loop's place is given up, for plans without a drain time. */
const LEAST_WAIT_MS = 1_000;

/**
 * A place whose message is not answered is free again after the drain time, the same waiting time after which a message
 * counts as lost; otherwise every loss would slow a channel down for ever.
 */
class ClosedLoopSender implements Sender {
  readonly #context: SenderContext;
  readonly #inFlight: number;
  #startMs = 0;
  #running = false;
  readonly #timers: Timer[] = [];
  /** Places given free without an answer, per channel; an answer that comes after all takes one of them back. */
  readonly #abandoned = new WeakMap<Channel, number>();
  #finish: () => void = () => {};

  constructor(context: SenderContext, inFlight: number) {
    this.#context = context;
    this.#inFlight = inFlight;
  }

  run(startMs: number): Promise<void> {
    const { plan, clock } = this.#context;
    this.#startMs = startMs;
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#timers.push(clock.at(startMs, () => this.#fill()));
      this.#timers.push(clock.at(startMs + plan.warmupMs + plan.durationMs, () => this.stop()));
    });
  }

  answered(channel: Channel, nowMs: number): void {
    if (this.#running) this.#top(channel, nowMs);
  }

  stop(): void {
    this.#running = false;
    for (const timer of this.#timers) timer.cancel();
    this.#finish();
  }

  #fill(): void {
    this.#running = true;
    for (const channel of this.#context.channels) this.#top(channel, this.#context.clock.now());
    this.#watch();
  }

  /** Sends until the channel has its number outstanding again. */
  #top(channel: Channel, nowMs: number): void {
    const { plan, recorder, reached } = this.#context;
    reached(nowMs);
    const elapsedMs = nowMs - this.#startMs - plan.warmupMs;
    const measured = elapsedMs >= 0;
    while (
      channel.state === 'open' &&
      channel.ledger.outstanding < this.#inFlight + this.#abandonedOf(channel)
    ) {
      if (measured) recorder.due(Math.floor(elapsedMs / 1000));
      if (!channel.send(nowMs, measured)) return;
    }
  }

  #abandonedOf(channel: Channel): number {
    const abandoned = Math.min(this.#abandoned.get(channel) ?? 0, channel.ledger.outstanding);
    if (abandoned > 0) this.#abandoned.set(channel, abandoned);
    return abandoned;
  }

  /** Once per drain time, gives the places of channels free that have had no answer since the last look. */
  #watch(): void {
    const { plan, clock, channels } = this.#context;
    const seen = new WeakMap(channels.map((channel) => [channel, channel.ledger.answered]));
    const lookAgain = () => {
      this.#timers[0] = clock.at(clock.now() + Math.max(plan.drainMs, LEAST_WAIT_MS), look);
    };
    const look = () => {
      if (!this.#running) return;
      for (const channel of channels) {
        const { answered, outstanding } = channel.ledger;
        if (answered === seen.get(channel) && outstanding > 0) this.#abandoned.set(channel, outstanding);
        seen.set(channel, answered);
        this.#top(channel, clock.now());
      }
      lookAgain();
    };
    lookAgain();
  }
}
