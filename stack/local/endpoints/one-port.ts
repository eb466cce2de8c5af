/**
 * Listens for HTTP/1.1 and HTTP/2 on one loopback port. AWS's Kinesis clients speak HTTP/2 with prior knowledge (RFC
 * 9113, section 3.3), everything else HTTP/1.1, and one endpoint URL has to do for both. So the first bytes of each
 * connection are peeked at, and it then belongs to one server for good. The HTTP/1.1 server listens: its limits,
 * timeouts and upgrades stay as Node made them.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request of either version; the members they share are all that the endpoints use. */
export type WireRequest = IncomingMessage | Http2ServerRequest;
export type WireResponse = ServerResponse | Http2ServerResponse;

export interface OnePortOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Address to bind; loopback unless told otherwise. */
  readonly host?: string;
  readonly onRequest: (request: WireRequest, response: WireResponse) => void;
  /** A request to change protocols, HTTP/1.1 only. The socket is the handler's from then on. Without one: hung up. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Connections that may wait to be accepted: a driver that opens thousands at once must not be refused. */
  readonly backlog?: number;
}

export interface OnePort {
  readonly port: number;
  /** Takes no more connections; those that are open go on. */
  stop(): void;
  /**
   * Stops, and cuts every HTTP connection. Resolves when all sockets are gone, upgraded ones included: those are their
   * owner's to end.
   */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const LISTEN_BACKLOG = 4_096;
/** Idle HTTP connections stay open longer than any SDK keeps them, so that the client is the one to close them. */
const KEEP_ALIVE_MS = 75_000;
/** How long a client may be silent before its first bytes, as Node bounds the headers that would follow. */
const FIRST_BYTES_MS = 60_000;
/** RFC 9113, section 3.4. No HTTP/1.1 request line begins so. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Listens. Rejects with an Error in plain words when the port is taken. */
export async function listenOnePort(options: OnePortOptions): Promise<OnePort> {
  const { port, host = LOOPBACK, onRequest, onUpgrade = hangUp, backlog = LISTEN_BACKLOG } = options;
  const http1 = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
  const http2 = createHttp2Server(onRequest);
  http1.on('upgrade', onUpgrade);
  const undecided = divide(http1, http2);
  const sessions = sessionsOf(http2);
  await listening(http1, port, host, backlog);
  const closed = once(http1, 'close');
  const stop = (): void => {
    if (http1.listening) http1.close();
  };
  return {
    port: (http1.address() as AddressInfo).port,
    stop,
    close: async () => {
      stop();
      for (const socket of undecided) socket.destroy();
      for (const session of sessions) session.destroy();
      http1.closeAllConnections();
      await closed;
    },
  };
}

function hangUp(_request: IncomingMessage, socket: Duplex): void {
  socket.destroy();
}

async function listening(server: Server, port: number, host: string, backlog: number): Promise<void> {
  server.listen({ port, host, backlog });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} on ${host} is already in use; choose another`, { cause: error });
  }
}

/** Puts the look at the first bytes in front of the HTTP/1.1 server. Returns the sockets still to be looked at. */
function divide(http1: Server, http2: Http2Server): ReadonlySet<Socket> {
  const undecided = new Set<Socket>();
  const acceptHttp1 = http1.listeners('connection');
  http1.removeAllListeners('connection');
  http1.on('connection', (socket: Socket) => {
    undecided.add(socket);
    peek(socket, (isHttp2) => {
      undecided.delete(socket);
      if (isHttp2 === null) socket.destroy();
      else if (isHttp2) handOver(http2, socket);
      else for (const accept of acceptHttp1) accept.call(http1, socket);
    });
  });
  return undecided;
}

/**
 * Node's HTTP/1.1 server takes sockets that may stay open in one direction; on such a socket an HTTP/2 session would not
 * notice that its client is gone.
 */
function handOver(http2: Http2Server, socket: Socket): void {
  socket.allowHalfOpen = false;
  http2.emit('connection', socket);
}

/** Tells whether the first bytes are HTTP/2's, and leaves them to be read again; null when that will never be known. */
function peek(socket: Socket, tell: (isHttp2: boolean | null) => void): void {
  let seen: Buffer | null = null;
  const decide = (isHttp2: boolean | null): void => {
    socket.off('readable', look).off('error', fail).off('close', fail).off('end', fail).off('timeout', fail);
    socket.setTimeout(0);
    if (isHttp2 !== null && seen !== null) socket.unshift(seen);
    tell(isHttp2);
  };
  const fail = (): void => decide(null);
  const look = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen === null ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    const matches = PREFACE.subarray(0, length).equals(seen.subarray(0, length));
    if (!matches || length === PREFACE.length) decide(matches);
  };
  socket.setTimeout(FIRST_BYTES_MS);
  socket.on('readable', look).on('error', fail).on('close', fail).on('end', fail).on('timeout', fail);
}

/** The open HTTP/2 sessions. A session's failure ends its streams, which is where it is noticed. */
function sessionsOf(http2: Http2Server): ReadonlySet<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  return sessions;
}

/** Sends a response of JSON text, which may be empty. */
export function respond(
  response: WireResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const about = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  response.writeHead(status, { ...about, ...headers });
  response.end(json);
}

/** Collects a body, or gives null as soon as it is longer than the limit; the rest of such a body is read and let go. */
export function readBody(
  request: WireRequest,
  limitBytes: number,
  done: (body: Buffer | null) => void,
): void {
  let chunks: Buffer[] | null = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks?.push(chunk);
    else if (chunks !== null) {
      chunks = null;
      done(null);
    }
  });
  request.on('end', () => {
    if (chunks !== null) done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  });
}
