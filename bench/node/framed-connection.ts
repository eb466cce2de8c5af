/**
 * A connection whose usual traffic, whole text messages in either direction, does not pass through `ws`: arrivals are sieved out
 * of what is read before `ws` sees it, and messages are framed and written straight to the socket. Both are worth more than
 * everything else that the driver does per message; decisions/0003 has the figures.
 *
 * This depends on how `ws` works inside: that it hands `onread` to Node's sockets, reads by the events of the socket's stream – so
 * that bytes pushed into the stream reach it as if they had just arrived – and writes its own frames to the same socket, whole and
 * at once. The dialer therefore makes such connections only on the version of `ws` that this was tried with.
 */
import type { ConnectionEvents } from '../ports.ts';
import { FrameSieve, type SieveEvents } from './frame-sieve.ts';
import type { Outbox } from './outbox.ts';
import { type DialSettings, MAX_ARRIVAL_BYTES, WsConnection } from './ws-connection.ts';

/** What the connections of one thread read into and write from. */
export interface FramedSettings extends DialSettings {
  /** What was read from any of them, until the end of the call that hands it over. */
  readonly arrivals: Buffer;
  readonly outbox: Outbox;
}

export class FramedConnection extends WsConnection implements SieveEvents {
  readonly #outbox: Outbox;
  /** Set when the handshake is done; until then all bytes belong to it. */
  #sieve: FrameSieve | null = null;

  constructor(url: string, events: ConnectionEvents, settings: FramedSettings) {
    const { arrivals, outbox } = settings;
    super(url, events, settings, {
      buffer: arrivals,
      callback: (length: number) => this.#read(arrivals, length),
    });
    this.#outbox = outbox;
  }

  override send(bytes: Uint8Array): void {
    this.#outbox.send(this.socket!, bytes);
  }

  override backlogBytes(): number {
    const { socket } = this;
    return socket === null ? 0 : socket.writableLength + this.#outbox.heldBytes(socket);
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.events.received(bytes, start, end);
  }

  rest(bytes: Uint8Array, start: number, end: number): void {
    // ws may answer with frames of its own, a close frame among them.
    this.#outbox.flush();
    this.socket!.push(Buffer.from(bytes.subarray(start, end)));
  }

  restWaits(): boolean {
    return this.socket!.readableLength > 0;
  }

  protected override opened(): void {
    this.#sieve = new FrameSieve(this, MAX_ARRIVAL_BYTES);
    super.opened();
  }

  protected override closeOpen(): void {
    // No frame may follow the one that closes.
    this.#outbox.flush();
    super.closeOpen();
  }

  /** Returns true, which has Node go on reading. */
  #read(bytes: Buffer, length: number): true {
    this.#outbox.attend();
    try {
      if (this.#sieve === null) this.#readHandshake(bytes, length);
      else this.#sieve.take(bytes, 0, length);
    } finally {
      this.#outbox.leave();
    }
    return true;
  }

  #readHandshake(bytes: Buffer, length: number): void {
    const socket = this.socket!;
    socket.push(Buffer.from(bytes.subarray(0, length)));
    // What came behind the handshake is back in the stream, on its way to ws.
    this.#sieve?.skip(bytes, length - socket.readableLength, length);
  }
}
