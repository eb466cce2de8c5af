/**
 * Quotas of API Gateway that depend on the Region, and the new connections that it takes: defaults of an account, which may
 * have been given more. The local stage follows them and the warnings before a run are about them, so they are stated once.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html ("Amazon API Gateway quotas") and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html,
 * read in November 2026.
 */

/** New WebSocket connections a second, of an account in a Region. */
export const CONNECTS_PER_SECOND = 500;

/** Requests of an account in a Region, messages and callbacks together: a token bucket. */
const REQUESTS = { perSecond: 10_000, burst: 5_000 } as const;
const FEWER_REQUESTS = { perSecond: 2_500, burst: 1_250 } as const;

/** Cape Town, Milan, Jakarta, UAE, Hyderabad, Melbourne, Spain, Zurich, Tel Aviv, Calgary, Malaysia, Thailand, Mexico. */
const FEWER_IN = new Set([
  'af-south-1',
  'eu-south-1',
  'ap-southeast-3',
  'me-central-1',
  'ap-south-2',
  'ap-southeast-4',
  'eu-south-2',
  'eu-central-2',
  'il-central-1',
  'ca-west-1',
  'ap-southeast-5',
  'ap-southeast-7',
  'mx-central-1',
]);

/** The default quota of requests in a Region. */
export function requestQuotaIn(region: string): { readonly perSecond: number; readonly burst: number } {
  return FEWER_IN.has(region) ? FEWER_REQUESTS : REQUESTS;
}

/** Codes of these quotas and of Lambda's concurrency in Service Quotas. */
export const QUOTA_CODES = {
  requestsPerSecond: { service: 'apigateway', code: 'L-8A5B8E43', name: 'Throttle rate' },
  requestBurst: { service: 'apigateway', code: 'L-CDF5615A', name: 'Throttle burst rate' },
  connectsPerSecond: {
    service: 'apigateway',
    code: 'L-9ED1E49A',
    name: 'New connections per second per account (WebSocket API) across all WebSocket APIs per region',
  },
  executions: { service: 'lambda', code: 'L-B99A9384', name: 'Concurrent executions' },
} as const;

/** Functions that an account runs at once by default: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const CONCURRENT_EXECUTIONS = 1_000;
