/**
 * Client connections on `ws`, which has the handshake, control frames, closing and everything unusual. The usual, whole
 * text messages in either direction, does not pass through it: arrivals are sieved out of what is read before `ws` sees
 * it, and messages are framed and written straight to the socket. Both are worth more than all else that the driver
 * does per message; decisions/0003 has the figures.
 *
 * Reading into a buffer of one's own is Node's `onread`: one buffer per thread serves all connections, and bytes
 * that are for `ws` are pushed into the socket's stream as if they had just arrived. Compression is off: it would cost
 * the driver more than the network saves, and API Gateway does not offer it.
 */
import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import type { Connection, ConnectionEvents, Dialer } from '../ports.ts';
import { FrameSieve, type SieveEvents } from './frame-sieve.ts';
import { Outbox } from './outbox.ts';

/** A handshake that takes longer has failed: API Gateway answers or refuses well within it. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long the peer may take to finish a close, whoever began it, before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;

/** API Gateway sends no message above 128 KB; other servers may, but not without bound. */
const MAX_ARRIVAL_BYTES = 1024 * 1024;

/** Status that ws reports when a connection ended without a close frame. */
const ABNORMAL_CLOSURE = 1006;

/** As much as Node itself reads at once. */
const READ_BYTES = 64 * 1024;

/** What is common to the connections of a dialer. */
interface Shared {
  readonly headers: Readonly<Record<string, string>>;
  /** Source addresses, in turn; empty leaves them to the system. */
  readonly localAddresses: readonly string[];
  dialed: number;
  /** What was read from any of them, until the end of the call that hands it over. */
  readonly arrivals: Buffer;
  readonly outbox: Outbox;
}

class WsConnection implements Connection, SieveEvents {
  readonly #events: ConnectionEvents;
  readonly #outbox: Outbox;
  readonly #webSocket: WebSocket;
  #socket: Socket | null = null;
  /** Set when the handshake is done; until then all bytes belong to it. */
  #sieve: FrameSieve | null = null;
  #ended = false;

  constructor(url: string, events: ConnectionEvents, shared: Shared) {
    this.#events = events;
    this.#outbox = shared.outbox;
    this.#webSocket = new WebSocket(url, this.#optionsWith(shared));
    this.#listen();
  }

  send(bytes: Uint8Array): void {
    this.#outbox.send(this.#socket!, bytes);
  }

  isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN;
  }

  backlogBytes(): number {
    const socket = this.#socket;
    return socket === null ? 0 : socket.writableLength + this.#outbox.heldBytes(socket);
  }

  close(): void {
    const webSocket = this.#webSocket;
    if (webSocket.readyState === WebSocket.CONNECTING) {
      webSocket.terminate();
      return;
    }
    if (webSocket.readyState !== WebSocket.OPEN) return;
    // No frame may follow the one that closes.
    this.#outbox.flush();
    webSocket.close(1000);
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#events.received(bytes, start, end);
  }

  rest(bytes: Uint8Array, start: number, end: number): void {
    // ws may answer with frames of its own, a close frame among them.
    this.#outbox.flush();
    this.#socket!.push(Buffer.from(bytes.subarray(start, end)));
  }

  restWaits(): boolean {
    return this.#socket!.readableLength > 0;
  }

  #optionsWith(shared: Shared): ClientOptions {
    const { headers, arrivals, localAddresses } = shared;
    const localAddress = localAddresses[shared.dialed++ % localAddresses.length];
    const options: ClientOptions & { onread: object; closeTimeout: number } = {
      headers,
      ...(localAddress !== undefined && { localAddress }),
      closeTimeout: CLOSE_TIMEOUT_MS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_ARRIVAL_BYTES,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      // ws hands it to http.request, and that to net.connect or tls.connect, as both say.
      onread: { buffer: arrivals, callback: (length: number) => this.#read(arrivals, length) },
      finishRequest: (request) => {
        request.once('socket', (socket: Socket) => {
          this.#socket = socket;
        });
        request.end();
      },
    };
    return options;
  }

  #listen(): void {
    const webSocket = this.#webSocket;
    webSocket.on('open', () => {
      this.#sieve = new FrameSieve(this, MAX_ARRIVAL_BYTES);
      this.#events.opened();
    });
    webSocket.on('message', (data: Buffer) => this.#events.received(data, 0, data.length));
    webSocket.on('unexpected-response', (request, response) => {
      this.#fail(`HTTP_${response.statusCode}`, response.statusMessage ?? '');
      request.destroy();
    });
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.#fail(codeOf(error), error.message));
    webSocket.on('close', (code, reason) => {
      if (this.#sieve === null) this.#fail(`CLOSE_${code}`, reason.toString());
      else this.#close(code, reason.toString());
    });
  }

  /** Answers true, which has Node go on reading. */
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
    const socket = this.#socket!;
    socket.push(Buffer.from(bytes.subarray(0, length)));
    // What came behind the handshake is back in the stream, on its way to ws.
    this.#sieve?.skip(bytes, length - socket.readableLength, length);
  }

  #fail(code: string, detail: string): void {
    if (this.#ended || this.#sieve !== null) return;
    this.#ended = true;
    this.#events.failed(code, detail);
  }

  #close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.closed(code, reason);
  }
}

function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return error.code;
  return /handshake has timed out/i.test(error.message) ? 'TIMEOUT' : `CLOSE_${ABNORMAL_CLOSURE}`;
}

/** A dialer whose connections send the given headers, from the given addresses in turn. Its connections must stay in the thread that made it. */
export function wsDialer(
  headers: Readonly<Record<string, string>>,
  localAddresses: readonly string[] = [],
): Dialer {
  const shared: Shared = {
    headers,
    localAddresses,
    dialed: 0,
    arrivals: Buffer.allocUnsafeSlow(READ_BYTES),
    outbox: new Outbox(),
  };
  return { dial: (url, events) => new WsConnection(url, events, shared) };
}
