/** What the tests of the wire protocols share: endpoints with toy actions on a port of their own. */
import type { TestContext } from 'node:test';
import type { Actions, ServiceName } from '../action.ts';
import { awsEndpoints } from '../endpoints.ts';
import { listenOnePort } from '../one-port.ts';

export const CREDENTIALS = { accessKeyId: 'x', secretAccessKey: 'y' } as const;

/** A header that looks signed by the given service, which is all that is looked for. */
export function signature(signingName: string): string {
  return `AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/${signingName}/aws4_request, SignedHeaders=host, Signature=0`;
}

export interface ServedEndpoints {
  readonly endpoint: string;
  /** What was logged so far. */
  readonly log: readonly string[];
  /** Settings for an SDK client; failures are not tried again. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof CREDENTIALS;
    readonly maxAttempts: number;
  };
}

/** Serves the actions until the test ends. */
export async function serveEndpoints(
  t: TestContext,
  services: Readonly<Partial<Record<ServiceName, Actions>>>,
  bodyBytes = 100_000,
): Promise<ServedEndpoints> {
  const log: string[] = [];
  const handle = awsEndpoints({
    services,
    bodyBytes,
    log: (text) => log.push(text),
    requestId: () => 'request-1',
  });
  const port = await listenOnePort({
    port: 0,
    onRequest: (request, response) => {
      if (handle(request, response) !== false) return;
      response.statusCode = 418;
      response.end();
    },
  });
  t.after(() => port.close());
  const endpoint = `http://127.0.0.1:${port.port}`;
  return {
    endpoint,
    log,
    client: { endpoint, region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 1 },
  };
}
