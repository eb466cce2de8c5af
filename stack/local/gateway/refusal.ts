/**
 * What the gateway says when it refuses: `@connections` with status, code and message of the ApiGatewayManagementApi service
 * model, and error frames to the client whose message failed.
 */
import { AwsError } from '../errors.ts';

export const FORBIDDEN = new AwsError('ForbiddenException', 'Forbidden', 403);
/** Its answer has no body: the code is in the header alone (seen in public reports, such as aws-sdk-js #3773). */
export const GONE = new AwsError('GoneException', '', 410);
export const TOO_LARGE = new AwsError('PayloadTooLargeException', 'Payload Too Large', 413);
export const TOO_MANY = new AwsError('LimitExceededException', 'Too Many Requests', 429);

/** 11 bytes in base64, as API Gateway hands them out: `L0SM9cOFvHcCIhw=`. */
const CONNECTION_ID = /^[A-Za-z0-9+/_-]{15}=$/;

/** The refusal of an id that no connection has: one that never was an id is told apart. */
export function unknownConnection(connectionId: string): AwsError {
  if (CONNECTION_ID.test(connectionId)) return GONE;
  return new AwsError('BadRequestException', `Invalid connectionId: ${connectionId}`);
}

/**
 * Shape and spacing are those of frames published in public logs (aws-samples/simple-websockets-chat-app issues 24 and 46).
 * `Forbidden` and `Internal server error` were seen there; no public capture of the others was found, so their text
 * follows the gateway's HTTP responses and is unverified.
 */
export type ErrorFrameText =
  | 'Endpoint request timed out'
  | 'Forbidden'
  | 'Internal server error'
  | 'Too Many Requests'
  | 'Unsupported Media Type';

/** The text frame that tells a client that its message failed; the connection stays open. */
export function errorFrame(text: ErrorFrameText, connectionId: string, requestId: string): Buffer {
  return Buffer.from(`{"message": "${text}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
}

/** The metric that counts each failure of an integration, and the text for the client. */
export const FAILURES = {
  unsupported: { meter: 'ClientError', text: 'Unsupported Media Type' },
  integrationError: { meter: 'IntegrationError', text: 'Internal server error' },
  executionError: { meter: 'ExecutionError', text: 'Internal server error' },
  timedOut: { meter: 'ExecutionError', text: 'Endpoint request timed out' },
} as const;
