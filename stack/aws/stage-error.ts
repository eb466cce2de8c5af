/**
 * What went wrong with AWS, as one message that a person can act on. The SDK's errors say what happened on the wire; here
 * each is told as what it means and what to do. Errors that are none of AWS's pass through untouched: they are bugs, and
 * a bug keeps its stack.
 */
import { OperatingError } from '../../bench/model/failure.ts';

/** An operation on AWS failed in a way that the user can act on: the message is all they need to see. */
export class StageError extends OperatingError {
  /** The SDK's error, where that is why; its name is AWS's code. */
  declare readonly cause?: Error;

  /** Whether AWS received the request and refused it, as opposed to a lost connection, where it may be at work. */
  get isRefusal(): boolean {
    const { $metadata } = (this.cause ?? {}) as { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    return status >= 400 && status < 500;
  }
}

/** A resource or stack that AWS does not know. */
export class UnknownStackError extends StageError {}

const EXPIRED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
  'UnauthorizedSSOTokenError',
]);
const REJECTED = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'UnauthorizedOperation',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
]);
const UNREACHABLE = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

const HOW_TO_SIGN_IN =
  "sign in ('aws sso login', 'aws configure') and choose the profile with AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/** A call of the SDK, for the message about its failure. */
export interface Call {
  /** The IAM name of the action, such as `cloudformation:CreateChangeSet`. */
  readonly action: string;
  /** Null where not even the region was found. */
  readonly region: string | null;
  /** The endpoint that stands in for AWS; null for AWS itself. */
  readonly endpoint: string | null;
}

/** What AWS returns; null where it fails with an error of the kind. Other errors are bugs, and thrown. */
export async function orNull<T>(asking: Promise<T>, Kind: typeof StageError = StageError): Promise<T | null> {
  return asking.catch((error: unknown) => {
    if (error instanceof Kind) return null;
    throw error;
  });
}

/** The error as a {@link StageError}, or the error itself where it is a bug or an abort. */
export function explained(call: Call, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StageError || error.name === 'AbortError') return error;
  const text =
    signInText(error) ?? networkText(call, error) ?? refusalText(call, error) ?? otherText(call, error);
  if (text === null) return error;
  const Kind = isUnknownStack(error) ? UnknownStackError : StageError;
  return new Kind(text, { cause: error });
}

function isUnknownStack({ name, message }: Error): boolean {
  return name === 'ValidationError' && /does not exist/.test(message);
}

function signInText(error: Error): string | null {
  if (/^Region is missing/.test(error.message)) return missingRegionText();
  if (/^Region not accepted/.test(error.message)) return `region: ${error.message}`;
  const isSsoExpiry = /(session|token).*expired/i.test(error.message);
  if (EXPIRED.has(error.name) || (error.name === 'CredentialsProviderError' && isSsoExpiry)) {
    return `the AWS credentials have expired (${oneLine(error.message)}): ${HOW_TO_SIGN_IN}`;
  }
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError') {
    return `no AWS credentials were found (${oneLine(error.message)}): ${HOW_TO_SIGN_IN}`;
  }
  if (REJECTED.has(error.name)) {
    return `AWS does not accept the credentials (${error.name}: ${oneLine(error.message)}): ${HOW_TO_SIGN_IN}; where they are right, check this machine's clock`;
  }
  return null;
}

/** The AWS CLI reads a variable that the SDK does not: who has set that one wonders. */
function missingRegionText(): string {
  const ofCli = process.env.AWS_DEFAULT_REGION;
  const given = ofCli ? `, as AWS_REGION=${ofCli}` : '';
  return `no AWS region: give --region, or set AWS_REGION${given} (AWS_DEFAULT_REGION is read by the AWS CLI and not by the SDK)`;
}

function networkText({ region, endpoint }: Call, error: Error): string | null {
  const code = networkCode(error);
  if (code === null) return notAwsText(endpoint, error);
  if (endpoint !== null) {
    return `nothing answers at AWS_ENDPOINT_URL ${endpoint} (${code}): start it ('npm run stage:local'), or unset the variable to reach AWS`;
  }
  const hint = code === 'ENOTFOUND' ? `is '${region}' a region of AWS, and ` : '';
  return `AWS can't be reached in ${region} (${code}): ${hint}is this machine online?`;
}

/** The system's code of a failed connection, wherever the SDK and Node wrapped it. */
function networkCode(error: Error): string | null {
  if (error.name === 'TimeoutError') return 'timeout';
  const causes: unknown[] = [
    error,
    error.cause,
    ...('errors' in error && Array.isArray(error.errors) ? error.errors : []),
  ];
  for (const cause of causes) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (UNREACHABLE.has(code)) return code;
  }
  return null;
}

/** The SDK could not read the response. */
function notAwsText(endpoint: string | null, error: Error): string | null {
  if (!/Deserialization error/i.test(error.message)) return null;
  return `what answers at ${endpoint ?? 'the endpoint'} does not speak AWS's protocol (${oneLine(error.message)})`;
}

function refusalText({ action, region }: Call, { name, message }: Error): string | null {
  if (DENIED.has(name)) {
    return `AWS denies ${action} in ${region}: ${oneLine(message)}; the caller's policy must allow that action`;
  }
  if (name === 'OptInRequired')
    return `region ${region} is not enabled for this account: ${oneLine(message)}`;
  if (THROTTLED.has(name)) return `AWS throttled ${action}, also after retries: try again in a minute`;
  return null;
}

function otherText({ action }: Call, error: Error): string | null {
  if (!('$metadata' in error)) return null;
  return `${action} failed: ${oneLine(error.message)} (${error.name})`;
}

function oneLine(text: string): string {
  return text.split('\n')[0]!.replace(/[.:\s]+$/, '');
}
