/**
 * Public addresses of APIs, as they are reached on this machine. Templates spell them as AWS serves them,
 * `wss://ID.execute-api.REGION.amazonaws.com/v1`; in a stack's outputs they become `ws://127.0.0.1:PORT/ID/v1`, so that
 * whatever reads the outputs can connect with no hosts file edited. Text around them stays.
 */
const PUBLIC_ADDRESS =
  /(?:(wss?|https?):\/\/)?([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

/** Schemes without TLS, as there is none here. */
const PLAIN: Readonly<Record<string, string>> = { wss: 'ws', https: 'http' };

/** Rewrites the addresses in a value for a stage served at `authority`, such as `127.0.0.1:4566`. */
export function reachableAt(authority: string): (value: string) => string {
  return (value) =>
    value.replaceAll(PUBLIC_ADDRESS, (_, scheme: string | undefined, apiId: string) => {
      const prefix = scheme === undefined ? '' : `${PLAIN[scheme] ?? scheme}://`;
      return `${prefix}${authority}/${apiId}`;
    });
}
