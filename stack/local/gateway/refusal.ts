/**
 * What `@connections` answers when it refuses: status, error code and message of the ApiGatewayManagementApi service
 * model. The endpoint and the gateway behind it refuse for the same reasons, so they answer from one list.
 */

export const FORBIDDEN = {
  ok: false,
  status: 403,
  code: 'ForbiddenException',
  message: 'Forbidden',
} as const;
export const GONE = { ok: false, status: 410, code: 'GoneException', message: 'Gone' } as const;
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
