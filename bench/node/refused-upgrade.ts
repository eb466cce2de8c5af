/** What a server answered that was reached and did not upgrade: status, where it sends us or when to come again, its words. */
import type { IncomingMessage } from 'node:http';
import { excerptOf } from '../model/excerpt.ts';
import { maskedAddress, type Redact } from '../model/secrets.ts';

/** Read of a page: its title is among the first bytes, and a secret that it repeats is not cut in two. */
const MAX_BODY_BYTES = 8 * 1024;

/** Characters shown of a header's value, and of the body. */
const MAX_SHOWN = 120;

/** A body that takes longer is left unread. */
const BODY_WITHIN_MS = 500;

/** Headers that say what to do, in the order in which they are told. */
const TELLING = ['location', 'retry-after', 'www-authenticate'] as const;

/** Reads what it takes and calls `told` once, with a clause without a full stop. It is redacted before it is shortened. */
export function tellRefusal(response: IncomingMessage, redact: Redact, told: (clause: string) => void): void {
  let body = Buffer.alloc(0);
  let isTold = false;
  const tell = () => {
    if (isTold) return;
    isTold = true;
    clearTimeout(limit);
    told(clauseOf(response, body.toString('utf8'), redact));
  };
  const limit = setTimeout(tell, BODY_WITHIN_MS);
  response.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk.subarray(0, MAX_BODY_BYTES - body.length)]);
    if (body.length >= MAX_BODY_BYTES) tell();
  });
  for (const end of ['end', 'error', 'close']) response.once(end, tell);
}

function clauseOf(
  { statusCode, statusMessage, headers }: IncomingMessage,
  body: string,
  redact: Redact,
): string {
  const shortened = (text: string) => excerptOf(Buffer.from(text), MAX_SHOWN, redact);
  const status = `${statusCode} ${shortened(statusMessage ?? '')}`.trim();
  const fields = TELLING.flatMap((name) => {
    const value = headers[name];
    if (typeof value !== 'string') return [];
    const shown = name === 'location' ? maskedAddress(value) : value;
    return [`${nameOf(name)}: ${shortened(shown)}`];
  });
  const text = shortened(body.replaceAll(/\s+/g, ' ').trim());
  return [`it answered ${status}`, ...fields, ...(text === '' ? [] : [`"${text}"`])].join(', ');
}

function nameOf(field: (typeof TELLING)[number]): string {
  return { location: 'Location', 'retry-after': 'Retry-After', 'www-authenticate': 'WWW-Authenticate' }[
    field
  ];
}
