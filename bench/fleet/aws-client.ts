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
