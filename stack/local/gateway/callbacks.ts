/**
 * Serves the `@connections` callback API over HTTP, as the ApiGatewayManagementApi clients of the AWS SDKs call it. A
 * request without a signature is refused as by AWS; there is no secret to check a signature against.
 */
import { readBody, type WireRequest, type WireResponse } from '../endpoints/one-port.ts';
import type { ActionResult, ConnectionManager } from '../ports.ts';
import { FORBIDDEN, TOO_LARGE } from './refusal.ts';

export interface CallbacksOptions {
  /** The API that a request is for, and the path below it. */
  readonly find: (
    host: string | undefined,
    path: string,
  ) => { readonly gateway: ConnectionManager; readonly path: string } | undefined;
  /** Largest body taken, bytes. */
  readonly messageBytes: number;
}

/** `/v1/@connections/L0SM9cOFvHcCIhw%3D`, with or without the API's id before it. */
const CALLBACK_PATH = /\/([^/?]+)\/(?:@|%40)connections\/([^/?]+)(?:\?.*)?$/i;

/** Answers a callback request. False when the request's path is not a callback's: then nothing was done. */
export type CallbackHandler = (request: WireRequest, response: WireResponse) => boolean;

/** An error body and header that AWS SDKs for REST-JSON services understand. Without a message there is no body. */
export function refuse(response: WireResponse, status: number, code: string, message: string): void {
  const body = message === '' ? '' : JSON.stringify({ message });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-errortype': code,
  });
  response.end(body);
}

export function callbackHandler(options: CallbacksOptions): CallbackHandler {
  return (request, response) => {
    const match = CALLBACK_PATH.exec(request.url ?? '');
    if (match === null) return false;
    // A signature in the query is none: a web page could write one into an address.
    if (request.headers.authorization === undefined) {
      refuse(response, 403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
      return true;
    }
    const target = options.find(request.headers.host, request.url ?? '');
    const [stageName, connectionId] = [decoded(match[1]!), decoded(match[2]!)];
    if (target === undefined) answer(response, FORBIDDEN);
    else serve({ ...options, connections: target.gateway }, request, response, stageName, connectionId);
    return true;
  };
}

function serve(
  { connections, messageBytes }: { connections: ConnectionManager; messageBytes: number },
  request: WireRequest,
  response: WireResponse,
  stageName: string,
  connectionId: string,
): void {
  switch (request.method) {
    case 'POST':
      readBody(request, messageBytes, (body) => {
        if (body === null) answer(response, TOO_LARGE);
        else connections.post(stageName, connectionId, body).then((result) => answer(response, result));
      });
      return;
    case 'GET':
      answer(response, connections.get(stageName, connectionId));
      return;
    case 'DELETE':
      answer(response, connections.remove(stageName, connectionId), 204);
      return;
    default:
      refuse(response, 403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const NO_BODY = { 'content-length': 0 } as const;

function answer(response: WireResponse, result: ActionResult<unknown>, emptyStatus = 200): void {
  if (!result.ok) {
    refuse(response, result.status, result.code, result.message);
    return;
  }
  if (result.value === null) {
    response.writeHead(emptyStatus, emptyStatus === 204 ? undefined : NO_BODY).end();
    return;
  }
  const body = JSON.stringify(result.value);
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
