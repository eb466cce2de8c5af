/**
 * Words for what the driver cuts a connection for, which is neither a close nor a failure of the stage's network:
 * PROTOCOL_… where the stage broke the protocol (RFC 6455 section 7.1.7 has the client fail the connection then), LIMIT_…
 * where it sent more than the driver takes. Likewise HANDSHAKE_… for an upgrade that is none.
 */

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

/** The word for an error on an open connection; null for one of the network, which is no cut. */
export function cutCodeOf({ code }: NodeJS.ErrnoException): string | null {
  return code === undefined ? null : (CUTS[code] ?? (code.startsWith('WS_ERR_') ? 'PROTOCOL_ERROR' : null));
}

/** By what `ws` says of an answer to the handshake that it can't take; it gives no codes here. */
const HANDSHAKES: readonly (readonly [RegExp, string])[] = [
  [/subprotocol/i, 'HANDSHAKE_SUBPROTOCOL'],
  [/extension/i, 'HANDSHAKE_EXTENSION'],
  [/Accept header/i, 'HANDSHAKE_ACCEPT'],
  [/Upgrade header/i, 'HANDSHAKE_UPGRADE'],
];

/** The word for an error before a connection was open. */
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
