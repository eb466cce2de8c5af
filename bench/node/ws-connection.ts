/**
 * A client connection on the public interface of `ws`: handshake, messages, control frames, and a code for every end. It is what
 * connections fall back on where the frames can't be the driver's own; see {@link FramedConnection}. Compression is off: it would
 * cost the driver more than the network saves, and API Gateway does not offer it.
 */
import type { Socket } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import type { Masking } from '../model/plan.ts';
import { queryOf, type Redact, redactorOf } from '../model/secrets.ts';
import type { Connection, ConnectionEvents, Cut } from '../ports.ts';
import { cutCodeOf, failureCodeOf, failureTextOf, TOO_MANY_PINGS, tellRefusal } from './connection-end.ts';

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
export const MAX_ARRIVAL_BYTES = 1024 * 1024;

/** What the connections of a dialer have in common. */
export interface DialSettings {
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
  readonly masking: Masking;
  dialed: number;
}

export class WsConnection implements Connection {
  protected readonly events: ConnectionEvents;
  protected readonly webSocket: WebSocket;
  protected socket: Socket | null = null;
  readonly #settings: DialSettings;
  readonly #url: string;
  readonly #deadline: NodeJS.Timeout;
  #hasOpened = false;
  #ended = false;
  /** Whether the driver began to close it. */
  #isClosing = false;
  #cut: Cut | null = null;
  /** Interim responses (RFC 9110 section 15.2), which a server may send without end. */
  #interim = 0;

  constructor(url: string, events: ConnectionEvents, settings: DialSettings, onread?: object) {
    this.events = events;
    this.#settings = settings;
    this.#url = url;
    this.webSocket = new WebSocket(url, [...settings.subprotocols], this.#optionsWith(settings, onread));
    this.#deadline = setTimeout(() => this.#tooLate(), DIAL_WITHIN_MS);
    this.#listen();
  }

  send(bytes: Uint8Array): void {
    // ws keeps what it is given until it is sent, and the caller may use it again before.
    this.webSocket.send(Buffer.from(bytes), { binary: false });
  }

  isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  backlogBytes(): number {
    return this.webSocket.bufferedAmount;
  }

  close(): void {
    const { webSocket } = this;
    this.#isClosing = true;
    if (webSocket.readyState === WebSocket.CONNECTING) {
      clearTimeout(this.#deadline);
      webSocket.terminate();
    } else if (webSocket.readyState === WebSocket.OPEN) this.closeOpen();
  }

  protected opened(): void {
    this.events.opened();
  }

  protected closeOpen(): void {
    this.webSocket.close(1000);
  }

  #optionsWith(
    { headers, localAddresses, tls, masking }: DialSettings,
    onread: object | undefined,
  ): ClientOptions {
    const localAddress = localAddresses[this.#settings.dialed++ % localAddresses.length];
    const options: ClientOptions & { onread?: object; closeTimeout: number } = {
      ...tls,
      headers,
      ...(localAddress !== undefined && { localAddress }),
      ...(masking === 'zero' && { generateMask: (key: Buffer) => key.fill(0) }),
      ...(onread !== undefined && { onread }),
      closeTimeout: CLOSE_TIMEOUT_MS,
      maxPayload: MAX_ARRIVAL_BYTES,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      finishRequest: (request) => {
        request.once('socket', (socket: Socket) => {
          this.socket = socket;
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
    const { webSocket } = this;
    webSocket.on('open', () => {
      clearTimeout(this.#deadline);
      this.#hasOpened = true;
      this.opened();
    });
    webSocket.on('message', (data: Buffer) => this.events.received(data, 0, data.length));
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
      if (this.#hasOpened) this.#close(code, reason.toString());
      else this.#fail(`CLOSE_${code}`, reason.toString());
    });
  }

  #failOrCut(error: NodeJS.ErrnoException): void {
    if (!this.#hasOpened) {
      this.#fail(failureCodeOf(error), failureTextOf(error));
      return;
    }
    const code = cutCodeOf(error);
    if (code !== null) this.#cut ??= { code, detail: error.message };
  }

  #tooLate(): void {
    const interim = this.#interim === 0 ? '' : `; ${this.#interim} interim answers came instead`;
    this.#fail('TIMEOUT', `no WebSocket handshake within ${DIAL_WITHIN_MS / 1000} s${interim}`);
    this.webSocket.terminate();
  }

  #fail(code: string, detail: string): void {
    if (this.#ended || this.#hasOpened) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.events.failed(code, this.#told(detail));
  }

  #close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.events.closed(code, this.#told(reason), ...(this.#cut === null ? [] : [this.#cut]));
  }

  /** What may be kept of what was said. */
  #told(text: string): string {
    return this.#redactor()(text).slice(0, MAX_DETAIL_LENGTH);
  }

  #redactor(): Redact {
    const settings = this.#settings;
    settings.redact ??= redactorOf({ query: queryOf(this.#url), headers: settings.secrets });
    return settings.redact;
  }
}
