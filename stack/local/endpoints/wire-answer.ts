/** Puts an answer on the wire. An answer that goes on ends with its client: what it waits for then is let go. */
import { once } from 'node:events';
import type { WireResponse } from './one-port.ts';
import type { WireAnswer } from './protocol.ts';

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
