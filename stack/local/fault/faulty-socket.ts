/**
 * The transport of a client's connection with faults: it can be reset, can fall silent, and waits at the gateway's gate.
 * It is the last place a frame passes, so this is where whoever wants to know what really left is told.
 */
import type { ClientSocket } from '../gateway/connection.ts';
import type { FaultInjector } from './fault-injector.ts';

export class FaultySocket implements ClientSocket {
  readonly #inner: ClientSocket;
  readonly #faults: FaultInjector;
  #connectionId = '';
  #isSilent = false;
  #isOver = false;

  constructor(inner: ClientSocket, faults: FaultInjector) {
    this.#inner = inner;
    this.#faults = faults;
  }

  /** Whose socket it is. Before this, frames are nobody's. */
  belongsTo(connectionId: string): void {
    this.#connectionId = connectionId;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  sendText(body: Buffer): void {
    const { stall } = this.#faults;
    if (stall.isHolding) this.#faults.countStalled(this.#connectionId);
    stall.pass(() => this.#leave(body));
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
    if (!this.#isSilent) this.#inner.resume();
  }

  /** Ends it without a closing handshake. */
  reset(): void {
    this.over();
    if (this.#inner.reset) this.#inner.reset();
    else this.#inner.close(1006, '');
  }

  /** Sends nothing any more and reads nothing, while the connection stays open. */
  silence(): void {
    this.#isSilent = true;
    this.#inner.pause();
  }

  /** The connection has ended: what still waits at the gate does not leave. */
  over(): void {
    this.#isOver = true;
  }

  #leave(body: Buffer): void {
    if (this.#isSilent || this.#isOver) return;
    this.#faults.tap?.(this.#connectionId, body.toString());
    this.#inner.sendText(body);
  }
}
