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

/** The frame's payload. */
export function errorFrame(text: ErrorFrameText, connectionId: string, requestId: string): Buffer {
  return Buffer.from(`{"message": "${text}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
}
