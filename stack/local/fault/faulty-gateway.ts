/**
 * Is a gateway whose connections and posts can be struck by faults. Faults of delivery strike what functions post,
 * not the gateway's own error frames: those tell of a message that is lost already. They strike ahead of the hop to
 * the client, which keeps order, so a delayed answer holds up what comes behind it, as on any TCP connection.
 */
import { AwsError } from '../errors.ts';
import { type ClientSocket, type ConnectionOptions, GatewayConnection } from '../gateway/connection.ts';
import { DelayLine } from '../gateway/delay-line.ts';
import { Gateway, type GatewayOptions } from '../gateway/gateway.ts';
import { FORBIDDEN, GONE, TOO_LARGE, TOO_MANY } from '../gateway/refusal.ts';
import type { ActionResult } from '../ports.ts';
import type { FaultInjector, StrikableConnection } from './fault-injector.ts';
import {
  type ArmedFault,
  type FaultPeriod,
  firstThatPicks,
  type MessageIdentity,
  messageIdentity,
} from './fault-period.ts';

/** Errors that `@connections` has of its own; the SDK takes any other for one of the service as a whole. */
const REFUSALS = [FORBIDDEN, GONE, TOO_LARGE, TOO_MANY];

export class FaultyGateway extends Gateway {
  readonly #faults: FaultInjector;

  constructor(options: GatewayOptions, faults: FaultInjector) {
    super(options);
    this.#faults = faults;
  }

  override post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>> {
    return this.#faults.stall.passing(() => this.#post(stageName, connectionId, body));
  }

  protected override newConnection(options: ConnectionOptions): GatewayConnection {
    return new FaultyConnection(options, this.#faults);
  }

  #post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>> {
    const { period, clock } = this.#faults;
    const armed = period === null ? null : firstThatPicks(period.onCallback, clock.now());
    if (armed === null) return super.post(stageName, connectionId, body);
    armed.count('touched', { connectionId, stream: null });
    const { status } = armed.fault;
    const unknown = () => new AwsError('InternalServerErrorException', 'Internal server error', status);
    return Promise.resolve(REFUSALS.find((refusal) => refusal.status === status) ?? unknown());
  }
}

/** An answer that waits until a later one has passed. */
interface HeldAnswer {
  readonly armed: ArmedFault;
  readonly message: MessageIdentity;
  readonly body: Buffer;
}

interface LeavingAnswer {
  readonly body: Buffer;
  readonly fromMs: number;
}

class FaultyConnection extends GatewayConnection implements StrikableConnection {
  readonly #faults: FaultInjector;
  readonly #socket: FaultySocket;
  /** Keeps order: what comes behind a delayed answer waits for it. */
  readonly #leaving: DelayLine<LeavingAnswer>;
  #delayMs = 0;
  #held: HeldAnswer | null = null;

  constructor(options: ConnectionOptions, faults: FaultInjector) {
    const socket = new FaultySocket(options, faults);
    super({ ...options, socket });
    this.#faults = faults;
    this.#socket = socket;
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
    if (!this.#socket.isSilent) this.#faults.passGate(this.connectionId, () => super.received(text));
  }

  override deliver(body: Buffer, fromMs: number): void {
    const { period } = this.#faults;
    const isSpared = period === null || period.onDelivery.length === 0;
    if (isSpared || !this.isOpen || this.#socket.isSilent) this.#leave(body, fromMs);
    else this.#deliverWith(period, body, fromMs);
  }

  override closed(): void {
    this.#faults.connections.delete(this);
    this.#socket.isOver = true;
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
    const held = this.#held;
    if (armed === null && held === null) {
      this.#leave(body, fromMs);
      return;
    }
    const message = messageIdentity(this.connectionId, body.toString());
    // A message that was struck on its way here may be anywhere in the order, so it overtakes nothing either.
    if (period.isStruck(message)) this.#leave(body, fromMs);
    else if (held !== null) {
      period.spare(message);
      this.#held = null;
      this.#leave(body, fromMs);
      this.#leave(held.body, fromMs);
      held.armed.count('reordered', held.message);
    } else {
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
}

/**
 * The transport of a faulty connection: it can be reset, can fall silent, and waits at the gateway's gate. It is the last
 * place a frame passes, so this is where whoever wants to know what really left is told.
 */
class FaultySocket implements ClientSocket {
  readonly #inner: ClientSocket;
  readonly #connectionId: string;
  readonly #faults: FaultInjector;
  isSilent = false;
  /** The connection has ended: what still waits at the gate does not leave. */
  isOver = false;

  constructor({ socket, facts }: ConnectionOptions, faults: FaultInjector) {
    this.#inner = socket;
    this.#connectionId = facts.connectionId;
    this.#faults = faults;
  }

  sendText(body: Buffer): void {
    this.#faults.passGate(this.#connectionId, () => {
      if (this.isSilent || this.isOver) return;
      this.#faults.tap?.(this.#connectionId, body.toString());
      this.#inner.sendText(body);
    });
  }

  close(code: number, reason: string): void {
    this.#faults.stall.pass(() => this.#inner.close(code, reason));
  }

  backlogBytes(): number {
    return this.#inner.backlogBytes();
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    if (!this.isSilent) this.#inner.resume();
  }

  /** Ends it without a closing handshake. */
  reset(): void {
    this.isOver = true;
    if (this.#inner.reset) this.#inner.reset();
    else this.#inner.close(1006, '');
  }

  /** Sends nothing any more and reads nothing, while the connection stays open. */
  silence(): void {
    this.isSilent = true;
    this.#inner.pause();
  }
}
