/**
 * Codes and texts for how a connection ended other than by a close: PROTOCOL_… where the stage broke the protocol and the driver
 * cut the connection for it (RFC 6455 section 7.1.7), LIMIT_… where it sent more than the driver takes, HANDSHAKE_… for an upgrade
 * that is not valid, and what a server said that was reached and did not upgrade.
 */
import type { IncomingMessage } from 'node:http';
import { excerptOf } from '../model/excerpt.ts';
import { maskedAddress, type Redact } from '../model/secrets.ts';

/** The stage pinged faster than its pongs could leave. */
export const TOO_MANY_PINGS = 'LIMIT_PINGS';

/** By the code of the error that `ws` gives. */
const CUTS: Readonly<Record<string, string>> = {
  WS_ERR_UNEXPECTED_RSV_1: 'PROTOCOL_RSV1',
  WS_ERR_UNEXPECTED_RSV_2_3: 'PROTOCOL_RSV23',
  WS_ERR_INVALID_OPCODE: 'PROTOCOL_OPCODE',
  WS_ERR_EXPECTED_FIN: 'PROTOCOL_FRAGMENTED_CONTROL',
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: 'PROTOCOL_CONTROL_LENGTH',
  WS_ERR_UNEXPECTED_MASK: 'PROTOCOL_MASKED',
  WS_ERR_INVALID_CLOSE_CODE: 'PROTOCOL_CLOSE_CODE',
  WS_ERR_INVALID_UTF8: 'PROTOCOL_UTF8',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'LIMIT_MESSAGE',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'LIMIT_MESSAGE',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'LIMIT_FRAGMENTS',
};

/** The code for an error on an open connection; null for one of the network, for which the driver did not cut it. */
export function cutCodeOf({ code }: NodeJS.ErrnoException): string | null {
  return code === undefined ? null : (CUTS[code] ?? (code.startsWith('WS_ERR_') ? 'PROTOCOL_ERROR' : null));
}

/** By the message of `ws` about a handshake that it refuses; it has no codes for these. */
const HANDSHAKES: readonly (readonly [RegExp, string])[] = [
  [/subprotocol/i, 'HANDSHAKE_SUBPROTOCOL'],
  [/extension/i, 'HANDSHAKE_EXTENSION'],
  [/Accept header/i, 'HANDSHAKE_ACCEPT'],
  [/Upgrade header/i, 'HANDSHAKE_UPGRADE'],
];

/** The code for an error before a connection was open. */
export function failureCodeOf({ code, message }: NodeJS.ErrnoException): string {
  if (code !== undefined) return code;
  return HANDSHAKES.find(([pattern]) => pattern.test(message))?.[1] ?? 'HANDSHAKE';
}

/** Node's errors about a certificate that no known authority has signed. */
const UNKNOWN_AUTHORITY = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** What an error says, with the remedy where only the user has one. */
export function failureTextOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === undefined || !UNKNOWN_AUTHORITY.has(code)) return message;
  return `${message}; if its authority is a private one, name its certificate with NODE_EXTRA_CA_CERTS=ca.pem`;
}

/** Read of a page: its title is among the first bytes, and a secret that it repeats is not cut in two. */
const MAX_BODY_BYTES = 8 * 1024;

/** Characters shown of a header's value, and of the body. */
const MAX_SHOWN = 120;

/** A body that takes longer is left unread. */
const BODY_WITHIN_MS = 500;

/** Headers that say what to do, in the order in which they are shown. */
const TELLING = {
  location: 'Location',
  'retry-after': 'Retry-After',
  'www-authenticate': 'WWW-Authenticate',
};

/**
 * Calls `told` once with what the server said instead of upgrading: status, where it sends us or when to come again, its text.
 * A clause without a full stop, redacted before it is shortened.
 */
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
  const fields = Object.entries(TELLING).flatMap(([field, name]) => {
    const value = headers[field];
    if (typeof value !== 'string') return [];
    return [`${name}: ${shortened(field === 'location' ? maskedAddress(value) : value)}`];
  });
  const text = shortened(body.replaceAll(/\s+/g, ' ').trim());
  return [`it answered ${status}`, ...fields, ...(text === '' ? [] : [`"${text}"`])].join(', ');
}
