/**
 * Drives one share of a run from the first connection to the last: the worker that runs in a thread, in a process of a
 * fleet, or in simulation. What it measures leaves it as reports, one per second; it keeps no totals of its own.
 */

import type { Health, ThreadHealth } from '../measure/health.ts';
import { MessageReader, MessageWriter } from '../measure/message.ts';
import { HopMemory } from '../measure/ordering-hops.ts';
import { Recorder } from '../measure/recorder.ts';
import { queryOf, redactorOf } from '../model/secrets.ts';
import type { Assignment, Clock, Dialer, NewPacer, ShareListener, Timer, Worker } from '../ports.ts';
import { Channel, type ChannelChange, type ChannelContext } from './channel.ts';
import { Churn } from './churn.ts';
import { OpeningRecorder, Pool } from './pool.ts';
import { type Sender, senderFor } from './sender.ts';

/** Witnesses kept per run, divided among its workers. */
export const VIOLATION_LIMIT = 10_000;

/** Progress of opening is reported this often. */
const OPENING_REPORT_MS = 500;

/**
 * When everything sent is answered, the drain still waits this long for what should not come, duplicates above all,
 * before it ends early.
 */
const QUIET_MS = 2_000;

/** How often the drain looks whether it is over. */
const DRAIN_LOOK_MS = 50;

export interface ShareDriverOptions {
  readonly assignment: Assignment;
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly listener: ShareListener;
  /** Reads and resets the health of the process or thread; null where there is none, as in simulation. */
  readonly health: (() => ThreadHealth) | null;
  /** Left out, appointments of the clock wake the sender. */
  readonly newPacer?: NewPacer;
}

export class ShareDriver implements Worker {
  readonly #options: ShareDriverOptions;
  readonly #recorder: Recorder;
  readonly #context: ChannelContext;
  /** By slot. The pool puts another channel into a slot that is opened again. */
  readonly #channels: Channel[];
  readonly #opening = new OpeningRecorder();
  readonly #pool: Pool;
  readonly #churn: Churn;
  readonly #sender: Sender;
  #open = 0;
  #second = 0;
  /** Reading of the clock at the end of the second that is recorded. */
  #secondEndMs = Number.POSITIVE_INFINITY;
  #interrupted = false;
  #timer: Timer | null = null;

  constructor(options: ShareDriverOptions) {
    const { assignment, clock, dialer } = options;
    const { plan, share, runId, url } = assignment;
    this.#options = options;
    this.#recorder = new Recorder({ violationLimit: Math.ceil(VIOLATION_LIMIT / share.of) });
    this.#context = this.#newContext(runId);
    const newChannel = (stream: number, isInChurn = false) => new Channel(stream, this.#context, isInChurn);
    this.#channels = streamsOf(plan.connections, share).map((stream) => newChannel(stream));
    const common = { plan, share, channels: this.#channels, clock };
    this.#pool = new Pool({ ...common, url, newChannel, dialer, recorder: this.#opening });
    this.#churn = new Churn({ ...common, missed: () => this.#opening.count('churnMissed') });
    const { recorder, reached } = this.#context;
    const newPacer = options.newPacer ?? clockPacer(clock);
    this.#sender = senderFor({ ...common, newPacer, recorder, reached });
  }

  async open(): Promise<void> {
    if (this.#channels.length === 0) return;
    this.#reportOpening();
    await this.#pool.open();
    this.#timer?.cancel();
    this.#emitOpening();
  }

  async drive(startEpochMs: number): Promise<void> {
    const { assignment, clock } = this.#options;
    const { plan } = assignment;
    const startMs = startEpochMs - clock.epochAt(0);
    this.#context.measuredFromMs = startMs + plan.warmupMs;
    this.#options.health?.();
    this.#startSeconds(startMs);
    this.#churn.start(startMs);
    await this.#sender.run(startMs);
    // With nothing to send any more, no connection is missed.
    this.#churn.stop();
    this.#pool.stop();
    await this.#drain();
    for (const channel of this.#channels) channel.finish(this.#interrupted ? 'indeterminate' : 'lost');
    this.#timer?.cancel();
    this.#secondEndMs = Number.POSITIVE_INFINITY;
    this.#report(null);
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#pool.stop();
    this.#sender.stop();
  }

  #newContext(runId: string): ChannelContext {
    const { plan, url, headers } = this.#options.assignment;
    const { payloadBytes, trace } = plan;
    return {
      clock: this.#options.clock,
      recorder: this.#recorder,
      redact: redactorOf({ query: queryOf(url), headers }),
      writer: new MessageWriter({ runId, payloadBytes, trace }),
      reader: new MessageReader({ runId, payloadBytes }),
      measuredFromMs: Number.POSITIVE_INFINITY,
      traced: new HopMemory(),
      changed: (change, channel) => this.#changed(change, channel),
      refusedInChurn: () => this.#opening.count('refusedInChurn'),
      lastArrivalMs: 0,
      reached: (nowMs) => {
        if (nowMs >= this.#secondEndMs) this.#endSecond();
      },
      answered: (channel, nowMs) => this.#sender.answered(channel, nowMs),
    };
  }

  #changed(change: ChannelChange, channel: Channel): void {
    if (change.kind === 'closed') this.#recorder.closedEarly(change.code);
    if (change.kind === 'closed' || change.kind === 'churned') this.#open--;
    if (change.kind === 'opened') this.#open++;
    this.#pool.changed(change, channel);
    // A closed loop has places free on a connection that opens while it runs.
    if (change.kind === 'opened') this.#sender.answered(channel, this.#options.clock.now());
  }

  #reportOpening(): void {
    const { clock } = this.#options;
    this.#timer = clock.at(clock.now() + OPENING_REPORT_MS, () => {
      this.#emitOpening();
      this.#reportOpening();
    });
  }

  #emitOpening(): void {
    const report = this.#opening.flush();
    if (report !== null) this.#options.listener(report);
  }

  /** Reports at every whole second counted from the start of measurement, so that the seconds of all workers match. */
  #startSeconds(startMs: number): void {
    const { measuredFromMs } = this.#context;
    this.#second = Math.floor((startMs - measuredFromMs) / 1000);
    this.#armSecond();
  }

  #armSecond(): void {
    this.#secondEndMs = this.#context.measuredFromMs + (this.#second + 1) * 1000;
    this.#timer = this.#options.clock.at(this.#secondEndMs, () => this.#endSecond());
  }

  /** By its timer, or by what happens before the timer could fire: the first message of a second is due at its very start. */
  #endSecond(): void {
    this.#timer?.cancel();
    this.#flush();
    this.#armSecond();
  }

  #flush(): void {
    this.#report(this.#health());
    const { clock } = this.#options;
    // A stalled loop reports several seconds as one, and goes on with the second that it is now.
    const now = Math.floor((clock.now() - this.#context.measuredFromMs) / 1000);
    this.#second = Math.max(this.#second + 1, now);
  }

  #health(): Health | null {
    const thread = this.#options.health?.();
    if (thread === undefined) return null;
    const backlogBytes = this.#channels.reduce((sum, channel) => sum + channel.backlogBytes(), 0);
    return { ...thread, backlogBytes };
  }

  /** Health is that of whole seconds: the rest of a second after the drain says nothing about keeping up. */
  #report(health: Health | null): void {
    this.#emitOpening();
    this.#options.listener(this.#recorder.flush(this.#second, this.#open, health));
  }

  /** Waits for outstanding answers up to the drain time; ends early when all are in and nothing has come for a while. */
  #drain(): Promise<void> {
    const { assignment, clock } = this.#options;
    const endMs = clock.now() + assignment.plan.drainMs;
    this.#context.lastArrivalMs = clock.now();
    return new Promise((resolve) => {
      const look = () => {
        const nowMs = clock.now();
        const quiet = nowMs - this.#context.lastArrivalMs >= QUIET_MS && this.#outstanding() === 0;
        if (this.#interrupted || quiet || nowMs >= endMs) resolve();
        else clock.at(Math.min(endMs, nowMs + DRAIN_LOOK_MS), look);
      };
      look();
    });
  }

  #outstanding(): number {
    return this.#channels.reduce((sum, channel) => sum + channel.ledger.outstanding, 0);
  }
}

/** The streams of a share: those ≡ index (mod of). */
function streamsOf(connections: number, share: Assignment['share']): number[] {
  const streams: number[] = [];
  for (let stream = share.index; stream < connections; stream += share.of) streams.push(stream);
  return streams;
}

/** Pacers by appointments of the clock: as precise as these, which in simulation is exactly. */
export function clockPacer(clock: Clock): NewPacer {
  return (task) => {
    let timer: Timer | null = null;
    const cancel = () => timer?.cancel();
    const wakeAt = (dueMs: number) => {
      cancel();
      timer = clock.at(dueMs, task);
    };
    return { wakeAt, cancel };
  };
}
