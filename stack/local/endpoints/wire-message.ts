/**
 * Receives a request whole, or says why not. Bodies are bounded, before and after decompression, so that no client can
 * fill the stage's memory; what a client sends beyond the bound is read and let go, since a client that is still
 * writing would not see its refusal.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { WireRequest } from './one-port.ts';
import type { WireMessage } from './protocol.ts';

/** A message, and what is wrong with its body: then it has none. Gone is a client that hung up on its own request. */
export type Received =
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
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('tooLarge');
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('close', () => resolve('gone'));
    request.on('error', () => resolve('gone'));
  });
}
