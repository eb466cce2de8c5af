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
import type { ConnectionOptions } from 'node:tls';
import WebSocket, { type ClientOptions } from 'ws';
import { SUBPROTOCOL_HEADER, subprotocolsOf } from '../model/header-lines.ts';
import { queryOf, type Redact, redactorOf } from '../model/secrets.ts';
import type { Connection, ConnectionEvents, Cut, Dialer } from '../ports.ts';
import { cutCodeOf, failureCodeOf, failureTextOf, TOO_MANY_PINGS } from './cut-codes.ts';
import { FrameSieve, type SieveEvents } from './frame-sieve.ts';
import { cachedLookup } from './name-cache.ts';
import { Outbox } from './outbox.ts';
import { tellRefusal } from './refused-upgrade.ts';

/**
 * A dial that takes longer has failed, whatever the server does meanwhile: API Gateway answers or refuses well within it.
 * `handshakeTimeout` of `ws` would not do: it begins anew with every byte that comes.
 */
const DIAL_WITHIN_MS = 10_000;

/** Characters kept of what is said about a failure or an end. */
const MAX_DETAIL_LENGTH = 400;

/** How long the peer may take to finish a close, whoever began it, before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;

/** API Gateway sends no message above 128 KB; other servers may, but not without bound. */
const MAX_ARRIVAL_BYTES = 1024 * 1024;

/** As much as Node itself reads at once. */
const READ_BYTES = 64 * 1024;

/** What is common to the connections of a dialer. */
interface Shared {
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** All headers, subprotocols too: browsers can send a token in no other. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Of what servers say. Made when the first of them says something. */
  redact: Redact | null;
  /** Source addresses, in turn; empty leaves them to the system. */
  readonly localAddresses: readonly string[];
  /** Options of tls.connect, which ws hands on and does not all declare. */
  readonly tls: object;
  dialed: number;
  /** What was read from any of them, until the end of the call that hands it over. */
  readonly arrivals: Buffer;
  readonly outbox: Outbox;
}

class WsConnection implements Connection, SieveEvents {
  readonly #events: ConnectionEvents;
  readonly #outbox: Outbox;
  readonly #shared: Shared;
  readonly #url: string;
  readonly #webSocket: WebSocket;
  readonly #deadline: NodeJS.Timeout;
  #socket: Socket | null = null;
  /** Set when the handshake is done; until then all bytes belong to it. */
  #sieve: FrameSieve | null = null;
  #ended = false;
  /** Whether the driver began to close it. */
  #isClosing = false;
  #cut: Cut | null = null;
  /** Interim answers (RFC 9110 section 15.2), which a server may send without end. */
  #interim = 0;

  constructor(url: string, events: ConnectionEvents, shared: Shared) {
    this.#events = events;
    this.#shared = shared;
    this.#url = url;
    this.#outbox = shared.outbox;
    this.#webSocket = new WebSocket(url, [...shared.subprotocols], this.#optionsWith(shared));
    this.#deadline = setTimeout(() => this.#tooLate(), DIAL_WITHIN_MS);
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
    this.#isClosing = true;
    if (webSocket.readyState === WebSocket.CONNECTING) {
      clearTimeout(this.#deadline);
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
    const { headers, arrivals, localAddresses, tls } = shared;
    const localAddress = localAddresses[shared.dialed++ % localAddresses.length];
    const options: ClientOptions & { onread: object; closeTimeout: number } = {
      ...tls,
      headers,
      ...(localAddress !== undefined && { localAddress }),
      closeTimeout: CLOSE_TIMEOUT_MS,
      maxPayload: MAX_ARRIVAL_BYTES,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      // ws hands it to http.request, and that to net.connect or tls.connect, as both say.
      onread: { buffer: arrivals, callback: (length: number) => this.#read(arrivals, length) },
      finishRequest: (request) => {
        request.once('socket', (socket: Socket) => {
          this.#socket = socket;
        });
        request.on('information', () => {
          this.#interim++;
        });
        request.end();
      },
    };
    return options;
  }

  #listen(): void {
    const webSocket = this.#webSocket;
    webSocket.on('open', () => {
      clearTimeout(this.#deadline);
      this.#sieve = new FrameSieve(this, MAX_ARRIVAL_BYTES);
      this.#events.opened();
    });
    webSocket.on('message', (data: Buffer) => this.#events.received(data, 0, data.length));
    webSocket.on('unexpected-response', (request, response) => {
      tellRefusal(response, this.#redactor(), (clause) => {
        this.#fail(`HTTP_${response.statusCode}`, clause);
        request.destroy();
      });
    });
    webSocket.on('ping', () => {
      // ws takes no more pings than it can answer: it cuts the connection before it says so.
      if (webSocket.readyState !== WebSocket.OPEN && !this.#isClosing)
        this.#cut ??= { code: TOO_MANY_PINGS, detail: 'pings came faster than they could be answered' };
    });
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.#failOrCut(error));
    webSocket.on('close', (code, reason) => {
      if (this.#sieve === null) this.#fail(`CLOSE_${code}`, reason.toString());
      else this.#close(code, reason.toString());
    });
  }

  #failOrCut(error: NodeJS.ErrnoException): void {
    if (this.#sieve === null) {
      this.#fail(failureCodeOf(error), failureTextOf(error));
      return;
    }
    const code = cutCodeOf(error);
    if (code !== null) this.#cut ??= { code, detail: error.message };
  }

  #tooLate(): void {
    const interim = this.#interim === 0 ? '' : `; ${this.#interim} interim answers came instead`;
    this.#fail('TIMEOUT', `no WebSocket handshake within ${DIAL_WITHIN_MS / 1000} s${interim}`);
    this.#webSocket.terminate();
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
    clearTimeout(this.#deadline);
    this.#events.failed(code, this.#told(detail));
  }

  #close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.closed(code, this.#told(reason), ...(this.#cut === null ? [] : [this.#cut]));
  }

  /** What may be kept of what was said. */
  #told(text: string): string {
    return this.#redactor()(text).slice(0, MAX_DETAIL_LENGTH);
  }

  #redactor(): Redact {
    const shared = this.#shared;
    shared.redact ??= redactorOf({ query: queryOf(this.#url), headers: shared.secrets });
    return shared.redact;
  }
}

/**
 * A dialer whose connections send the given headers, from the given addresses in turn. Subprotocols among the headers are
 * offered as such. `tls` is for a server that is not trusted by its certificate. Its connections must stay in the thread that made it.
 */
export function wsDialer(
  headers: Readonly<Record<string, string>>,
  localAddresses: readonly string[] = [],
  tls: ConnectionOptions = {},
): Dialer {
  const isOffer = ([name]: readonly [string, string]) => name.toLowerCase() === SUBPROTOCOL_HEADER;
  const fields = Object.entries(headers);
  const shared: Shared = {
    headers: Object.fromEntries(fields.filter((field) => !isOffer(field))),
    subprotocols: fields.filter(isOffer).flatMap(([, value]) => subprotocolsOf(value)),
    secrets: headers,
    redact: null,
    localAddresses,
    tls: { lookup: cachedLookup(), ...tls },
    dialed: 0,
    arrivals: Buffer.allocUnsafeSlow(READ_BYTES),
    outbox: new Outbox(),
  };
  return { dial: (url, events) => new WsConnection(url, events, shared) };
}
