/**
 * Clients of the AWS SDK, all made the same way. Region, credentials and endpoint are found as the SDK always finds them:
 * environment, profile, instance. There is one addition: against an endpoint on this machine (`AWS_ENDPOINT_URL` of a
 * local stage) there is no account, so a region and credentials stand in, and real credentials are never sent there.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { STSClient } from '@aws-sdk/client-sts';
import { warnOfOldNode } from '../../bench/node/node-version.ts';
import { isLocalEndpoint } from './loopback.ts';

/** Attempts of a call, throttled ones included; the SDK waits longer each time. A local stage that is not there stays away. */
const MAX_ATTEMPTS = { aws: 8, local: 3 } as const;

/** A TCP handshake across the world takes less than half a second. */
const CONNECT_MS = 5_000;

/** A socket on which nothing moves for so long won't move again: the SDK itself would wait for ever. */
const SILENCE_MS = 20_000;

/** How long a client waits for its peer. */
export const PATIENCE = { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS } as const;

/** Used for a local stage where nothing else is said. */
const LOCAL_REGION = 'us-east-1';

/**
 * Credentials for an endpoint on this machine. An access key id of twelve digits is no key but the number of an account, as
 * local stand-ins of AWS have it, so that one may be sent.
 */
export function localCredentials(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  const key = process.env.AWS_ACCESS_KEY_ID ?? '';
  return { accessKeyId: /^\d{12}$/.test(key) ? key : 'local', secretAccessKey: 'local' };
}

/** The region that the environment names; null where it names none. */
export function regionOfEnvironment(): string | null {
  return process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || null;
}

function settings(region: string | null) {
  warnOfOldNode();
  const local = isLocalEndpoint();
  const chosen = region ?? (local ? (regionOfEnvironment() ?? LOCAL_REGION) : null);
  return {
    requestHandler: PATIENCE,
    maxAttempts: local ? MAX_ATTEMPTS.local : MAX_ATTEMPTS.aws,
    ...(chosen === null ? {} : { region: chosen }),
    ...(local ? { credentials: localCredentials() } : {}),
  };
}

/** `region` null is the SDK's default. */
export function cloudFormationClient(region: string | null): CloudFormationClient {
  return new CloudFormationClient(settings(region));
}

export function cloudWatchClient(region: string | null): CloudWatchClient {
  return new CloudWatchClient(settings(region));
}

export function kinesisClient(region: string | null): KinesisClient {
  return new KinesisClient(settings(region));
}

export function stsClient(region: string | null): STSClient {
  return new STSClient(settings(region));
}
