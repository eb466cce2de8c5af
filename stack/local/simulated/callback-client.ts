/**
 * Stands in for `@aws-sdk/client-apigatewaymanagementapi` in simulated functions, without HTTP. It keeps what can
 * change a run: attempts and the waits between them, the request time-out, the abort signal, and the names and
 * statuses of errors. Retries are the SDK's standard mode ("Retry behavior", AWS SDKs and Tools reference guide): up
 * to three attempts for throttling, errors of the server and of the network; a random part of 100 ms, 500 ms after
 * throttling, doubled each time; and a token bucket of 500, of which a retry takes five.
 */
import type { Random } from '../../../bench/ports.ts';
import type { Apis } from '../gateway/apis.ts';
import { FORBIDDEN } from '../gateway/refusal.ts';
import type { ActionResult, ConnectionManager } from '../ports.ts';
import type { SandboxTime } from './sandbox-time.ts';

const ATTEMPTS = 3;
const DELAY_BASE_MS = 100;
const THROTTLING_DELAY_BASE_MS = 500;
const LONGEST_DELAY_MS = 20_000;
const RETRY_TOKENS = 500;
const RETRY_COST = 5;

export interface CallbackSdkOptions {
  readonly apis: Apis;
  readonly time: SandboxTime;
  readonly random: Random;
}

type Input = { readonly ConnectionId?: unknown; readonly Data?: unknown };

class Command {
  readonly input: Input;

  constructor(input: Input) {
    this.input = input;
  }
}

class PostToConnectionCommand extends Command {}
class GetConnectionCommand extends Command {}
class DeleteConnectionCommand extends Command {}

/** An error as the SDK throws it. */
class ServiceError extends Error {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };

  constructor(name: string, message: string, status: number, attempts: number) {
    super(message);
    this.name = name;
    this.$fault = status < 500 ? 'client' : 'server';
    this.$metadata = { httpStatusCode: status, attempts };
  }
}

interface ClientConfig {
  readonly endpoint?: unknown;
  readonly maxAttempts?: unknown;
  readonly requestHandler?: { readonly requestTimeout?: unknown; readonly throwOnRequestTimeout?: unknown };
}

type SendOptions = { readonly abortSignal?: AbortSignal };

interface Target {
  readonly gateway: ConnectionManager;
  readonly stageName: string;
}

/** What an attempt came to: the answer, or an error that was no answer. */
type Attempt = ActionResult<unknown> | { readonly ok: false; readonly status: null; readonly error: Error };

const NEVER = new Promise<never>(() => {});

/** The module. Each environment has its own, as each process loads its own. */
export function callbackSdk({ apis, time, random }: CallbackSdkOptions): Readonly<Record<string, unknown>> {
  class ApiGatewayManagementApiClient {
    readonly config: ClientConfig;
    readonly #endpoint: URL;
    #tokens = RETRY_TOKENS;

    constructor(config: ClientConfig = {}) {
      this.config = config;
      this.#endpoint = new URL(String(config.endpoint));
    }

    async send(command: Command, { abortSignal }: SendOptions = {}): Promise<unknown> {
      const most = Number(this.config.maxAttempts ?? ATTEMPTS);
      for (let attempts = 1; ; attempts++) {
        if (abortSignal?.aborted) throw aborted();
        // A process that has ended sends nothing more and receives nothing.
        if (time.isOver) return NEVER;
        const attempt = await time.waitFor(this.#attempt(command, abortSignal));
        if (time.isOver) return NEVER;
        if (attempt.ok) {
          this.#tokens = Math.min(RETRY_TOKENS, this.#tokens + 1);
          return { $metadata: { httpStatusCode: 200, attempts }, ...(attempt.value as object | null) };
        }
        if (attempts >= most || !isTransient(attempt) || this.#tokens < RETRY_COST)
          throw errorOf(attempt, attempts);
        this.#tokens -= RETRY_COST;
        await time.sleep(retryDelayMs(attempt.status === 429, attempts, random));
      }
    }

    destroy(): void {}

    #attempt(command: Command, abortSignal: AbortSignal | undefined): Promise<Attempt> {
      const { requestTimeout, throwOnRequestTimeout } = this.config.requestHandler ?? {};
      const answer = perform(targetOf(apis, this.#endpoint), command);
      const limitMs = throwOnRequestTimeout === true ? Number(requestTimeout ?? 0) : 0;
      return limitMs > 0 || abortSignal !== undefined ? raced(answer, time, limitMs, abortSignal) : answer;
    }
  }

  class ApiGatewayManagementApi extends ApiGatewayManagementApiClient {
    postToConnection(input: Input, options?: SendOptions): Promise<unknown> {
      return this.send(new PostToConnectionCommand(input), options);
    }
    getConnection(input: Input, options?: SendOptions): Promise<unknown> {
      return this.send(new GetConnectionCommand(input), options);
    }
    deleteConnection(input: Input, options?: SendOptions): Promise<unknown> {
      return this.send(new DeleteConnectionCommand(input), options);
    }
  }

  return {
    ApiGatewayManagementApiClient,
    ApiGatewayManagementApi,
    PostToConnectionCommand,
    GetConnectionCommand,
    DeleteConnectionCommand,
  };
}

/** The API that an endpoint names: `https://ID.execute-api.REGION.amazonaws.com/v1`. */
function targetOf(apis: Apis, { host, pathname }: URL): Target | undefined {
  const found = apis.find(host, pathname);
  const stageName = found?.path.split('/', 2)[1];
  return found && stageName !== undefined ? { gateway: found.gateway, stageName } : undefined;
}

async function perform(target: Target | undefined, command: Command): Promise<Attempt> {
  if (target === undefined) return FORBIDDEN;
  const { gateway, stageName } = target;
  const connectionId = String(command.input.ConnectionId);
  if (command instanceof PostToConnectionCommand)
    return gateway.post(stageName, connectionId, bytesOf(command.input.Data));
  if (command instanceof DeleteConnectionCommand) return gateway.remove(stageName, connectionId);
  const answer = gateway.get(stageName, connectionId);
  return answer.ok ? { ok: true, value: described(answer.value) } : answer;
}

/** A copy, as the wire makes one. */
function bytesOf(data: unknown): Buffer {
  return data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(String(data ?? ''));
}

function described(value: Extract<ReturnType<ConnectionManager['get']>, { ok: true }>['value']) {
  return {
    ConnectedAt: new Date(value.connectedAt),
    LastActiveAt: new Date(value.lastActiveAt),
    Identity: { SourceIp: value.identity.sourceIp, UserAgent: value.identity.userAgent },
  };
}

/** The answer, unless the time-out (0 for none) or the signal is first. The gateway goes on with what it was asked all the same. */
function raced(
  answer: Promise<Attempt>,
  time: SandboxTime,
  limitMs: number,
  abortSignal: AbortSignal | undefined,
): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const message = `request did not complete within requestTimeout ${limitMs} ms`;
    const timedOut: Attempt = { ok: false, status: null, error: named('TimeoutError', message) };
    const stop = limitMs > 0 ? time.after(limitMs, () => settle(() => resolve(timedOut))) : null;
    const abort = () => settle(() => reject(aborted()));
    const settle = (act: () => void) => {
      stop?.();
      abortSignal?.removeEventListener('abort', abort);
      act();
    };
    abortSignal?.addEventListener('abort', abort);
    answer.then(
      (attempt) => settle(() => resolve(attempt)),
      (error) => settle(() => reject(error)),
    );
  });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const aborted = () => named('AbortError', 'Request aborted');

function isTransient({ status }: Extract<Attempt, { ok: false }>): boolean {
  return status === null || status === 429 || status >= 500;
}

function retryDelayMs(isThrottled: boolean, attempts: number, random: Random): number {
  const baseMs = isThrottled ? THROTTLING_DELAY_BASE_MS : DELAY_BASE_MS;
  return Math.floor(random.next() * Math.min(LONGEST_DELAY_MS, baseMs * 2 ** (attempts - 1)));
}

function errorOf(attempt: Extract<Attempt, { ok: false }>, attempts: number): Error {
  if (attempt.status === null) return attempt.error;
  // The SDK's own word for an error without a body.
  return new ServiceError(attempt.code, attempt.message || 'UnknownError', attempt.status, attempts);
}
