/** What the fleet's AWS clients have in common: how long they wait and how often they try. The SDK's defaults wait for ever. */
import { warnOfOldNode } from '../node/node-version.ts';

/** A TCP handshake across the world takes less than half a second. */
const CONNECT_MS = 5_000;

/** A socket on which nothing moves in either direction for so long won't move again. Both services answer within a second. */
const SILENCE_MS = 20_000;

/** Attempts of a call that may be repeated, with the SDK's growing waits between: a throttle of some seconds is sat out. */
const ATTEMPTS = 5;

/** What a test wants otherwise; everybody else has it from the environment, as the SDK finds it. */
export interface AwsSettings {
  readonly silenceMs?: number;
  readonly attempts?: number;
  readonly retryMs?: number;
  readonly client?: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** Settings for a client's constructor. */
export function awsClientSettings({ silenceMs = SILENCE_MS, attempts = ATTEMPTS, client }: AwsSettings = {}) {
  warnOfOldNode();
  return {
    ...client,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
  };
}

/** What was being done, for a sentence of its own. */
export interface AwsErrand {
  /** What the sentence begins with, such as `store: s3://bucket`. */
  readonly subject: string;
  /** Permissions that the errand needs. */
  readonly permissions: string;
}

const REMEDIES: readonly (readonly [codes: RegExp, remedy: (errand: AwsErrand) => string])[] = [
  [
    /^(CredentialsProviderError|TokenProviderError)$/,
    () =>
      'there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the task a role',
  ],
  [
    /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/,
    () => 'the AWS credentials have expired; sign in again (aws sso login, or new session credentials)',
  ],
  [
    /^(InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|InvalidToken|SignatureDoesNotMatch|InvalidSignatureException)$/,
    () => 'AWS does not accept the credentials; check AWS_PROFILE and the AWS_ variables of the environment',
  ],
  [/^RequestTimeTooSkewed$/, () => "this machine's clock is wrong by more than AWS accepts; set it"],
  [
    /^(AccessDenied|AccessDeniedException|AllAccessDisabled|AccountProblem|Forbidden|403)$/,
    ({ permissions }) => `AWS does not allow it; the user or role needs ${permissions}`,
  ],
  [/^NoSuchBucket$/, () => 'there is no such bucket; make it, or correct the name'],
  [
    /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|301)$/,
    () => 'the bucket is in another region; set AWS_REGION to it',
  ],
  [
    /^(SlowDown|Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|503|429)$/,
    () => 'AWS asks for fewer requests, however often it was tried again',
  ],
  [
    /^(TimeoutError|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/,
    () => 'AWS could not be reached; check network, proxy, region and AWS_ENDPOINT_URL',
  ],
];

/** A sentence about the error. */
export function awsProblem(error: unknown, errand: AwsErrand): string {
  const { name, message } = error as Error;
  const codes = codesOf(error);
  const remedy = isWithoutRegion(error)
    ? 'there is no AWS region; set AWS_REGION, or a profile that has one (AWS_DEFAULT_REGION is for the AWS CLI, and the SDK does not read it)'
    : REMEDIES.find(([known]) => codes.some((code) => known.test(code)))?.[1](errand);
  const words = [name, message]
    .filter((text) => text && text !== 'Error' && text !== 'UnknownError')
    .join(': ');
  if (remedy === undefined)
    return `${errand.subject}: ${words || 'AWS answered with an error without words'}`;
  return `${errand.subject}: ${remedy}${words === '' ? '' : ` (${words})`}`;
}

/** An answer without a body, as to a HEAD, has a status only; errors of the network have Node's codes. */
function codesOf(error: unknown): string[] {
  const { name, code, $metadata } = error as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return [name, code, $metadata?.httpStatusCode].filter((each) => each !== undefined).map(String);
}

function isWithoutRegion(error: unknown): boolean {
  return error instanceof Error && /region is missing/i.test(error.message);
}
