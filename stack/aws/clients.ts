/**
 * Clients of the AWS SDK, all made the same way. Region, credentials and endpoint are found as the SDK always finds them:
 * environment, profile, instance. Against an endpoint on this machine (`AWS_ENDPOINT_URL` of a local stage) there is no
 * account, so a region and credentials stand in, and real credentials are never sent there. Whatever fails is a StageError.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { warnOfOldNode } from '../../bench/node/node-version.ts';
import { explained } from './stage-error.ts';

/** Whether a URL leads to this machine: then there is no account behind it, and nothing is billed. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The endpoint that stands in for all of AWS; null for AWS itself. */
export function customEndpoint(): string | null {
  return process.env.AWS_ENDPOINT_URL || null;
}

/** Whether calls end at this machine. */
export function isLocalEndpoint(): boolean {
  const endpoint = customEndpoint();
  return endpoint !== null && URL.canParse(endpoint) && isLoopback(endpoint);
}

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

/** What clients have in common. */
interface SdkClient {
  readonly config: { readonly region: () => Promise<string> };
}

type SdkClientClass<Client extends SdkClient> = new (settings: ReturnType<typeof settingsIn>) => Client;

/** A client of a service; `region` null is the SDK's default. `maxAttempts` is for questions that only courtesies depend on. */
export function clientOf<Client extends SdkClient>(
  Service: SdkClientClass<Client>,
  region: string | null,
  maxAttempts: number | null = null,
): Client {
  warnOfOldNode();
  const client = new Service(settingsIn(region, maxAttempts));
  // All clients take the same middleware, but the SDK types it for each client's own commands.
  const { middlewareStack } = client as unknown as CloudFormationClient;
  middlewareStack.add(
    (next, { clientName, commandName }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const found = await client.config.region().catch(() => region);
          throw explained(
            { action: actionOf(clientName, commandName), region: found, endpoint: customEndpoint() },
            error,
          );
        }
      },
    { name: 'explained', step: 'initialize', priority: 'high' },
  );
  return client;
}

/** The IAM name of what a command asks for: `cloudformation:DescribeStacks`. */
function actionOf(clientName = '', commandName = ''): string {
  return `${clientName.replace(/Client$/, '').toLowerCase()}:${commandName.replace(/Command$/, '')}`;
}

function settingsIn(region: string | null, maxAttempts: number | null) {
  const isLocal = isLocalEndpoint();
  const chosen = region ?? (isLocal ? (regionOfEnvironment() ?? LOCAL_REGION) : null);
  return {
    requestHandler: PATIENCE,
    maxAttempts: maxAttempts ?? MAX_ATTEMPTS[isLocal ? 'local' : 'aws'],
    ...(chosen === null ? {} : { region: chosen }),
    ...(isLocal ? { credentials: localCredentials() } : {}),
  };
}

/** The items of all pages that one of the SDK's paginators gives. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(itemsOf(page) ?? []));
  return found;
}
