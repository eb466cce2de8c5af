/**
 * What `@connections` returns when it refuses: status, error code and message of the ApiGatewayManagementApi service
 * model. The endpoint and the gateway behind it refuse for the same reasons, so they have one list.
 */

export const FORBIDDEN = {
  ok: false,
  status: 403,
  code: 'ForbiddenException',
  message: 'Forbidden',
} as const;
/** Its answer has no body: the code is in the header alone (seen in public reports, such as aws-sdk-js #3773). */
export const GONE = { ok: false, status: 410, code: 'GoneException', message: '' } as const;
export const TOO_LARGE = {
  ok: false,
  status: 413,
  code: 'PayloadTooLargeException',
  message: 'Payload Too Large',
} as const;
export const TOO_MANY = {
  ok: false,
  status: 429,
  code: 'LimitExceededException',
  message: 'Too Many Requests',
} as const;

/** 11 bytes in base64, as API Gateway hands them out: `L0SM9cOFvHcCIhw=`. */
const CONNECTION_ID = /^[A-Za-z0-9+/_-]{15}=$/;

/** The refusal of an id that never was one; null for any other, of a connection or not. */
export function malformed(connectionId: string) {
  if (CONNECTION_ID.test(connectionId)) return null;
  const message = `Invalid connectionId: ${connectionId}`;
  return { ok: false, status: 400, code: 'BadRequestException', message } as const;
}

/**
 * Text frames in which API Gateway tells a client that its message failed; the connection stays open. Shape and
 * spacing are those of frames published in public logs (aws-samples/simple-websockets-chat-app issues 24 and 46).
 * `Forbidden` and `Internal server error` were seen there; no public capture of the others was found, so their text
 * follows the gateway's HTTP responses and is unverified.
 */

export type ErrorFrameText =
  | 'Endpoint request timed out'
  | 'Forbidden'
  | 'Internal server error'
  | 'Too Many Requests'
  | 'Unsupported Media Type';

export function errorFrame(text: ErrorFrameText, connectionId: string, requestId: string): Buffer {
  return Buffer.from(`{"message": "${text}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
}
