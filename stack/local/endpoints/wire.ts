/**
 * Receives requests whole and sends answers. Bodies are bounded, before and after decompression; what a client sends
 * beyond the bound is read and let go, since a client that is still writing would not see its refusal.
 */
import { once } from 'node:events';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readBody, type WireRequest, type WireResponse } from './one-port.ts';
import type { WireAnswer, WireMessage } from './protocol.ts';

/** A message, and what is wrong with its body: then it has none. Gone is a client that hung up on its own request. */
type Received =
  | { readonly kind: 'whole' | 'tooLarge' | 'undecodable'; readonly message: WireMessage }
  | { readonly kind: 'gone' };

/** All of a message but its body: known when the request begins. */
export type MessageHead = Omit<WireMessage, 'body' | 'form'>;

const NO_BODY = Buffer.alloc(0);
const FORM_TYPE = 'application/x-www-form-urlencoded';

const unzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

export function headOf(request: WireRequest): MessageHead {
  const [path = '/', ...search] = (request.url ?? '/').split('?');
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search.join('?')),
    headers: request.headers,
  };
}

/** Receives the body of a request. Never rejects. */
export async function receive(
  request: WireRequest,
  head: MessageHead,
  limitBytes: number,
): Promise<Received> {
  const raw = await collect(request, limitBytes);
  if (raw === 'gone') return { kind: 'gone' };
  if (raw === 'tooLarge') return { kind: 'tooLarge', message: messageOf(head, NO_BODY) };
  if (head.headers['content-encoding'] !== 'gzip') return { kind: 'whole', message: messageOf(head, raw) };
  try {
    const body = await unzip(raw, { maxOutputLength: limitBytes });
    return { kind: 'whole', message: messageOf(head, body) };
  } catch (error) {
    const kind =
      (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'undecodable';
    return { kind, message: messageOf(head, NO_BODY) };
  }
}

function messageOf(head: MessageHead, body: Buffer): WireMessage {
  const isForm = (head.headers['content-type'] ?? '').toLowerCase().startsWith(FORM_TYPE);
  return { ...head, body, form: isForm ? new URLSearchParams(body.toString('utf8')) : head.query };
}

function collect(request: WireRequest, limitBytes: number): Promise<Buffer | 'tooLarge' | 'gone'> {
  return new Promise((resolve) => {
    readBody(request, limitBytes, (body) => resolve(body ?? 'tooLarge'));
    request.on('close', () => resolve('gone'));
    request.on('error', () => resolve('gone'));
  });
}

// Puts an answer on the wire. An answer that goes on ends with its client: what it waits for then is let go.

/** Sends; settles when everything was handed over, or the client is gone. */
export async function send(response: WireResponse, answer: WireAnswer, signal: AbortSignal): Promise<void> {
  const { status, headers, body } = answer;
  if (signal.aborted) return;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    head(response, status, { ...headers, ...length });
    end(response, body);
    return;
  }
  head(response, status, headers);
  await stream(response, body, signal);
}

/** Both versions' responses have these methods, with signatures that TypeScript can't call as one. */
function head(response: WireResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function end(response: WireResponse, body?: Uint8Array | string): void {
  (response as NodeJS.WritableStream).end(body ?? '');
}

/** Chunks as they come, no faster than the client reads. */
async function stream(
  response: WireResponse,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const gone = aborted(signal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), gone]);
      if (next === null || next.done) break;
      const flowing = (response as NodeJS.WritableStream).write(next.value);
      if (!flowing) await Promise.race([once(response, 'drain', { signal }).catch(() => null), gone]);
    }
  } finally {
    // Not awaited: a source that is waiting for its own next event would hold us up.
    if (signal.aborted) iterator.return?.().catch(() => undefined);
    else end(response);
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
