/** Connects WebSockets of clients to the gateway of their API. It is the only file of the gateway that knows ws. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Profile } from '../profile.ts';
import type { Apis } from './apis.ts';
import type { ClientSocket, GatewayConnection } from './connection.ts';

interface GatewaySocketsOptions {
  /** The API that a request is for, and the path below it. */
  readonly find: Apis['find'];
  readonly quotas: Pick<Profile['quotas'], 'messageBytes' | 'frameBytes'>;
}

/** How long clients get to answer the closing handshake before their sockets are destroyed. */
const CLOSE_LIMIT_MS = 500;

const LOOPBACK = '127.0.0.1';

export class GatewaySockets {
  readonly #options: GatewaySocketsOptions;
  readonly #webSockets: WebSocketServer;

  constructor(options: GatewaySocketsOptions) {
    this.#options = options;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: true,
      // API Gateway names a subprotocol only where the integration of $connect does, and such integrations don't run here.
      handleProtocols: () => false,
      maxPayload: options.quotas.messageBytes,
    });
  }

  /** Answers a request to upgrade a connection: with a WebSocket, or with the refusal of its API. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { find, quotas } = this.#options;
    const target = find(request.headers.host, (request.url ?? '/').split('?', 1)[0] ?? '/');
    const admission = target?.gateway.admit({
      path: target.path,
      sourceIp: (socket as Socket).remoteAddress ?? LOOPBACK,
      userAgent: request.headers['user-agent'] ?? '',
    });
    if (!admission?.ok) {
      refuseUpgrade(socket, admission?.status ?? 403, admission?.message ?? 'Forbidden');
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = admission.accept(clientSocket(webSocket, quotas.frameBytes));
      attach(connection, webSocket, socket, quotas.frameBytes);
    });
  }

  /** Waits until every client has answered the closing handshake that its gateway began, or gives up on it. */
  async close(): Promise<void> {
    this.#webSockets.close();
    const { clients } = this.#webSockets;
    const limit = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, CLOSE_LIMIT_MS);
    await Promise.all([...clients].map((client) => new Promise((resolve) => client.once('close', resolve))));
    clearTimeout(limit);
  }
}

export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function attach(
  connection: GatewayConnection,
  webSocket: WebSocket,
  socket: Duplex,
  frameBytes: number,
): void {
  const frames = new FrameWatch(frameBytes, () => connection.close(1009, 'Message too long'));
  // Ahead of ws's own listener: the connection is closed before ws delivers the message that the frame is part of.
  socket.prependListener('data', (chunk: Buffer) => frames.read(chunk));
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) connection.close(1003, 'Binary is not supported');
    else connection.received((data as Buffer).toString('utf8'));
  });
  webSocket.on('ping', () => connection.touched());
  webSocket.on('close', () => connection.closed());
  // ws has answered a protocol error with its close code by the time it reports it; close follows.
  webSocket.on('error', () => connection.closed());
}

function clientSocket(webSocket: WebSocket, frameBytes: number): ClientSocket {
  return {
    /** Large messages leave as a text frame and continuation frames. */
    sendText(body) {
      let start = 0;
      for (; body.length - start > frameBytes; start += frameBytes)
        webSocket.send(body.subarray(start, start + frameBytes), { binary: false, fin: false });
      webSocket.send(start === 0 ? body : body.subarray(start), { binary: false });
    },
    close: (code, reason) => webSocket.close(code, reason),
    reset: () => webSocket.terminate(),
    backlogBytes: () => webSocket.bufferedAmount,
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
  };
}

/** Longest header before the payload: 2 bytes, 8 of extended length, 4 of mask. */
const HEADER_LIMIT_BYTES = 14;
const MASK_BYTES = 4;

/**
 * Sees the size of every WebSocket frame a client sends. API Gateway limits frames (32 KB) as well as messages
 * (128 KB), and ws reports messages only. So the bytes of the socket are walked here, header by header (RFC 6455 section
 * 5.2), before ws reads them; payloads are stepped over, never looked at, so a frame costs a few additions.
 */
export class FrameWatch {
  readonly #oversized: () => void;
  readonly #limitBytes: number;
  readonly #header = Buffer.alloc(HEADER_LIMIT_BYTES);
  #headerBytes = 0;
  #payloadBytesLeft = 0;

  /** Calls `oversized` for each frame whose payload is longer than the limit, as soon as its header is complete. */
  constructor(limitBytes: number, oversized: () => void) {
    this.#limitBytes = limitBytes;
    this.#oversized = oversized;
  }

  /** Takes the next bytes of the stream, however they are cut. */
  read(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#payloadBytesLeft > 0) {
        const step = Math.min(this.#payloadBytesLeft, chunk.length - offset);
        this.#payloadBytesLeft -= step;
        offset += step;
      } else {
        this.#header[this.#headerBytes++] = chunk[offset++]!;
        if (this.#headerBytes >= this.#headerLength()) this.#endHeader();
      }
    }
  }

  #headerLength(): number {
    if (this.#headerBytes < 2) return 2;
    const isMasked = (this.#header[1]! & 0x80) !== 0;
    return 2 + this.#extendedLengthBytes() + (isMasked ? MASK_BYTES : 0);
  }

  #extendedLengthBytes(): 0 | 2 | 8 {
    const length = this.#header[1]! & 0x7f;
    if (length < 126) return 0;
    return length === 126 ? 2 : 8;
  }

  #endHeader(): void {
    const extended = this.#extendedLengthBytes();
    let length = this.#header[1]! & 0x7f;
    if (extended === 2) length = this.#header.readUInt16BE(2);
    if (extended === 8) length = this.#header.readUInt32BE(2) * 0x1_0000_0000 + this.#header.readUInt32BE(6);
    this.#headerBytes = 0;
    this.#payloadBytesLeft = length;
    if (length > this.#limitBytes) this.#oversized();
  }
}
