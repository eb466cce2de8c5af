/**
 * The pool keeps the slots of a share connected: it dials each of them once at the plan's connect rate, again when the
 * plan has reconnect and a connection failed or was closed by the stage, and again when churn has closed it. Every dial
 * after the first is a new stream, with a channel and a ledger of its own, and takes its turn in the same pace. A ledger
 * that ended has been counted; its channel stays in its slot, to refuse what is due there, until the next one takes it.
 *
 * Streams of a share are those ≡ its index (mod the number of shares): the slots have the numbers below the number of
 * connections, new streams those from it on. Thirty-two bits of them last 99 days at API Gateway's 500/s.
 */

import { MICROS_PER_MILLI, newHistogram, sparseOf } from '../measure/histogram.ts';
import { type Random, seededRandom } from '../measure/random.ts';
import { emptyOpening, type OpeningCounts, type OpeningReport } from '../measure/share.ts';
import { addCounts } from '../model/counts.ts';
import { addDetails } from '../model/details.ts';
import type { Plan } from '../model/plan.ts';
import type { Clock, Dialer, Share, Timer } from '../ports.ts';
import type { Channel, ChannelChange } from './channel.ts';
import { ConnectPace } from './connect-pace.ts';
import { OPENING_ATTEMPTS, RECOVERED_MS, reconnectWaitMs, THROTTLED } from './reconnect.ts';

export interface PoolOptions {
  readonly plan: Plan;
  readonly share: Share;
  readonly url: string;
  /** The share's channels by slot, not dialled yet. The pool replaces them. */
  readonly channels: Channel[];
  readonly newChannel: (stream: number, isInChurn?: boolean) => Channel;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly recorder: OpeningRecorder;
}

/** What the pool knows of a slot beside its channel. */
interface Slot {
  readonly index: number;
  hasOpened: boolean;
  openedMs: number;
  /** Since it last stayed open: dials that failed, and connections closed too soon. */
  failures: number;
  /** Of the wait before the next attempt. */
  timer: Timer | null;
}

type End = Extract<ChannelChange, { readonly code: string }>;

export class Pool {
  readonly #options: PoolOptions;
  readonly #slots: Map<Channel, Slot>;
  readonly #pace: ConnectPace;
  readonly #random: Random;
  #nextStream: number;
  #settled = 0;
  #isStopped = false;
  #finish: () => void = () => {};

  constructor(options: PoolOptions) {
    const { plan, share, channels } = options;
    this.#options = options;
    this.#slots = new Map(channels.map((channel, index) => [channel, newSlot(index)]));
    this.#pace = new ConnectPace({ ...options, dial: (slot) => this.#dial(slot) });
    this.#random = seededRandom(plan.seed).fork('reconnect').fork(String(share.index));
    this.#nextStream = firstNewStream(plan.connections, share);
  }

  /** Dials every slot and resolves when each has been open or is given up. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#pace.start();
      for (const { index } of this.#slots.values()) this.#pace.request(index);
    });
  }

  /** Tells what has become of a channel. */
  changed(change: ChannelChange, channel: Channel): void {
    const slot = this.#slots.get(channel)!;
    if (change.kind === 'opened') this.#opened(slot, channel, change.connectMs);
    else if (change.kind === 'failed') this.#failed(slot, change);
    else if (change.kind === 'closed') this.#closed(slot, channel, change);
    else this.#churned(slot);
  }

  /** Dials nothing more and lets {@link open} resolve. */
  stop(): void {
    this.#isStopped = true;
    this.#pace.stop();
    for (const { timer } of this.#slots.values()) timer?.cancel();
    this.#finish();
  }

  #dial(index: number): void {
    const { channels, dialer, url, recorder } = this.#options;
    if (channels[index]!.state !== 'new') this.#replace(index);
    recorder.count('attempts');
    channels[index]!.open(dialer, url);
  }

  /** Puts a channel with a new stream into the slot of one that has ended. */
  #replace(index: number): void {
    const { channels, newChannel, share } = this.#options;
    const ended = channels[index]!;
    const slot = this.#slots.get(ended)!;
    const channel = newChannel(this.#nextStream, ended.isInChurn);
    this.#nextStream += share.of;
    this.#slots.delete(ended);
    this.#slots.set(channel, slot);
    channels[index] = channel;
  }

  #opened(slot: Slot, channel: Channel, connectMs: number): void {
    const { recorder, clock } = this.#options;
    recorder.opened(connectMs);
    if (!slot.hasOpened) recorder.count('opened');
    else recorder.count(channel.isInChurn ? 'reopened' : 'reconnects');
    const isFirst = !slot.hasOpened;
    slot.hasOpened = true;
    slot.openedMs = clock.now();
    if (isFirst) this.#settle();
  }

  #failed(slot: Slot, { code, detail }: End): void {
    const { recorder } = this.#options;
    const isThrottled = code === THROTTLED;
    recorder.failed(code, detail);
    if (isThrottled) recorder.count('throttled');
    slot.failures++;
    const { reconnect } = this.#options.plan;
    const isEarly = slot.failures < OPENING_ATTEMPTS;
    if ((reconnect && slot.hasOpened) || ((reconnect || isThrottled) && isEarly)) this.#retry(slot);
    else if (!slot.hasOpened) this.#giveUp();
  }

  #giveUp(): void {
    const { recorder } = this.#options;
    recorder.count('failed');
    this.#settle();
  }

  #closed(slot: Slot, channel: Channel, { code, detail }: End): void {
    const { recorder, clock } = this.#options;
    recorder.told(code, detail);
    if (channel.isInChurn) recorder.count('churnMissed');
    if (clock.now() - slot.openedMs >= RECOVERED_MS) slot.failures = 0;
    slot.failures++;
    if (this.#options.plan.reconnect) this.#retry(slot);
  }

  #churned(slot: Slot): void {
    this.#options.recorder.count('churned');
    slot.failures = 0;
    this.#pace.request(slot.index);
  }

  /** Asks for a turn after a wait. */
  #retry(slot: Slot): void {
    const { clock } = this.#options;
    if (this.#isStopped) return;
    const dueMs = clock.now() + reconnectWaitMs(slot.failures, this.#random);
    slot.timer = clock.at(dueMs, () => {
      slot.timer = null;
      this.#pace.request(slot.index);
    });
  }

  #settle(): void {
    this.#settled++;
    if (this.#settled === this.#options.channels.length) this.#finish();
  }
}

function newSlot(index: number): Slot {
  return { index, hasOpened: false, openedMs: 0, failures: 0, timer: null };
}

/** The first stream of the share that is no slot's: the least from `connections` on that is ≡ index (mod of). */
export function firstNewStream(connections: number, { index, of }: Share): number {
  return connections + ((((index - connections) % of) + of) % of);
}

/**
 * What became of the dials of a share since the last report: counts, failures by code, and how long opening took. Each report
 * empties it.
 */
export class OpeningRecorder {
  readonly #connect = newHistogram(32);
  #counts = emptyOpening();
  #failures: Record<string, number> = {};
  #details: Record<string, string> = {};
  #isEmpty = true;

  count(what: keyof OpeningCounts): void {
    this.#counts[what]++;
    this.#isEmpty = false;
  }

  /** A dial has opened a connection, this long after it began. */
  opened(connectMs: number): void {
    this.#connect.recordValue(Math.round(connectMs * MICROS_PER_MILLI));
    this.#isEmpty = false;
  }

  /** A dial has failed; `detail` says more. */
  failed(code: string, detail: string): void {
    this.count('failedAttempts');
    addCounts(this.#failures, { [code]: 1 });
    this.told(code, detail);
  }

  /** What was said of an end, which is counted elsewhere. */
  told(code: string, detail: string): void {
    if (detail === '') return;
    addDetails(this.#details, { [code]: detail });
    this.#isEmpty = false;
  }

  /** The report, or null when there is nothing to tell. */
  flush(): OpeningReport | null {
    if (this.#isEmpty) return null;
    const report: OpeningReport = {
      kind: 'opening',
      ...this.#counts,
      failures: this.#failures,
      ...(Object.keys(this.#details).length === 0 ? {} : { details: this.#details }),
      connect: sparseOf(this.#connect),
    };
    this.#connect.reset();
    this.#counts = emptyOpening();
    this.#failures = {};
    this.#details = {};
    this.#isEmpty = true;
    return report;
  }
}
