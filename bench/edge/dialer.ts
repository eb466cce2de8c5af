/**
 * Client connections on `ws`. Compression is off: it would cost the driver more than the network saves, and API Gateway
 * does not offer it. Close and error events of ws are turned into the port's words; nothing here knows what is sent.
 */
import WebSocket from 'ws';
import type { Connection, ConnectionEvents, Dialer } from '../ports.ts';

/** A handshake that takes longer has failed: API Gateway answers or refuses well within it. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long the peer may take to finish a close, whoever began it, before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;

/** API Gateway sends no message above 128 KB; other servers may, but not without bound. */
const MAX_ARRIVAL_BYTES = 1024 * 1024;

/** Status that ws reports when a connection ended without a close frame. */
const ABNORMAL_CLOSURE = 1006;

class WsConnection implements Connection {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, events: ConnectionEvents) {
    this.#socket = socket;
    let opened = false;
    let ended = false;
    const fail = (code: string, detail: string) => {
      if (ended || opened) return;
      ended = true;
      events.failed(code, detail);
    };
    socket.on('open', () => {
      opened = true;
      events.opened();
    });
    socket.on('message', (data: Buffer) => events.received(data));
    socket.on('unexpected-response', (request, response) => {
      fail(`HTTP_${response.statusCode}`, response.statusMessage ?? '');
      request.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(codeOf(error), error.message));
    socket.on('close', (code, reason) => {
      if (ended) return;
      ended = true;
      if (opened) events.closed(code, reason.toString());
      else events.failed(`CLOSE_${code}`, reason.toString());
    });
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: false });
  }

  isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  backlogBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(): void {
    const socket = this.#socket;
    if (socket.readyState === WebSocket.CONNECTING) {
      socket.terminate();
      return;
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.close(1000);
  }
}

function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return error.code;
  return /handshake has timed out/i.test(error.message) ? 'TIMEOUT' : `CLOSE_${ABNORMAL_CLOSURE}`;
}

/** A dialer whose connections send the given headers. Invalid URLs fail like unreachable ones. */
export function wsDialer(headers: Readonly<Record<string, string>>): Dialer {
  return {
    dial(url, events) {
      const limits = { closeTimeout: CLOSE_TIMEOUT_MS };
      const socket = new WebSocket(url, {
        ...limits,
        headers,
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        maxPayload: MAX_ARRIVAL_BYTES,
        skipUTF8Validation: true,
      });
      return new WsConnection(socket, events);
    },
  };
}
