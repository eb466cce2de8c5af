/**
 * Serves the Lambda Runtime API (version 2018-06-01) to the execution environments of a function. Their own runtime
 * comes by a socket pair, since it wants to block. Environments are told apart by a secret first path segment, which
 * also keeps other processes of this machine out.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readBody, respond } from '../endpoints/one-port.ts';
import { newGuard } from '../guard.ts';

/** An event to be handled, as `next` returns it. */
export interface RuntimeEvent {
  readonly requestId: string;
  readonly deadlineEpochMs: number;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
}

/** What a runtime reports when something failed; the fields of the error body it posts. */
export interface RuntimeFailure {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** One environment, as the server sees it. */
export interface RuntimeClient {
  /** The runtime is ready and waits. `give` may be called once, at any later time. */
  next(give: (event: RuntimeEvent) => void): void;
  /** The function's answer, JSON. False if that request is not under way. */
  response(requestId: string, payload: string): boolean;
  error(requestId: string, failure: RuntimeFailure): boolean;
  initError(failure: RuntimeFailure): void;
}

/** Largest answer of a synchronous invocation ("Lambda quotas"), with room for JSON escapes in an error's stack. */
const BODY_BYTES = 6 * 1_024 * 1_024 + 65_536;

const VERSION = '2018-06-01';
const ACCEPTED = '{"status":"OK"}';

const refusalOf = newGuard();

export class RuntimeApi {
  readonly #server: Server;
  readonly #clients = new Map<string, RuntimeClient>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free loopback port. */
  static async start(): Promise<RuntimeApi> {
    const server = createServer();
    // An environment's connection idles for as long as a handler runs; closing it would look like the stage's end.
    server.keepAliveTimeout = 0;
    const api = new RuntimeApi(server);
    server.on('request', (request, response) => api.#serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** Admits an environment. Returns its `AWS_LAMBDA_RUNTIME_API`: host, port and its secret. */
  register(client: RuntimeClient): { readonly address: string; readonly leave: () => void } {
    const secret = randomBytes(16).toString('hex');
    this.#clients.set(secret, client);
    const { port } = this.#server.address() as AddressInfo;
    return { address: `127.0.0.1:${port}/${secret}`, leave: () => this.#clients.delete(secret) };
  }

  /** Serves what comes in on a socket that was not accepted here: an environment's end of a pair. */
  connect(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Path: `/SECRET/2018-06-01/runtime/…`. */
  #serve(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refusalOf(request);
    if (refusal !== null) {
      refuse(response, 403, 'Forbidden', `Forbidden: ${refusal}`);
      return;
    }
    const [, secret = '', version, runtime, ...action] = (request.url ?? '').split('/');
    const client = this.#clients.get(secret);
    if (!client || version !== VERSION || runtime !== 'runtime') {
      refuse(response, 403, 'Forbidden');
      return;
    }
    if (request.method === 'GET' && action.join('/') === 'invocation/next') {
      client.next((event) =>
        respond(response, 200, event.payload, {
          'lambda-runtime-aws-request-id': event.requestId,
          'lambda-runtime-deadline-ms': String(Math.floor(event.deadlineEpochMs)),
          'lambda-runtime-invoked-function-arn': event.functionArn,
        }),
      );
      return;
    }
    readBody(request, BODY_BYTES, (body) => act(client, action, body?.toString() ?? null, response));
  }
}

/** `body` is null when it was too large. */
function act(
  client: RuntimeClient,
  action: readonly string[],
  body: string | null,
  response: ServerResponse,
): void {
  const [kind, requestId = '', verb] = action;
  if (kind === 'init' && requestId === 'error') {
    client.initError(failureIn(body));
    respond(response, 202, ACCEPTED);
  } else if (kind !== 'invocation' || (verb !== 'response' && verb !== 'error'))
    refuse(response, 404, 'NotFound');
  else if (!settled(client, requestId, verb, body)) refuse(response, 400, 'InvalidRequestID');
  else if (body === null) refuse(response, 413, 'RequestEntityTooLarge');
  else respond(response, 202, ACCEPTED);
}

function settled(
  client: RuntimeClient,
  requestId: string,
  verb: 'response' | 'error',
  body: string | null,
): boolean {
  if (verb === 'error') return client.error(requestId, failureIn(body));
  if (body !== null) return client.response(requestId, body);
  const errorMessage = 'Response payload size exceeded maximum allowed payload size (6291556 bytes).';
  return client.error(requestId, { errorType: 'Function.ResponseSizeTooLarge', errorMessage });
}

/** The error a runtime posted; one that can't be read is still an error. */
function failureIn(body: string | null): RuntimeFailure {
  try {
    const failure: unknown = JSON.parse(body ?? '');
    if (typeof failure !== 'object') throw new SyntaxError('not an object');
    const { errorType, errorMessage } = failure as Record<string, unknown>;
    return { errorType: String(errorType ?? 'Error'), errorMessage: String(errorMessage ?? '') };
  } catch {
    const errorMessage = 'The runtime reported an error that is not readable JSON';
    return { errorType: 'Runtime.Unknown', errorMessage };
  }
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage = errorType): void {
  respond(response, status, JSON.stringify({ errorType, errorMessage }));
}
