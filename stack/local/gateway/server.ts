/**
 * The gateway's sockets: one loopback port that takes WebSocket upgrades for the API's stages and HTTP requests for its
 * callbacks. This is the only file of the gateway that knows ws and node:http; what a client does on the wire becomes a
 * call on the gateway here, and the reverse.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Profile } from '../profile.ts';
import { type CallbackHandler, refuse } from './callbacks.ts';
import type { ClientSocket, GatewayConnection } from './connection.ts';
import { FrameWatch } from './frame-watch.ts';
import type { Gateway } from './gateway.ts';

export interface GatewayServerOptions {
  readonly gateway: Gateway;
  readonly callbacks: CallbackHandler;
  readonly quotas: Pick<Profile['quotas'], 'messageBytes' | 'frameBytes'>;
  /** 0 takes any free port. */
  readonly port: number;
}

/** How long clients get to answer the closing handshake before their sockets are destroyed. */
const CLOSE_LIMIT_MS = 500;
/** Idle HTTP connections stay open longer than any SDK keeps them, so that the client is the one to close them. */
const KEEP_ALIVE_MS = 75_000;
/** Connections that may wait to be accepted: a driver that opens thousands at once must not be refused. */
const LISTEN_BACKLOG = 4_096;

const LOOPBACK = '127.0.0.1';

export class GatewayServer {
  readonly port: number;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #gateway: Gateway;

  private constructor(http: Server, webSockets: WebSocketServer, gateway: Gateway) {
    this.#http = http;
    this.#webSockets = webSockets;
    this.#gateway = gateway;
    this.port = (http.address() as AddressInfo).port;
  }

  /** Listens on loopback. Rejects with an Error in plain words when the port is taken. */
  static async listen({ gateway, callbacks, quotas, port }: GatewayServerOptions): Promise<GatewayServer> {
    const webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: true,
      maxPayload: quotas.messageBytes,
    });
    const http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      if (!callbacks(request, response)) refuse(response, 403, 'ForbiddenException', 'Forbidden');
    });
    http.on('upgrade', (request, socket, head) =>
      upgrade({ gateway, webSockets, frameBytes: quotas.frameBytes }, request, socket, head),
    );
    await listening(http, port);
    return new GatewayServer(http, webSockets, gateway);
  }

  /** Closes every client with 1001 and every HTTP connection, and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#webSockets.close();
    this.#gateway.close();
    const { clients } = this.#webSockets;
    const limit = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, CLOSE_LIMIT_MS);
    await Promise.all([...clients].map((client) => new Promise((resolve) => client.once('close', resolve))));
    clearTimeout(limit);
    this.#http.closeAllConnections();
    await closed;
  }
}

async function listening(http: Server, port: number): Promise<void> {
  http.listen({ port, host: LOOPBACK, backlog: LISTEN_BACKLOG });
  try {
    await once(http, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} on ${LOOPBACK} is already in use; choose another`, { cause: error });
  }
}

interface UpgradeParts {
  readonly gateway: Gateway;
  readonly webSockets: WebSocketServer;
  readonly frameBytes: number;
}

function upgrade(parts: UpgradeParts, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const admission = parts.gateway.admit({
    path: (request.url ?? '/').split('?', 1)[0] ?? '/',
    sourceIp: (socket as Socket).remoteAddress ?? LOOPBACK,
    userAgent: request.headers['user-agent'] ?? '',
  });
  if (!admission.ok) {
    refuseUpgrade(socket, admission.status, admission.message);
    return;
  }
  parts.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    const connection = admission.accept(new WsClientSocket(webSocket, parts.frameBytes));
    attach(connection, webSocket, socket, parts.frameBytes);
  });
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Turns what happens on a socket into calls on its connection. */
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

class WsClientSocket implements ClientSocket {
  readonly #webSocket: WebSocket;
  readonly #frameBytes: number;

  constructor(webSocket: WebSocket, frameBytes: number) {
    this.#webSocket = webSocket;
    this.#frameBytes = frameBytes;
  }

  /** Large messages leave as a text frame and continuation frames. */
  sendText(body: Buffer): void {
    let start = 0;
    for (; body.length - start > this.#frameBytes; start += this.#frameBytes) {
      this.#webSocket.send(body.subarray(start, start + this.#frameBytes), { binary: false, fin: false });
    }
    this.#webSocket.send(start === 0 ? body : body.subarray(start), { binary: false });
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  backlogBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }
}
