/** Whether an address stays on this machine: then there is no account behind it, and nothing is billed. */

/** Whether a URL leads to this machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The endpoint that stands in for all of AWS; null for AWS itself. */
export function customEndpoint(): string | null {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  return endpoint === undefined || endpoint === '' ? null : endpoint;
}

/** Whether calls end at this machine. */
export function isLocalEndpoint(): boolean {
  const endpoint = customEndpoint();
  return endpoint !== null && URL.canParse(endpoint) && isLoopback(endpoint);
}
