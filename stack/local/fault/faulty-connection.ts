/**
 * A client's connection with faults: answers to it are dropped, doubled, delayed or reordered, and it can be killed or
 * left half-open. Faults of delivery strike what functions post, not the gateway's own error frames: those tell of a
 * message that is lost already. They strike ahead of the hop to the client, which keeps order, so a delayed answer holds
 * up what comes behind it, as on any TCP connection.
 */
import { type ConnectionOptions, GatewayConnection } from '../gateway/connection.ts';
import { DelayLine } from '../gateway/delay-line.ts';
import type { ArmedFault } from './armed-fault.ts';
import type { StrikableConnection } from './connection-faults.ts';
import type { FaultInjector } from './fault-injector.ts';
import { type FaultPeriod, firstThatPicks } from './fault-period.ts';
import { FaultySocket } from './faulty-socket.ts';
import { type MessageIdentity, messageIdentity } from './message-identity.ts';

/** An answer that waits until a later one has passed. */
interface HeldAnswer {
  readonly armed: ArmedFault;
  readonly message: MessageIdentity;
  readonly body: Buffer;
}

/** An answer on its way out. */
interface LeavingAnswer {
  readonly body: Buffer;
  readonly fromMs: number;
}

export class FaultyConnection extends GatewayConnection implements StrikableConnection {
  readonly #faults: FaultInjector;
  readonly #socket: FaultySocket;
  /** Keeps order: what comes behind a delayed answer waits for it. */
  readonly #leaving: DelayLine<LeavingAnswer>;
  #delayMs = 0;
  #held: HeldAnswer | null = null;

  constructor(options: ConnectionOptions, faults: FaultInjector) {
    const socket = new FaultySocket(options.socket, faults);
    super({ ...options, socket });
    this.#faults = faults;
    this.#socket = socket;
    socket.belongsTo(this.connectionId);
    this.#leaving = new DelayLine({
      clock: faults.clock,
      delayMs: () => this.#delayMs,
      deliver: ({ body, fromMs }, dueMs) => super.deliver(body, Math.max(fromMs, dueMs)),
    });
    faults.connections.add(this);
  }

  get connectionId(): string {
    return this.facts.connectionId;
  }

  override received(text: string): void {
    if (this.#socket.isSilent) return;
    const { stall } = this.#faults;
    if (stall.isHolding) this.#faults.countStalled(this.connectionId);
    stall.pass(() => super.received(text));
  }

  override deliver(body: Buffer, fromMs: number): void {
    const { period } = this.#faults;
    const isSpared = period === null || period.onDelivery.length === 0;
    if (isSpared || !this.isOpen || this.#socket.isSilent) this.#leave(body, fromMs);
    else this.#deliverWith(period, body, fromMs);
  }

  override closed(): void {
    this.#faults.connections.delete(this);
    this.#socket.over();
    this.#leaving.close();
    super.closed();
  }

  kill(): void {
    this.#socket.reset();
    this.closed();
  }

  silence(): void {
    this.#faults.connections.delete(this);
    this.#socket.silence();
  }

  #deliverWith(period: FaultPeriod, body: Buffer, fromMs: number): void {
    const armed = firstThatPicks(period.onDelivery, this.#faults.clock.now());
    if (armed === null && this.#held === null) {
      this.#leave(body, fromMs);
      return;
    }
    const message = messageIdentity(this.connectionId, body.toString());
    // A message that was struck on its way here may be anywhere in the order, so it overtakes nothing either.
    if (period.isStruck(message)) this.#leave(body, fromMs);
    else if (this.#held !== null) this.#passHeld(this.#held, period, message, body, fromMs);
    else {
      period.strike(armed!, message);
      this.#strike({ armed: armed!, message, body }, fromMs);
    }
  }

  #strike(answer: HeldAnswer, fromMs: number): void {
    const { armed, message, body } = answer;
    switch (armed.fault.do) {
      case 'duplicate':
        this.#leave(body, fromMs);
        this.#leave(body, fromMs);
        armed.count('duplicated', message);
        return;
      case 'delay':
        this.#leave(body, fromMs, armed.fault.delayMs);
        return;
      case 'reorder':
        this.#hold(answer);
        return;
      default:
        armed.count('lost', message);
    }
  }

  #leave(body: Buffer, fromMs: number, delayMs = 0): void {
    this.#delayMs = delayMs;
    this.#leaving.push({ body, fromMs }, this.#faults.clock.now());
  }

  #hold(answer: HeldAnswer): void {
    this.#held = answer;
    this.#faults.after(answer.armed.fault.delayMs, () => {
      if (this.#held !== answer) return;
      this.#held = null;
      this.#leave(answer.body, this.#faults.clock.now());
    });
  }

  #passHeld(
    held: HeldAnswer,
    period: FaultPeriod,
    message: MessageIdentity,
    body: Buffer,
    fromMs: number,
  ): void {
    period.spare(message);
    this.#held = null;
    this.#leave(body, fromMs);
    this.#leave(held.body, fromMs);
    held.armed.count('reordered', held.message);
  }
}
