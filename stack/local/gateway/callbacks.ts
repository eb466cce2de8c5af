/**
 * Serves the `@connections` callback API over HTTP, as the ApiGatewayManagementApi clients of the AWS SDKs call it. A
 * request without a signature is refused as by AWS; there is no secret to check a signature against.
 */
import { readBody, respond, type WireRequest, type WireResponse } from '../endpoints/one-port.ts';
import { AwsError } from '../errors.ts';
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
  respond(response, status, message === '' ? '' : JSON.stringify({ message }), { 'x-amzn-errortype': code });
}

export function callbackHandler(options: CallbacksOptions): CallbackHandler {
  return (request, response) => {
    const match = CALLBACK_PATH.exec(request.url ?? '');
    if (match === null) return false;
    const { method, headers, url = '' } = request;
    const gateway = options.find(headers.host, url)?.gateway;
    const ids = [decoded(match[1]!), decoded(match[2]!)] as const;
    // A signature in the query is none: a web page could write one into an address.
    if (headers.authorization === undefined) answer(response, UNSIGNED);
    else if (gateway === undefined) answer(response, FORBIDDEN);
    else if (method === 'GET') answer(response, gateway.get(...ids));
    else if (method === 'DELETE') answer(response, gateway.remove(...ids), 204);
    else if (method !== 'POST') answer(response, UNSIGNED);
    else
      readBody(request, options.messageBytes, (body) => {
        if (body === null) answer(response, TOO_LARGE);
        else gateway.post(...ids, body).then((result) => answer(response, result));
      });
    return true;
  };
}

const UNSIGNED = new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function answer(response: WireResponse, result: ActionResult<unknown>, emptyStatus = 200): void {
  if (!result.ok) refuse(response, result.status, result.code, result.message);
  else if (result.value !== null) respond(response, 200, JSON.stringify(result.value));
  else response.writeHead(emptyStatus, emptyStatus === 204 ? undefined : { 'content-length': 0 }).end();
}
