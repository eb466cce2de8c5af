/**
 * Serves WebSockets, callbacks and the AWS endpoints on the stage's one port, over HTTP/1.1 and HTTP/2. Nothing is
 * served before the guard has seen it. A page of an allowed origin gets the headers of cross-origin resource sharing
 * (Fetch Standard, section 3.2), as from AWS.
 */
import type { EndpointsHandler } from './endpoints/endpoints.ts';
import { listenOnePort, type WireRequest, type WireResponse } from './endpoints/one-port.ts';
import type { Apis } from './gateway/apis.ts';
import { callbackHandler, refuse } from './gateway/callbacks.ts';
import { GatewaySockets, refuseUpgrade } from './gateway/sockets.ts';
import { type Guard, newGuard } from './guard.ts';
import type { Profile } from './profile.ts';

export interface FrontOptions {
  readonly apis: Apis;
  readonly quotas: Profile['quotas'];
  /** The AWS endpoints, loaded when first asked for; null where only the APIs are served. */
  readonly endpoints: (() => Promise<EndpointsHandler>) | null;
  /** 0 takes any free port. */
  readonly port: number;
  /** Origins whose web pages may call; none unless told otherwise. */
  readonly allowedOrigins?: readonly string[];
  /** Told why calls were refused, a few times. */
  readonly log?: (line: string) => void;
}

/** Refusals written to the log, one for each reason. */
const LOGGED_REFUSALS = 5;

const NO_ENDPOINTS =
  'Forbidden: the stage of a run serves its WebSocket API and @connections only; `bench stage local` serves the AWS endpoints';

export interface Front {
  readonly port: number;
  /** Closes every client with 1001 and every other connection, and frees the port. */
  close(): Promise<void>;
}

/** Listens on loopback. Rejects with an Error in plain words when the port is taken. */
export async function listenFront(options: FrontOptions): Promise<Front> {
  const { apis, quotas, endpoints, port, allowedOrigins = [], log = () => {} } = options;
  const judge = newGuard({ allowedOrigins, isOwnName: (name) => apis.gaveOut(name) });
  const refusalOf = tellingFew(judge, log);
  const find: Apis['find'] = (host, path) => apis.find(host, path);
  const sockets = new GatewaySockets({ find, quotas });
  const callbacks = callbackHandler({ find, messageBytes: quotas.messageBytes });
  const onePort = await listenOnePort({
    port,
    onRequest: (request, response) => {
      const refusal = refusalOf(request);
      if (refusal !== null) refuse(response, 403, 'ForbiddenException', refusal);
      else if (shareWithPage(request, response)) return;
      else if (!callbacks(request, response)) void serve(endpoints, request, response);
    },
    onUpgrade: (request, socket, head) => {
      const refusal = refusalOf(request);
      if (refusal !== null) refuseUpgrade(socket, 403, refusal);
      else sockets.upgrade(request, socket, head);
    },
  });
  const close = async () => {
    onePort.stop();
    apis.close();
    await sockets.close();
    await onePort.close();
  };
  return { port: onePort.port, close };
}

async function serve(
  endpoints: FrontOptions['endpoints'],
  request: WireRequest,
  response: WireResponse,
): Promise<void> {
  if (endpoints === null) return refuse(response, 403, 'ForbiddenException', NO_ENDPOINTS);
  const handler = await endpoints();
  if (handler(request, response) === false) refuse(response, 403, 'ForbiddenException', 'Forbidden');
}

/** Logs the guard's first few reasons: a browser hides them from its page, whose author may be the user. */
function tellingFew(judge: Guard, log: (line: string) => void): Guard {
  const told = new Set<string>();
  return (request) => {
    const reason = judge(request);
    if (reason === null) return null;
    if (told.size < LOGGED_REFUSALS && !told.has(reason)) {
      told.add(reason);
      log(`refused a call: ${reason}`);
    }
    return `Forbidden: ${reason}`;
  };
}

/** Lets a page of an allowed origin read the response; true when the request was a preflight, which is complete now. */
function shareWithPage({ method, headers }: WireRequest, response: WireResponse): boolean {
  if (headers.origin === undefined) return false;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('vary', 'Origin');
  if (method !== 'OPTIONS') return false;
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '');
  response.setHeader('access-control-allow-private-network', 'true');
  response.statusCode = 204;
  (response as NodeJS.WritableStream).end();
  return true;
}
